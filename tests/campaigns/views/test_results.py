from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Run
from people.models import Person
from tests.campaigns import make
from tests.campaigns.views import runs
from tests.people.make import person
from vibes import holding
from vibes.models import Account, OutboxRow, VibesList

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(make.user())
    return client


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


@pytest.fixture
def campaign(offers: VibesList) -> Campaign:
    return make.ready_campaign()


@pytest.fixture
def run(campaign: Campaign, offers: VibesList) -> Run:
    """Three of five will get a text; nothing has left yet."""
    for place, name in enumerate(("Ana", "Ben", "Eve")):
        make.subscriber(offers, mobile=f"(312) 555-000{place}", first_name=name, city="Chicago")
    person(first_name="Zoe", city="Chicago", block_listed=True)
    person(first_name="Yan", city="Chicago")
    return runs.running(campaign)


def page(client: Client, run: Run, **query: Any) -> Any:
    return client.get(
        reverse("campaigns:results", args=[run.campaign_id]), {"run": run.pk, **query}
    )


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def names(response: Any) -> list[str]:
    return sorted(line.verdict.person.first_name for line in response.context["lines"])


def test_says_that_nothing_has_run(client: Client, campaign: Campaign) -> None:
    response = client.get(reverse("campaigns:results", args=[campaign.pk]))

    assert "Nothing has run yet" in words(response)


def test_the_sum_adds_up_and_leaves_out_what_is_zero(client: Client, run: Run) -> None:
    runs.settle(run, number=2)

    (step,) = page(client, run).context["steps"]

    assert (step.entered, step.terms) == (
        5,
        [("queued", "queued", 1), ("sent", "sent", 2), ("skipped", "skipped", 2)],
    )
    assert [(each.words, each.count) for each in step.reasons] == [
        ("Block-listed", 1),
        ("No mobile number", 1),
    ]


def test_tells_delivered_from_not_delivered_and_parts_sent_from_queued(
    client: Client, run: Run
) -> None:
    for state in ("delivered", "undelivered"):
        runs.settle(run, state, number=1)

    (step,) = page(client, run).context["steps"]

    assert step.texts is not None
    assert (step.texts.sent, step.texts.delivered, step.texts.undelivered) == (2, 1, 1)
    assert (step.texts.parts_sent, step.texts.parts_queued) == (2, 3)


def test_follows_a_run_only_while_it_is_open(client: Client, run: Run) -> None:
    live = reverse("campaigns:results-live", args=[run.pk])
    response = client.get(live, headers=HTMX)
    assert 'hx-trigger="every 2s"' in words(response)
    assert "HX-Trigger" not in response

    Run.objects.update(state=Run.State.FINISHED, finished_at=timezone.now())

    over = client.get(live, headers=HTMX)
    assert "hx-trigger" not in words(over)
    assert over["HX-Trigger"] == '{"run-over": {}}'


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": "enrolling"}, "Finding people…"),
        (
            {"state": "asking", "asked": 120, "to_ask": 400},
            "Asking Vibes about memberships: 120 of 400 numbers",
        ),
        ({"state": "running"}, "Running"),
        ({"state": "finished", "finished_at": runs.NOON}, "Finished June 1, 2026, 5 p.m."),
        ({"state": "cancelled", "finished_at": runs.NOON}, "Stopped June 1, 2026, 5 p.m."),
    ],
)
def test_says_how_far_a_run_is(client: Client, run: Run, fields: dict[str, Any], said: str) -> None:
    Run.objects.filter(pk=run.pk).update(**fields)

    assert said in words(client.get(reverse("campaigns:results-live", args=[run.pk])))


def test_the_frame_tells_a_hold_to_whoever_watches_a_run(client: Client, run: Run) -> None:
    live = reverse("campaigns:results-live", args=[run.pk])
    assert "Vibes trouble" not in client.get(live, headers=HTMX).text

    holding.hold(Account.objects.get(), "No.", now=timezone.now())

    news = client.get(live, headers=HTMX).text
    strips = news[news.index('<div id="strips" hx-swap-oob="true">') :]
    assert "Held: Vibes refuses our login" in strips
    assert '<a id="health" class="pill pill-bad"' in strips


def test_says_when_nobody_takes_up_a_run(client: Client, run: Run) -> None:
    Run.objects.update(state="enrolling", started_at=timezone.now() - timedelta(minutes=1))

    assert "Is a worker running?" in words(page(client, run))


def test_counts_lead_to_the_people_behind_them(client: Client, run: Run) -> None:
    runs.settle(run, number=1)
    step = run.campaign.steps.get().pk

    assert names(page(client, run)) == ["Ana", "Ben", "Eve", "Yan", "Zoe"]
    assert names(page(client, run, step=step, state="skipped")) == ["Yan", "Zoe"]
    assert names(page(client, run, reason="block-listed")) == ["Zoe"]
    assert names(page(client, run, delivery="delivered")) == ["Ana"]
    assert names(page(client, run, step=step + 1)) == []


