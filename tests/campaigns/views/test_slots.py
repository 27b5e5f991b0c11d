"""Run later, as it is done on the Schedule tab."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from campaigns import launch, schedule
from campaigns.models import Campaign, Run, Slot
from tests.campaigns import make
from tests.people.make import people, person
from vibes.models import VibesList

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CHICAGO = "America/Chicago"
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("campaigns.tasks.prepare_run.delay_on_commit", lambda **_: None)
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def campaign() -> Campaign:
    return make.ready_campaign()


@pytest.fixture
def slot(campaign: Campaign) -> Slot:
    return make.slot(campaign)


@pytest.fixture
def missed(campaign: Campaign) -> Slot:
    return make.slot(campaign, NOON - timedelta(hours=3), "missed")


def url(name: str, of: Campaign | Slot) -> str:
    return reverse(f"campaigns:{name}", args=[of.pk])


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def asked(campaign: Campaign, **more: Any) -> dict[str, Any]:
    """What the dialog posts: nine o'clock in Chicago on the next day, seen with nobody in it."""
    campaign.refresh_from_db()
    when = {"date": "2026-06-02", "time": "09:00", "zone": CHICAGO}
    return {"revision": campaign.revision, "people": 0, **when, **more}


# --- Planning -------------------------------------------------------------------------------------


def test_offers_the_next_hours_in_the_zone_of_the_instance(
    client: Client, campaign: Campaign, settings: Settings
) -> None:
    settings.TIME_ZONE = CHICAGO
    client.cookies["tz"] = "Europe/Paris"

    response = client.get(url("run-later", campaign), headers=HTMX)

    form = response.context["form"]
    assert [str(form[name].value()) for name in ("date", "time", "zone")] == [
        "2026-06-01",
        "14:00:00",
        CHICAGO,
    ]
    here = form.fields["zone"].choices[0][1]
    assert [name for name, _ in here] == [CHICAGO, "Europe/Paris", "UTC"]
    assert "Planning publishes the draft as version 1." in words(response)


def test_plans_and_says_for_when_and_which_version(client: Client, campaign: Campaign) -> None:
    response = client.post(url("run-later", campaign), asked(campaign), follow=True)

    slot = Slot.objects.get()
    assert (slot.scheduled_for, slot.zone, slot.planned_by) == (
        datetime(2026, 6, 2, 14, 0, tzinfo=UTC),
        CHICAGO,
        make.user(),
    )
    assert (
        "Planned for June 2, 2026, 9 a.m. (America/Chicago). "
        "What was drafted is published as version 1." in words(response)
    )
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("date", "time", "note"),
    [
        ("2027-03-14", "02:30", "2:30 a.m. does not exist on that day."),
        ("2027-11-07", "01:30", "1:30 a.m. comes twice, this is the first."),
    ],
)
def test_says_what_the_clocks_do_at_once_and_for_as_long_as_it_is_planned(
    client: Client, campaign: Campaign, date: str, time: str, note: str
) -> None:
    client.post(url("run-later", campaign), asked(campaign, date=date, time=time))

    first, second = (words(client.get(url("schedule", campaign))) for _ in range(2))
    assert (first.count(note), second.count(note)) == (2, 1)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"date": "2026-06-01", "time": "11:59"}, "is past: it is June 1, 2026, noon"),
        ({"date": "2030-06-01"}, "more than two years away"),
        ({"date": ""}, "This field is required."),
        ({"time": "25:00"}, "Enter a valid time."),
        ({"zone": "Mars/Base"}, "Mars/Base is not one of the available choices."),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    client: Client, campaign: Campaign, more: dict[str, str], why: str
) -> None:
    form = asked(campaign, **more)

    response = client.post(url("run-later", campaign), form, headers=HTMX)

    assert response.status_code == 422
    assert why in words(response)
    assert {name: response.context["form"][name].value() for name in more} == more
    assert not Slot.objects.exists()


def test_a_campaign_that_changed_meanwhile_is_looked_at_again_and_the_time_is_kept(
    client: Client, campaign: Campaign
) -> None:
    form = asked(campaign)
    make.step(campaign, make.wait())

    response = client.post(url("run-later", campaign), form, headers=HTMX)

    again = response.context["form"]
    assert "The campaign was changed meanwhile." in words(response)
    confirmed = {name: again[name].value() for name in form}
    assert confirmed == asked(campaign)
    assert client.post(url("run-later", campaign), confirmed).status_code == 302


def test_many_people_need_their_number_typed(client: Client, campaign: Campaign) -> None:
    launch.CONFIRM_ABOVE.set(2)
    people(3, city="Chicago")
    form = asked(campaign, people=3)

    refused = client.post(url("run-later", campaign), form, headers=HTMX)
    planned = client.post(url("run-later", campaign), {**form, "typed": "3"}, headers=HTMX)

    assert "Type the number of people: 3." in words(refused)
    assert planned["HX-Redirect"] == url("schedule", campaign)
    assert Slot.objects.count() == 1


def test_a_draft_that_cannot_run_cannot_be_planned(client: Client) -> None:
    campaign = make.campaign(filters=[make.in_city()])

    asking = client.get(url("run-later", campaign), headers=HTMX)
    posted = client.post(url("run-later", campaign), asked(campaign), headers=HTMX)

    assert "The flow is empty: drag a step onto it." in words(asking)
    assert (posted.status_code, Slot.objects.count()) == (422, 0)


