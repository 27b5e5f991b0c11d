"""What holds a run up, and what does not: senders, a refused login, lists and campaigns that go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns import asking, control, drafts, launch, preflight, results, runner, versions
from campaigns.models import Campaign, Run, Verdict
from campaigns.steps.send_sms import SendSms
from tests.campaigns import make
from tests.people import make as people
from tests.vibes import make as vibes
from tests.vibes.pretend import Simulator
from vibes import connection, delivery, mirror, rate, senders
from vibes.client import Client
from vibes.models import Account, AcquisitionCampaign, VibesList

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NUMBERS = [f"+1312555{place:04d}" for place in range(2000, 2050)]


@pytest.fixture
def account(simulator: Simulator) -> Account:
    rate.forget()
    return vibes.account(base_url=simulator.url)


@pytest.fixture
def offers(account: Account, simulator: Simulator) -> VibesList:
    simulator.members("1234", *NUMBERS)
    return vibes.vibes_list(account)


@pytest.fixture
def by_web(offers: VibesList) -> AcquisitionCampaign:
    return vibes.campaign(offers)


@pytest.fixture
def text(offers: VibesList) -> Campaign:
    """A campaign that texts everybody in Chicago."""
    return make.campaign(
        filters=[make.in_city()], steps=[make.send(make.approved_message(), offers)]
    )


def start(campaign: Campaign) -> Run:
    return launch.start(campaign, token=launch.new_token(), by=make.user(), now=NOON)


def prepare(run: Run, at: datetime = NOON) -> str:
    state = launch.prepare(run.pk, clock=lambda: at)
    run.refresh_from_db()
    return state


def advance(at: datetime = NOON) -> None:
    while cohorts := runner.due(now=at):
        for cohort in cohorts:
            runner.advance(cohort, now=at)


def deliver(account: Account, at: datetime = NOON) -> None:
    while delivery.deliver(account.pk, clock=lambda: at):
        pass


def counts(run: Run) -> list[dict[str, int]]:
    return [dict(each.counts) for each in results.sums(run)]


def reasons(run: Run) -> list[tuple[str, str]]:
    found = Verdict.objects.filter(run=run).values_list("state", "reason").distinct()
    return sorted(found)


def duplicate(offers: VibesList, account: Account) -> None:
    """Somebody makes a second campaign on our event type."""
    with Client(account) as client:
        client.create_sender(
            name="Twin",
            event_type=senders.event_type(offers),
            list_id="1234",
            starts=NOON.date(),
        )


# --- Paused while Vibes is asked ------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["pause", "stop"])
def test_a_run_that_is_paused_or_stopped_asks_no_further(
    text: Campaign, account: Account, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    for number in NUMBERS[:3]:
        people.person(mobile=number, city="Chicago")
    run, ask = start(text), mirror.ask
    monkeypatch.setattr(asking, "SLICE", 1)

    def ask_once_and_be_interrupted(*args: Any) -> Any:
        getattr(control, deed)(run.pk, by=None, now=NOON)
        return ask(*args)

    monkeypatch.setattr(mirror, "ask", ask_once_and_be_interrupted)
    state = prepare(run)

    run.refresh_from_db()
    assert (state, run.asked) == (run.state, 1)
    assert run.state in (Run.State.PAUSED, Run.State.CANCELLED)


# --- Senders --------------------------------------------------------------------------------------


def test_two_senders_hold_a_run_with_words_and_nothing_is_sent(
    text: Campaign, offers: VibesList, account: Account, simulator: Simulator
) -> None:
    people.person(mobile=NUMBERS[0], city="Chicago")
    for _ in range(2):
        duplicate(offers, account)
    run = start(text)

    assert prepare(run) == Run.State.ASKING

    assert "each would text" in asking.waits_for(run)[0]
    assert simulator.ledger() == []


def test_every_run_asks_anew_whether_its_sender_is_sound(
    text: Campaign, offers: VibesList, account: Account
) -> None:
    assert prepare(start(text)) == Run.State.RUNNING
    duplicate(offers, account)

    assert prepare(start(text)) == Run.State.ASKING


def test_the_senders_of_all_lists_of_a_run_are_looked_at(account: Account) -> None:
    lists = [
        vibes.vibes_list(account),
        vibes.vibes_list(account, vibes_id="5678", name="Service alerts"),
    ]
    message = make.approved_message()
    campaign = make.campaign(filters=[make.in_city()])
    step = make.step(campaign, make.send(message, lists[0]))
    make.choice(step, condition=make.in_city("Boston"), config=make.send(message, lists[1])[1])

    assert prepare(start(campaign)) == Run.State.RUNNING

    assert not VibesList.objects.without_sender().exists()


def test_texts_wait_in_mid_run_for_a_sender_that_is_put_right(
    text: Campaign, offers: VibesList, account: Account, simulator: Simulator
) -> None:
    people.person(mobile=NUMBERS[0], city="Chicago")
    run = start(text)
    prepare(run)
    advance()
    VibesList.objects.update(sender_fault="Somebody changed its template.")
    simulator.fault("status", status=503, path="event_triggered_messages", count=1)

    deliver(account)
    assert asking.waits_for(run) == ["Texts to Offers wait: Somebody changed its template."]
    assert simulator.ledger() == []

    deliver(account)
    assert (asking.waits_for(run), len(simulator.ledger())) == ([], 1)


# --- A refused login ------------------------------------------------------------------------------


def test_a_service_revoked_in_mid_run_pauses_it_and_all_is_sent_once(
    text: Campaign, account: Account, simulator: Simulator
) -> None:
    for mobile in NUMBERS:
        people.person(mobile=mobile, city="Chicago")
    run = start(text)
    prepare(run)
    advance()
    after_some = {"match": {"path": "*events*"}, "when": {"nth": 11, "count": 1}}
    simulator.post("faults", after_some | {"action": {"type": "status", "status": 401}})

    delivery.deliver(account.pk, clock=lambda: NOON)
    went = len(simulator.ledger())
    assert 0 < went < len(NUMBERS)
    assert asking.waits_for(run) == ["Held: Vibes refuses our login (Vibes). Nothing is lost."]
    assert counts(run) == [{Verdict.State.SENT: went, Verdict.State.QUEUED: 50 - went}]

    simulator.delete("faults")
    connection.probe(now=NOON + MINUTE)
    deliver(account, NOON + MINUTE)

    assert sorted(each["mdn"] for each in simulator.ledger()) == sorted(NUMBERS)
    assert (asking.waits_for(run), counts(run)) == ([], [{Verdict.State.SENT: 50}])


def test_a_run_that_is_being_prepared_is_held_too(
    text: Campaign, account: Account, simulator: Simulator
) -> None:
    people.person(mobile=NUMBERS[0], city="Chicago")
    simulator.fault("status", status=401, path="*")
    run = start(text)

    assert prepare(run) == Run.State.ASKING
    asked = len(simulator.requests())
    assert prepare(run, NOON + 2 * MINUTE) == Run.State.ASKING

    assert len(simulator.requests()) == asked
    assert asking.waits_for(run) == ["Held: Vibes refuses our login (Vibes). Nothing is lost."]

    simulator.delete("faults")
    connection.probe(now=NOON + 3 * MINUTE)
    assert prepare(run, NOON + 3 * MINUTE) == Run.State.RUNNING


# --- What is gone ---------------------------------------------------------------------------------


def problems(campaign: Campaign) -> str:
    return " ".join(each.words for each in drafts.read(campaign).problems)


def refusal(campaign: Campaign) -> str:
    with pytest.raises(versions.NotReady) as refused:
        start(campaign)
    assert not Run.objects.exists()
    return str(refused.value)


def test_a_list_that_is_gone_makes_its_cards_red(
    offers: VibesList, by_web: AcquisitionCampaign
) -> None:
    steps = [
        make.send(make.approved_message(), offers),
        make.ask_to_join(offers, by_web),
        make.take_off(offers),
    ]
    campaign = make.campaign(filters=[make.in_city()], steps=steps)
    assert problems(campaign) == ""

    VibesList.objects.update(gone_at=NOON)

    assert problems(campaign).count("The list is gone at Vibes. Choose another one.") == 3
    assert "The list is gone at Vibes." in refusal(campaign)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("past", "The acquisition campaign is not active."),
        ("scheduled", "The acquisition campaign is not active."),
        ("gone", "The acquisition campaign is gone at Vibes."),
    ],
)
def test_a_campaign_that_is_not_active_makes_its_card_red(
    status: str, words: str, offers: VibesList, by_web: AcquisitionCampaign
) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[make.ask_to_join(offers, by_web)])
    AcquisitionCampaign.objects.update(status=status)

    assert words in problems(campaign)
    assert words in refusal(campaign)


def test_a_campaign_that_feeds_another_list_makes_its_card_red(
    offers: VibesList, by_web: AcquisitionCampaign
) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[make.ask_to_join(offers, by_web)])
    by_web.feeds.clear()

    assert "The acquisition campaign does not feed the list." in problems(campaign)
    assert "The acquisition campaign does not feed the list." in refusal(campaign)


def test_what_was_published_is_judged_by_what_vibes_offers_today(
    text: Campaign, offers: VibesList, by_web: AcquisitionCampaign
) -> None:
    make.step(text, make.ask_to_join(offers, by_web))
    version = start(text).version
    assert versions.obstacles(version) == []

    AcquisitionCampaign.objects.update(status="past")

    (found,) = versions.obstacles(version)
    assert found.words == "2. Subscribe to Vibes List: The acquisition campaign is not active."


def test_launch_judges_what_is_pinned_whatever_the_form_says(
    text: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    VibesList.objects.update(gone_at=NOON)
    field = SendSms.Form.base_fields["vibes_list"]
    monkeypatch.setattr(field, "_queryset", VibesList.objects.all())
    assert problems(text) == ""

    assert refusal(text) == "1. Send SMS Message: The list is gone at Vibes."


def test_a_list_deleted_since_the_last_sync_is_found_at_launch(
    account: Account, simulator: Simulator
) -> None:
    gone = vibes.vibes_list(account, vibes_id="9999", name="Long gone")
    steps = [make.send(make.approved_message(), gone), make.change()]
    campaign = make.campaign(filters=[make.in_city()], steps=steps)
    ana = people.person(mobile=NUMBERS[0], city="Chicago")
    run = start(campaign)

    assert prepare(run) == Run.State.RUNNING
    advance()

    ana.refresh_from_db()
    assert counts(run) == [{Verdict.State.SKIPPED: 1}, {Verdict.State.DONE: 1}]
    assert reasons(run) == [("done", ""), ("skipped", "list-gone")]
    assert (ana.city, simulator.ledger()) == ("Boston", [])


@pytest.mark.parametrize("action", ["send", "subscribe", "unsubscribe"])
def test_rows_of_a_list_that_goes_in_mid_run_settle_without_a_call(
    action: str,
    account: Account,
    offers: VibesList,
    by_web: AcquisitionCampaign,
    simulator: Simulator,
) -> None:
    message = make.approved_message()
    steps = {
        "send": make.send(message, offers),
        "subscribe": make.ask_to_join(offers, by_web),
        "unsubscribe": make.take_off(offers),
    }
    campaign = make.campaign(filters=[make.in_city()], steps=[steps[action]])
    for mobile in NUMBERS[:3]:
        people.person(mobile=mobile, city="Chicago")
    run = start(campaign)
    prepare(run)
    advance()
    VibesList.objects.update(gone_at=NOON)
    asked = len(simulator.requests())

    deliver(account)

    assert reasons(run) == [("failed", "list-gone")]
    assert (len(simulator.requests()), launch.finish_runs(now=NOON)) == (asked, 1)


def test_a_campaign_that_ends_in_mid_run_fails_those_who_were_not_asked_yet(
    account: Account, offers: VibesList, by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[make.ask_to_join(offers, by_web)])
    people.person(mobile=vibes.EVE, city="Chicago")
    run = start(campaign)
    prepare(run)
    advance()
    by_web.feeds.clear()

    deliver(account)

    assert reasons(run) == [("failed", "campaign-feeds-another-list")]
    assert not [each for each in simulator.requests() if each["path"].endswith("/participants")]


# --- The dry run ----------------------------------------------------------------------------------


def test_the_dry_run_says_the_same_words(text: Campaign, offers: VibesList) -> None:
    spec = drafts.read(text).spec
    people.person(mobile=NUMBERS[0], city="Chicago")
    Account.objects.update(held_until=NOON)
    VibesList.objects.update(sender_fault="Two of them.", gone_at=NOON)

    found = preflight.forecast(spec, now=NOON)

    assert found.waits == [
        "Held: Vibes refuses our login (Vibes). Nothing is lost.",
        "Texts to Offers wait: Two of them.",
    ]
    assert found.steps[0].rows == [("list-gone", "The list is gone at Vibes", 1)]
