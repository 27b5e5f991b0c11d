from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import editor, launch, message
from campaigns.models import Campaign, FlowVersion, Run
from tests.campaigns import make
from tests.campaigns.views import runs
from tests.campaigns.views.runs import NOON
from tests.people.make import people, person
from vibes.models import VibesList

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(make.user())
    return client


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.tasks.prepare_run.delay_on_commit", lambda **_: None)


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


@pytest.fixture
def campaign(offers: VibesList) -> Campaign:
    return make.ready_campaign()


def url(name: str, campaign: Campaign) -> str:
    return reverse(f"campaigns:{name}", args=[campaign.pk])


def seen(campaign: Campaign, number: int, **more: Any) -> dict[str, Any]:
    """What the form holds that was drawn for so many people."""
    campaign.refresh_from_db()
    token = launch.start_token(campaign)
    return {"token": token, "revision": campaign.revision, "people": number, **more}


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


# --- Who will get it ------------------------------------------------------------------------------


def test_counts_who_will_get_it_and_why_others_will_not(
    client: Client, campaign: Campaign, offers: VibesList
) -> None:
    make.subscribers(offers, 3, city="Chicago")
    person(city="Chicago")
    person(mobile="(312) 555-7777", city="Chicago")

    response = client.get(url("forecast", campaign), headers=HTMX)

    found = response.context["forecast"]
    assert (found.qualified, found.texts, found.parts, found.unknown) == (5, 3, 3, 1)
    assert found.steps[0].reasons == {"no-mobile-number": 1, "membership-unknown": 1}
    assert "No mobile number" in words(response)
    assert "asked about the number of 1 person first" in words(response)


def test_counts_the_smart_list_alone_while_the_flow_is_not_complete(client: Client) -> None:
    person(city="Chicago")

    response = client.get(url("forecast", make.campaign(filters=[make.in_city()])), headers=HTMX)

    assert "<b>1</b> person qualifies" in words(response)


def test_counts_without_script_as_well(client: Client, campaign: Campaign) -> None:
    person(city="Chicago")

    said = words(client.get(url("forecast", campaign)))

    assert "<b>1</b> person qualifies" in said
    assert "Run now…" in said


def test_waits_for_a_smart_list(client: Client) -> None:
    response = client.get(url("forecast", make.campaign()), headers=HTMX)

    assert "as soon as the smart list is complete" in words(response)


