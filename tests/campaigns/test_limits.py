"""The person limit: above it nothing starts, and whoever is refused reads what to do."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import launch, limits, versions
from campaigns.models import Campaign, Entry, FlowVersion, Run
from tests.campaigns import make
from tests.campaigns.views import runs
from tests.people.make import people
from vibes.models import OutboxRow

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
OURS = "3 people would enter, and this campaign allows 2."
INSTANCE = "3 people would enter, and this instance allows 2."


@pytest.fixture
def client() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(make.user())
    return client


@pytest.fixture
def campaign() -> Campaign:
    """Three people in Chicago."""
    campaign = make.ready_campaign()
    people(3, city="Chicago")
    return campaign


@pytest.fixture
def limited(campaign: Campaign) -> Campaign:
    campaign.person_limit = 2
    campaign.save()
    return campaign


def url(name: str, campaign: Campaign) -> str:
    return reverse(f"campaigns:{name}", args=[campaign.pk])


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("own", "instance", "limit"),
    [(None, 0, None), (None, 5, 5), (4, 5, 4), (6, 5, 5), (4, 0, 4)],
)
def test_the_lower_of_both_limits_counts(
    campaign: Campaign, own: int | None, instance: int, limit: int | None
) -> None:
    campaign.person_limit = own
    limits.PERSON_LIMIT.set(instance)

    assert limits.limit_of(campaign) == limit


def test_exactly_as_many_as_allowed_may_enter(limited: Campaign) -> None:
    assert (limits.refusal(limited, 2), limits.refusal(limited, 3)[: len(OURS)]) == ("", OURS)


def test_nothing_starts_and_nothing_is_published_above_it(limited: Campaign) -> None:
    with pytest.raises(versions.NotReady) as refused:
        make.run(limited)

    assert str(refused.value).startswith(OURS)
    assert "raise the person limit here on Schedule" in str(refused.value)
    assert not FlowVersion.objects.exists()


def test_the_instance_says_where_its_limit_is_changed(campaign: Campaign) -> None:
    limits.PERSON_LIMIT.set(2)

    with pytest.raises(versions.NotReady) as refused:
        make.run(campaign)

    assert str(refused.value).startswith(INSTANCE)
    assert "“person_limit” in Admin › Settings" in str(refused.value)


def test_a_run_whose_audience_grew_before_it_was_frozen_texts_nobody(limited: Campaign) -> None:
    limited.person_limit = 3
    limited.save()
    run = make.run(limited)
    people(1, city="Chicago")

    state = launch.prepare(run.pk, clock=lambda: runs.NOON)

    run.refresh_from_db()
    assert (state, run.entered, run.finished_at) == (Run.State.REFUSED, 0, runs.NOON)
    assert run.fault.startswith("4 people would enter, and this campaign allows 3.")
    assert (Entry.objects.count(), OutboxRow.objects.count()) == (0, 0)


def test_results_say_that_it_was_refused_and_why(client: Client, limited: Campaign) -> None:
    limited.person_limit = 3
    limited.save()
    run = make.run(limited)
    people(1, city="Chicago")
    launch.prepare(run.pk, clock=lambda: runs.NOON)

    said = words(client.get(url("results", limited)))

    assert "Refused June 1, 2026, 5 p.m." in said
    assert "4 people would enter, and this campaign allows 3. Nothing is sent." in said


# --- On Schedule ----------------------------------------------------------------------------------


def test_the_dialog_and_the_forecast_say_so_before_anybody_confirms(
    client: Client, limited: Campaign
) -> None:
    asked = client.get(url("run", limited), headers=HTMX)

    assert OURS in words(asked)
    assert "Run for" not in words(asked)
    assert OURS in words(client.get(url("forecast", limited), headers=HTMX))


def test_a_post_above_it_starts_nothing(client: Client, limited: Campaign) -> None:
    seen = {"token": "a", "revision": limited.revision, "people": 3}

    response = client.post(url("run", limited), seen, headers=HTMX)

    assert (response.status_code, Run.objects.count()) == (422, 0)
    assert OURS in words(response)


@pytest.mark.parametrize(("typed", "kept"), [("40", 40), ("", None)])
def test_it_is_edited_on_schedule(
    client: Client, limited: Campaign, typed: str, kept: int | None
) -> None:
    response = client.post(url("person-limit", limited), {"person_limit": typed}, headers=HTMX)

    limited.refresh_from_db()
    assert (response.status_code, limited.person_limit) == (200, kept)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "greater than or equal to 1"),
        ("many", "Enter a whole number"),
        ("300000", "This instance allows at most 250,000."),
    ],
)
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_what_cannot_be_is_said_and_stays_typed(
    client: Client, limited: Campaign, typed: str, said: str, headers: dict[str, str]
) -> None:
    address = url("person-limit", limited)

    response = client.post(address, {"person_limit": typed}, headers=headers)

    assert response.status_code == 422
    assert said in words(response)
    assert f'value="{typed}"' in words(response)
    assert Campaign.objects.get().person_limit == 2
