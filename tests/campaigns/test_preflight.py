from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from campaigns import drafts, editor, preflight
from campaigns.content import FlowSpec
from campaigns.models import Webhook
from people.models import Activity, Person
from tests.campaigns import make
from tests.people.make import people, person
from vibes.models import OutboxRow, VibesList

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


@pytest.fixture
def flow(offers: VibesList) -> FlowSpec:
    text = make.approved_message("Hi {{person.First Name:default=friend}}, " + "a" * 160)
    campaign = make.campaign(filters=[make.in_city()], steps=[make.send(text, offers)])
    return drafts.read(campaign).spec


def test_says_who_will_get_it_and_why_the_others_will_not(
    flow: FlowSpec, offers: VibesList
) -> None:
    make.subscribers(offers, 3, city="Chicago")
    person(mobile="312 555 0001", city="Chicago")
    person(city="Chicago")

    found = preflight.forecast(flow, now=NOON)

    assert (found.qualified, found.texts, found.parts) == (5, 3, 6)
    assert dict(found.steps[0].reasons) == {"same-number": 1, "no-mobile-number": 1}


def test_writes_nothing(flow: FlowSpec, offers: VibesList) -> None:
    make.subscribers(offers, 3, city="Chicago")

    preflight.forecast(flow, now=NOON)

    assert not OutboxRow.objects.exists()
    assert not Activity.objects.exists()


def test_shows_the_people_behind_a_reason(flow: FlowSpec, offers: VibesList) -> None:
    ana = make.subscriber(offers, city="Chicago")
    ben = person(city="Chicago")
    step = flow.steps[0].id

    def behind(reason: str) -> list[Person]:
        return preflight.people_by_reason(flow, step_id=step, reason=reason, now=NOON)

    assert (behind("queued"), behind("no-mobile-number")) == ([ana], [ben])


def test_slices_hold_everybody_once_and_split_no_number() -> None:
    made = people(30)
    for place, each in enumerate(made):
        each.mobile = f"+1312555{place // 4:04d}" if place < 24 else ""
    Person.objects.bulk_update(made, ["mobile"])

    slices = list(preflight.slices(Person.objects.all(), size=5))

    assert sorted(pk for each in slices for pk in each) == sorted(each.pk for each in made)
    numbers = [{made_.mobile for made_ in made if made_.pk in each} - {""} for each in slices]
    assert sum(len(each) for each in numbers) == 6


SCORE = ("change_score", {"field": "score", "change": "+1"})


def forecast_of(*steps: make.Settings) -> preflight.Forecast:
    campaign = make.campaign(filters=[make.in_city()], steps=list(steps))
    return preflight.forecast(drafts.read(campaign).spec, now=NOON)


def test_says_what_each_step_that_texts_nobody_does_to_how_many(
    offers: VibesList, settings: Settings
) -> None:
    settings.WEBHOOK_HOSTS = ["shop.example.com"]
    hook = Webhook.objects.create(name="Tell the shop", url="https://shop.example.com/")
    alert = {"to": "ana@example.com", "subject": "Somebody came", "text": "Look."}
    people(3, city="Chicago")

    found = forecast_of(
        make.send(make.approved_message(), offers),
        SCORE,
        ("call_webhook", {"webhook": str(hook.pk)}),
        ("send_alert", alert),
    )

    assert [each.toll for each in found.others] == [
        "Change Score: 3 people",
        "Call Webhook: 3 calls",
        "Send Alert: 3 e-mails",
    ]


def test_whoever_is_told_to_do_nothing_counts_in_no_sentence() -> None:
    people(2, city="Chicago", state="IL")
    person(city="Chicago", state="WI")
    campaign = make.campaign(filters=[make.in_city()], steps=[SCORE])
    choice = make.choice(campaign.steps.get(), condition=make.in_state())
    editor.configure_choice(choice, {}, does_nothing=True, by=None, now=NOON)

    [step] = preflight.forecast(drafts.read(campaign).spec, now=NOON).steps

    assert (step.toll, step.passing, step.idle) == ("Change Score: 1 person", 1, 2)


def test_the_sentences_cost_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    people(3, city="Chicago")
    one, five = (
        drafts.read(make.campaign(name, filters=[make.in_city()], steps=[SCORE] * times)).spec
        for name, times in (("One", 1), ("Five", 5))
    )
    with CaptureQueriesContext(connection) as of_one:
        preflight.forecast(one, now=NOON)

    with django_assert_num_queries(len(of_one)):
        assert len([each.toll for each in preflight.forecast(five, now=NOON).others]) == 5