def test_counting_costs_the_same_for_any_number_of_people(
    client: Client,
    campaign: Campaign,
    offers: VibesList,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make.subscribers(offers, 2, city="Chicago")
    with django_assert_max_num_queries(31) as few:
        client.get(url("forecast", campaign), headers=HTMX)

    people(200, city="Chicago")
    with django_assert_num_queries(len(few)):
        client.get(url("forecast", campaign), headers=HTMX)


def test_shows_the_people_behind_a_count(
    client: Client, campaign: Campaign, offers: VibesList
) -> None:
    ana = make.subscriber(offers, first_name="Ana", city="Chicago")
    ben = person(first_name="Ben", city="Chicago")
    step = campaign.steps.get().pk
    page = url("forecast-people", campaign)

    def behind(query: str) -> list[Any]:
        return list(client.get(f"{page}{query}", headers=HTMX).context["people"])

    assert behind("") == [ana, ben]
    assert behind(f"?step={step}&reason=queued") == [ana]
    assert behind(f"?step={step}&reason=no-mobile-number") == [ben]
    assert client.get(f"{page}?step=99999").status_code == 404
    assert client.get(f"{page}?step=x").status_code == 404


# --- What stands in the way -----------------------------------------------------------------------


def test_lists_what_stands_in_the_way_with_the_place_that_mends_it(client: Client) -> None:
    campaign = make.campaign(steps=[make.wait()])
    step = editor.add_step(campaign, kind="send_sms", by=make.user(), now=NOON)

    response = client.get(url("schedule", campaign))

    smart_list, flow = url("smart-list", campaign), url("flow", campaign)
    assert [address for _, address in response.context["problems"]] == [
        f"{smart_list}#",
        f"{flow}#id_step-{step.pk}-message",
        f"{flow}#id_step-{step.pk}-vibes_list",
    ]
    assert "Run now" not in words(response)


def test_says_which_version_a_run_publishes(client: Client, campaign: Campaign) -> None:
    assert "publishes the draft as version 1" in words(client.get(url("schedule", campaign)))

    make.run(campaign)

    assert "Runs version 1, which is what the draft says" in words(
        client.get(url("schedule", campaign))
    )


def test_warns_of_a_run_that_is_not_over_and_of_a_newer_draft_of_a_text(
    client: Client, campaign: Campaign
) -> None:
    run = make.run(campaign)
    text = run.campaign.steps.get().references.exclude(message=None).get().message
    assert text is not None
    message.write(text, text="Newer", now=NOON)

    said = words(client.get(url("schedule", campaign)))

    assert "“Spring offer text” has a newer draft. Its approved text goes out." in said
    assert "is not over. Another one takes the same people again." in said


# --- Run now --------------------------------------------------------------------------------------


def test_asks_with_the_count_before_it_runs(client: Client, campaign: Campaign) -> None:
    people(3, city="Chicago")

    response = client.get(url("run", campaign) + "?texts=2", headers=HTMX)

    assert "<b>3</b> people enter the flow" in words(response)
    assert "By the last count 2 texts leave at once." in words(response)
    assert not Run.objects.exists()


def test_runs_and_publishes_and_leads_to_the_results(
    client: Client, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(
        "campaigns.tasks.prepare_run.delay_on_commit", lambda *, run_id: rung.append(run_id)
    )

    response = client.post(url("run", campaign), seen(campaign, 0))

    run = Run.objects.get()
    assert response["Location"] == f"{url('results', campaign)}?run={run.pk}"
    assert (run.version.number, run.started_by, rung) == (1, make.user(), [run.pk])
    assert "published as version 1" in words(client.get(response["Location"]))


def test_the_same_form_posted_again_shows_the_same_run(client: Client, campaign: Campaign) -> None:
    form = seen(campaign, 0)

    first = client.post(url("run", campaign), form, headers=HTMX)
    again = client.post(url("run", campaign), form, headers=HTMX)

    assert first["HX-Redirect"] == again["HX-Redirect"]
    assert Run.objects.count() == 1


def test_two_tabs_ask_for_the_same_run(client: Client, campaign: Campaign) -> None:
    tabs = [client.get(url("run", campaign)).context["form"]["token"].value() for _ in range(2)]
    assert tabs[0] == tabs[1]

    client.post(url("run", campaign), seen(campaign, 0))

    assert client.get(url("run", campaign)).context["form"]["token"].value() != tabs[0]


def test_a_campaign_that_changed_meanwhile_is_looked_at_again(
    client: Client, campaign: Campaign
) -> None:
    form = seen(campaign, 0)
    make.step(campaign, make.wait())

    response = client.post(url("run", campaign), form, headers=HTMX)

    assert response.status_code == 422
    assert "The campaign was changed meanwhile." in words(response)
    assert not Run.objects.exists()

    again = response.context["form"]
    confirmed = {name: again[name].value() for name in ("token", "revision", "people")}
    assert client.post(url("run", campaign), confirmed).status_code == 302


@pytest.fixture
def many(campaign: Campaign) -> int:
    """More people than run without their number being typed."""
    launch.CONFIRM_ABOVE.set(2)
    people(3, city="Chicago")
    return 3


@pytest.mark.parametrize("typed", ["", "2", "three"])
def test_many_people_need_their_number_typed(
    client: Client, campaign: Campaign, many: int, typed: str
) -> None:
    response = client.post(url("run", campaign), seen(campaign, many, typed=typed), headers=HTMX)

    assert (response.status_code, Run.objects.count()) == (422, 0)
    assert "Type the number of people: 3." in words(response)


@pytest.mark.parametrize("typed", ["3", " 3 "])
def test_runs_for_many_when_the_number_is_typed(
    client: Client, campaign: Campaign, many: int, typed: str
) -> None:
    client.post(url("run", campaign), seen(campaign, many, typed=typed))

    assert Run.objects.count() == 1


def test_another_number_than_the_one_shown_is_asked_again(
    client: Client, campaign: Campaign, many: int
) -> None:
    form = seen(campaign, many, typed="3")
    person(city="Chicago")

    response = client.post(url("run", campaign), form, headers=HTMX)

    assert "The number of people has changed meanwhile. It is 4 now." in words(response)
    assert response.context["form"]["people"].value() == 4
    assert not Run.objects.exists()


def test_a_draft_that_cannot_run_is_shown_with_its_problems(client: Client) -> None:
    campaign = make.campaign(filters=[make.in_city()])

    response = client.post(url("run", campaign), seen(campaign, 0), headers=HTMX)

    assert response.status_code == 422
    assert "The flow is empty: drag a step onto it." in words(response)
    assert not FlowVersion.objects.exists()


def test_pages_cost_the_same_for_any_number_of_people(
    client: Client,
    campaign: Campaign,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    runs.running(campaign)
    for name in ("schedule", "run"):
        with django_assert_max_num_queries(40) as few:
            client.get(url(name, campaign))
        people(100, city="Chicago")
        with django_assert_num_queries(len(few)):
            client.get(url(name, campaign))