def test_what_vibes_took_away_is_said_in_the_same_words(client: Client, campaign: Campaign) -> None:
    VibesList.objects.update(gone_at=NOON)

    now = client.post(
        url("run", campaign), {**asked(campaign), "token": launch.start_token(campaign)}
    )
    later = client.post(url("run-later", campaign), asked(campaign))

    assert now.context["problems"] == later.context["problems"] != []
    assert (later.status_code, Slot.objects.count()) == (422, 0)


# --- Shown and cancelled --------------------------------------------------------------------------


def test_shows_what_is_planned_in_both_zones_with_its_version(
    client: Client, campaign: Campaign, slot: Slot
) -> None:
    client.cookies["tz"] = "Europe/Paris"
    make.step(campaign, make.wait())

    said = words(client.get(url("schedule", campaign)))

    assert "June 2, 2026, noon (America/Chicago)" in said
    assert "That is June 2, 2026, 7 p.m. (Europe/Paris)." in said
    assert "Runs version 1. Planned by ada. The draft has been edited since" in said


def test_a_planned_run_is_cancelled_and_stays_on_show(
    client: Client, campaign: Campaign, slot: Slot
) -> None:
    said = words(client.post(url("cancel-slot", slot), follow=True))

    slot.refresh_from_db()
    assert (slot.state, slot.decided_by) == ("cancelled", make.user())
    assert "Cancelled: it will not run on June 2, 2026, noon (America/Chicago)." in said
    assert "Cancelled · ada" in said


@pytest.mark.parametrize("deed", ["cancel-slot", "skip-slot"])
def test_whoever_is_too_late_reads_what_became_of_it(client: Client, slot: Slot, deed: str) -> None:
    Slot.objects.update(state="started", run=make.run(slot.campaign))

    said = words(client.post(url(deed, slot), follow=True))

    assert "Nothing was changed: this planned run is now “Started”." in said


# --- Missed ---------------------------------------------------------------------------------------


def test_a_missed_run_asks_with_the_count_before_it_runs(
    client: Client, campaign: Campaign, missed: Slot
) -> None:
    people(3, city="Chicago")
    make.step(campaign, make.wait())

    response = client.get(url("confirm-slot", missed), headers=HTMX)

    assert "<b>3</b> people enter the flow" in words(response)
    assert "planned for June 1, 2026, 9 a.m. (America/Chicago) and runs version 1" in words(
        response
    )
    assert not Run.objects.exists()


def test_a_missed_run_that_is_confirmed_runs_what_was_planned(
    client: Client, campaign: Campaign, missed: Slot
) -> None:
    form = {"people": 0, "revision": missed.version_id}

    first = client.post(url("confirm-slot", missed), form)
    again = client.post(url("confirm-slot", missed), form, follow=True)

    run = Run.objects.get()
    assert first["Location"] == f"{url('results', campaign)}?run={run.pk}"
    assert (run.version, run.started_by) == (missed.version, make.user())
    assert "This planned run is “Started” already." in words(again)


def test_a_missed_run_of_many_people_needs_their_number_typed(client: Client, missed: Slot) -> None:
    launch.CONFIRM_ABOVE.set(2)
    people(3, city="Chicago")
    form = {"people": 3, "revision": missed.version_id}

    refused = client.post(url("confirm-slot", missed), form, headers=HTMX)
    assert (refused.status_code, Run.objects.count()) == (422, 0)

    client.post(url("confirm-slot", missed), {**form, "typed": "3"}, headers=HTMX)
    assert Run.objects.count() == 1


def test_a_missed_run_that_is_skipped_never_runs(client: Client, missed: Slot) -> None:
    said = words(client.post(url("skip-slot", missed), follow=True))

    assert "Skipped: the run of June 1, 2026, 9 a.m. (America/Chicago) does not happen." in said
    assert "Skipped · ada" in said
    assert not Run.objects.exists()


def test_what_stood_in_the_way_is_shown_with_its_own_words(
    client: Client, campaign: Campaign
) -> None:
    slot = make.slot(campaign, NOON - timedelta(minutes=1))
    VibesList.objects.update(gone_at=NOON)
    schedule.start(slot.pk, now=NOON)
    slot.refresh_from_db()

    shown = words(client.get(url("schedule", campaign)))
    asking = client.get(url("confirm-slot", slot), headers=HTMX)

    assert "It could not run, and nothing was sent:" in shown
    assert slot.why
    assert f"<li>{slot.why}</li>" in shown
    assert "This still cannot run" in words(asking)
    assert slot.why in words(asking)


def test_pages_cost_the_same_for_any_number_of_slots(
    client: Client,
    campaign: Campaign,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    person(city="Chicago")
    for state in ("planned", "missed", "cancelled"):
        make.slot(campaign, NOON + timedelta(hours=len(state)), state)
    with django_assert_max_num_queries(40) as few:
        client.get(url("schedule", campaign))

    for number, state in enumerate(["planned"] * 9 + ["missed"] + ["cancelled"] * 9):
        make.slot(campaign, NOON + timedelta(days=2, hours=number), state)
    with django_assert_num_queries(len(few)):
        client.get(url("schedule", campaign))
