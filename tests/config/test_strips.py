"""What every page says under the top bar while something is wrong with Vibes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.campaigns import make
from tests.people.make import person
from tests.vibes import make as vibes
from vibes import holding, outbox
from vibes.models import Account, VibesList
from vibes.outbox import Order, Visit

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture
def ada(client: Client) -> Client:
    """Somebody who looks while all processes live."""
    for role in ("worker", "beat"):
        vibes.heart(role)
    client.force_login(User.objects.create_user("ada"))
    return client


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


def owe_a_text(offers: VibesList) -> None:
    ana = person(mobile="(312) 555-0142")
    outbox.queue_texts(
        [Order(ana.pk, 1, ana.mobile, "Hi", 1)],
        vibes_list=offers,
        visit=Visit(1, 1, 1, 0, datetime.now(UTC)),
        message_name="Offer",
    )


def strips(ada: Client) -> list[tuple[str, str, str]]:
    found = ada.get("/").context["frame"].strips
    return [(each.level, str(each.words), each.url) for each in found if each.level != "info"]


def test_nothing_is_said_while_all_is_well(ada: Client, offers: VibesList) -> None:
    owe_a_text(offers)

    assert strips(ada) == []


def test_a_held_service_is_said_with_the_way_to_mend_it(ada: Client, offers: VibesList) -> None:
    holding.hold(Account.objects.get(), "no", now=NOON)

    words = "Held: Vibes refuses our login (Vibes). Nothing is lost."
    assert strips(ada) == [("bad", words, "/vibes/")]
    assert words in ada.get("/").content.decode()


def test_a_held_service_that_is_away_is_not_said_to_refuse_us(
    ada: Client, offers: VibesList
) -> None:
    holding.hold(Account.objects.get(), "no", now=NOON)
    Account.objects.update(health=Account.Health.AWAY)

    assert [words for _, words, _ in strips(ada)] == [
        "Held: Vibes cannot be reached (Vibes). Nothing is lost."
    ]


def test_a_simulator_beside_a_real_service_does_not_promise_that_nothing_leaves(
    ada: Client, offers: VibesList
) -> None:
    assert "Simulator: nothing leaves this machine" in ada.get("/search/").content.decode()

    Account.objects.create(name="Real", region="us", health="connected")

    page = ada.get("/search/").content.decode()
    assert "nothing leaves" not in page
    assert "a real service beside it" in page


def test_texts_that_wait_for_a_sender_are_said(ada: Client, offers: VibesList) -> None:
    owe_a_text(offers)
    VibesList.objects.update(sender_fault="Two of them.")

    assert strips(ada) == [("bad", "Texts to Offers wait: Two of them.", "/vibes/")]


def test_a_sender_nobody_waits_for_is_no_news(ada: Client, offers: VibesList) -> None:
    VibesList.objects.update(sender_fault="Two of them.")

    assert strips(ada) == []


def test_a_planned_run_that_did_not_start_is_said_with_the_place_to_decide(ada: Client) -> None:
    campaign = make.ready_campaign()
    make.slot(campaign, NOON, "missed")

    words = (
        "“Send to Chicago” missed its run of June 1, 2026, noon (America/Chicago). "
        "Nothing is sent until you decide."
    )
    assert strips(ada) == [
        ("bad", words, f"/marketing-activities/campaigns/{campaign.pk}/schedule/#slots")
    ]


def test_many_of_them_are_one_strip(ada: Client) -> None:
    campaign = make.ready_campaign()
    for hours in range(5):
        make.slot(campaign, NOON + timedelta(hours=hours), "refused")

    (said,) = strips(ada)

    assert said == (
        "bad",
        "Several planned runs did not start, and wait for somebody to decide.",
        "/#planned",
    )