def test_the_table_alone_gives_the_page_its_address(client: Client, run: Run) -> None:
    table = reverse("campaigns:results-people", args=[run.pk])

    chosen = client.get(table, {"state": "skipped"}, headers=HTMX)
    by_itself = client.get(table, headers=HTMX | {"HX-Trigger": "ledger"})

    results = reverse("campaigns:results", args=[run.campaign_id])
    assert chosen["HX-Push-Url"] == f"{results}?run={run.pk}&state=skipped"
    assert chosen["HX-Trigger"] == '{"announce": {"text": "2 lines shown"}}'
    assert "HX-Push-Url" not in by_itself


def test_the_table_says_why_or_shows_the_text(client: Client, run: Run) -> None:
    said = words(page(client, run))

    assert "Hi Ana" in said
    assert "Block-listed" in said


def test_chooses_the_newest_run_and_offers_the_others(
    client: Client, run: Run, campaign: Campaign
) -> None:
    other = make.campaign("Another")
    newer = runs.running(campaign)

    newest = client.get(reverse("campaigns:results", args=[campaign.pk]))

    assert (newest.context["run"], newest.context["runs"]) == (newer, [newer, run])
    assert page(client, run).context["run"] == run
    elsewhere = client.get(reverse("campaigns:results", args=[other.pk]), {"run": run.pk})
    assert elsewhere.status_code == 404


def test_explains_one_person_step_by_step(client: Client, run: Run) -> None:
    entry = run.entries.get(person__first_name="Ana")

    for headers in (HTMX, {}):
        said = words(client.get(reverse("campaigns:explain", args=[entry.pk]), headers=headers))
        assert "1. Send SMS Message" in said
        assert "Hi Ana" in said
        assert "1 part · to +13125550000 on Offers · at Vibes: Ready" in said


# --- Export ---------------------------------------------------------------------------------------


def test_leads_to_an_export_of_just_those_who_are_shown(client: Client, run: Run) -> None:
    shown = words(page(client, run, state="skipped"))

    there = f"{reverse('people:new-export')}?source=run_results&amp;run={run.pk}&amp;state=skipped"
    assert f'href="{there}"' in shown


# --- Members --------------------------------------------------------------------------------------


def members(client: Client, campaign: Campaign) -> list[tuple[str, str]]:
    response = client.get(reverse("campaigns:members", args=[campaign.pk]))
    return sorted(
        (each.entry.person.first_name, each.where) for each in response.context["members"]
    )


def test_shows_the_latest_entry_of_each_member(
    client: Client, campaign: Campaign, offers: VibesList
) -> None:
    make.subscriber(offers, first_name="Ana", city="Chicago")
    runs.running(campaign)
    make.step(campaign, make.wait())
    make.subscriber(offers, mobile="(312) 555-0002", first_name="Ben", city="Chicago")
    runs.running(campaign)

    assert members(client, campaign) == [
        ("Ana", "Waiting in step 2, Wait"),
        ("Ben", "Waiting in step 2, Wait"),
    ]


def test_says_where_members_are(client: Client, campaign: Campaign, run: Run) -> None:
    Person.objects.filter(first_name__in=["Ben", "Eve", "Zoe"]).update(city="Boston")
    waiting = make.run(campaign)
    run.entries.exclude(person__first_name__in=["Ana", "Yan"]).delete()
    cohort = run.entries.get(person__first_name="Ana").cohort
    assert members(client, campaign) == [
        ("Ana", "Went through the flow"),
        ("Yan", "Went through the flow"),
    ]

    cohort.position, cohort.state = 0, "ready"
    cohort.save()
    run.entries.filter(person__first_name="Yan").update(left_at=runs.NOON)
    assert members(client, campaign) == [
        ("Ana", "Before step 1, Send SMS Message"),
        ("Yan", "Left the flow"),
    ]

    Run.objects.exclude(pk=waiting.pk).update(state="cancelled")
    cohort.state = "done"
    cohort.save()
    assert members(client, campaign)[0] == ("Ana", "Stopped with the run")


def test_says_what_a_run_waits_for_and_where_to_mend_it(client: Client, run: Run) -> None:
    holding.hold(Account.objects.get(), "no", now=runs.NOON)
    VibesList.objects.update(sender_fault="Two of them.")

    said = words(page(client, run))

    assert "Held: Vibes refuses our login (Vibes). Nothing is lost. The run waits" in said
    assert "Texts to Offers wait: Two of them. The run waits" in said
    assert 'href="/vibes/">Look at the service' in said


def test_a_run_that_is_over_waits_for_nothing(client: Client, run: Run) -> None:
    runs.settle(run)
    Run.objects.update(state="finished", finished_at=runs.NOON)
    holding.hold(Account.objects.get(), "no", now=runs.NOON)

    assert "The run waits" not in words(page(client, run))


# --- Cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["results", "members"])
def test_pages_cost_the_same_for_any_number_of_people(
    client: Client,
    campaign: Campaign,
    offers: VibesList,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    name: str,
) -> None:
    make.subscribers(offers, 2, city="Chicago")
    runs.settle(runs.running(campaign))
    address = reverse(f"campaigns:{name}", args=[campaign.pk])
    with django_assert_max_num_queries(40) as few:
        client.get(address)

    Person.objects.update(city="Boston")
    OutboxRow.objects.all().delete()
    Run.objects.get().entries.all().delete()
    Run.objects.all().delete()
    make.subscribers(offers, 60, city="Chicago")
    runs.settle(runs.running(campaign))
    with django_assert_num_queries(len(few)):
        client.get(address)
