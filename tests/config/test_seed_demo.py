"""The demo's world: planted once, whole, and true to its own ledger."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import RequestFactory
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from campaigns import drafts, outline, results
from campaigns.models import Campaign, Node, Run, Verdict
from config.demo_world import AlreadyInUse, plant
from people.models import Activity, Person
from vibes import gate
from vibes.models import Account, OutboxRow, VibesList

pytestmark = pytest.mark.django_db
SIMULATOR = "http://127.0.0.1:9"
NOW = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
R = gate.Reason
EVERY_REASON = {
    *(R.BLOCK_LISTED, R.MARKETING_SUSPENDED, R.NO_MOBILE, R.NUMBER_NOT_VALID),
    *(R.COUNTRY_NOT_ALLOWED, R.LANDLINE, R.DISCONNECTED, R.NEVER_SUBSCRIBED, R.PENDING),
    *(R.DECLINED, R.EXPIRED, R.OPTED_OUT),
}


@pytest.fixture(scope="class")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The world, planted once for a whole class (it takes seconds), and taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        plant(simulator_url=SIMULATOR, now=NOW)
        yield
        transaction.set_rollback(True)


def why_not(city: str) -> Counter[str]:
    offers = VibesList.objects.get(name="Offers")
    why = gate.reason(action=OutboxRow.Action.TEXT, vibes_list=offers)
    people = Person.objects.filter(city=city).annotate(why=why)
    return Counter(people.values_list("why", flat=True))


@pytest.mark.usefixtures("world")
class TestWorld:
    """What is there after planting."""

    def test_has_500_people_with_numbers_nobody_can_have(self) -> None:
        numbers = Person.objects.exclude(mobile="").values_list("mobile", flat=True)

        assert Person.objects.count() == 500
        assert [each for each in numbers if not re.fullmatch(r"\+1\d{3}55501\d\d", each)] == []

    def test_holds_every_reason_not_to_text_among_those_in_chicago(self) -> None:
        reasons = why_not("Chicago")

        assert reasons.total() == 130
        assert reasons.keys() - {""} == EVERY_REASON

    def test_has_numbers_that_two_and_three_people_share(self) -> None:
        in_chicago = Person.objects.filter(city="Chicago").exclude(mobile="")
        holders = Counter(in_chicago.values_list("mobile", flat=True))

        assert Counter(holders.values()) == {1: 112, 2: 3, 3: 1}

    def test_plants_the_tree_the_tour_walks_through(self) -> None:
        paths = Node.objects.values_list("parent__name", "name")

        assert set(paths) == {
            (None, "Spring"),
            ("Spring", "Spring offer"),
            ("Spring offer", "Spring offer text"),
            ("Spring offer", "Send to Chicago"),
            ("Spring offer", "Invite by text"),
            (None, "Winter clearance"),
            ("Winter clearance", "Winter clearance text"),
            ("Winter clearance", "Send winter clearance"),
            (None, "Welcome"),
            ("Welcome", "Welcome text"),
            ("Welcome", "Texte de bienvenue"),
            ("Welcome", "Welcome new subscribers"),
            ("Welcome", "Thank-you text"),
            ("Welcome", "Thank new subscribers"),
            (None, "Archive"),
        }

    def test_leaves_only_the_flows_of_the_tour_to_be_built(self) -> None:
        problems = {str(each): drafts.read(each).problems for each in Campaign.objects.all()}

        assert {name for name, found in problems.items() if found} == {
            "Send to Chicago",
            "Invite by text",
        }

    def test_the_run_that_is_over_adds_up(self) -> None:
        run = Run.objects.get(is_triggered=False)
        [step] = results.sums(run)
        sent = Activity.objects.filter(kind="send_sms", run_id=run.pk)

        assert run.state == Run.State.FINISHED
        assert step.entered == run.entered == sum(count for _, _, count in step.terms)
        assert sent.count() == step.counts[Verdict.State.SENT] > 100
        assert not OutboxRow.objects.open().exists()

    def test_one_campaign_is_triggered_and_active_and_another_requests_it(self) -> None:
        thanks, welcome = (
            Campaign.objects.get(node__name=name)
            for name in ("Thank new subscribers", "Welcome new subscribers")
        )
        [node] = outline.stated(Node.objects.filter(campaign=thanks))
        last = drafts.read(welcome).steps[-1]

        assert Run.objects.active().get().campaign == thanks
        assert node.state == outline.REQUESTED  # type: ignore[attr-defined]
        assert (last.row.kind, last.default.params.campaign) == ("request_campaign", thanks)

    def test_a_second_planting_changes_nothing(self) -> None:
        before = Activity.objects.count()

        assert plant(simulator_url=SIMULATOR, now=NOW) is False
        assert (Account.objects.count(), Activity.objects.count()) == (1, before)

    def test_lets_demo_sign_in(self) -> None:
        user = authenticate(RequestFactory().get("/"), username="demo", password="demo")

        assert user == get_user_model().objects.get(username="demo", is_superuser=True)


def test_stays_away_from_a_database_in_use() -> None:
    get_user_model().objects.create_user("ada")

    with pytest.raises(AlreadyInUse):
        plant(simulator_url=SIMULATOR, now=NOW)
    assert not Person.objects.exists()


def test_stays_away_from_production(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True

    with pytest.raises(CommandError):
        call_command("seed_demo")
