from datetime import UTC, datetime, timedelta

import pytest

from campaigns import control, editor, launch, results, runner, versions
from campaigns.models import Campaign, FlowVersion, Run, Verdict
from people.models import Person
from tests.campaigns import make
from tests.people import make as people
from tests.vibes import make as vibes
from tests.vibes.pretend import Simulator
from vibes import delivery, rate, senders
from vibes.client import Client
from vibes.models import Account, OutboxRow, Subscription, VibesList

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture
def account(simulator: Simulator) -> Account:
    rate.forget()
    return vibes.account(base_url=simulator.url)


@pytest.fixture
def offers(account: Account) -> VibesList:
    return vibes.vibes_list(account)


@pytest.fixture
def campaign(offers: VibesList) -> Campaign:
    return make.campaign(
        filters=[make.in_city()], steps=[make.send(make.approved_message(), offers)]
    )


def start(campaign: Campaign, token: str = "once") -> Run:  # noqa: S107
    return launch.start(campaign, token=token, by=make.user(), now=NOON)


def clock() -> datetime:
    return NOON


def run_all() -> None:
    while cohorts := runner.due(now=NOON):
        for cohort in cohorts:
            runner.advance(cohort, now=NOON)


def test_the_same_token_is_the_same_run(campaign: Campaign) -> None:
    assert start(campaign) == start(campaign)
    assert Run.objects.count() == 1


def test_publishes_the_draft_and_pins_it(campaign: Campaign) -> None:
    run = start(campaign)

    assert (run.version.number, run.version.campaign) == (1, campaign)


def test_an_unchanged_draft_is_no_new_version(campaign: Campaign) -> None:
    assert start(campaign, "one").version == start(campaign, "two").version


def test_refuses_on_the_first_red_step(campaign: Campaign) -> None:
    editor.add_step(campaign, kind="send_sms", by=make.user(), now=NOON)

    with pytest.raises(versions.NotReady, match="SMS Message"):
        start(campaign)
    assert (Run.objects.count(), FlowVersion.objects.count()) == (0, 0)


def test_asks_vibes_about_numbers_it_does_not_know(
    campaign: Campaign, offers: VibesList, simulator: Simulator
) -> None:
    for mobile in (vibes.ANA, vibes.BEN):
        people.person(mobile=mobile, city="Chicago")
    simulator.members("1234", vibes.ANA)

    run = start(campaign)
    state = launch.prepare(run.pk, clock=clock)

    run.refresh_from_db()
    assert (state, run.entered, run.asked, run.to_ask) == (Run.State.RUNNING, 2, 2, 2)
    assert dict(Subscription.objects.values_list("mobile", "state")) == {
        vibes.ANA: "subscribed",
        vibes.BEN: "never",
    }


def test_asks_nothing_about_people_who_get_no_text_anyway(
    campaign: Campaign, simulator: Simulator
) -> None:
    people.person(mobile=vibes.ANA, city="Chicago", block_listed=True)

    launch.prepare(start(campaign).pk, clock=clock)

    assert not [each for each in simulator.requests() if "subscribers" in each["path"]]


def test_waits_while_vibes_is_away_and_goes_on_later(
    campaign: Campaign, simulator: Simulator
) -> None:
    people.person(mobile=vibes.ANA, city="Chicago")
    Account.objects.update(base_url="http://127.0.0.1:9")
    run = start(campaign)

    assert launch.prepare(run.pk, clock=clock) == Run.State.ASKING
    Account.objects.update(base_url=simulator.url)

    assert launch.prepare(run.pk, clock=clock) == Run.State.RUNNING


def test_the_audience_is_frozen_at_launch(campaign: Campaign) -> None:
    people.person(mobile=vibes.ANA, city="Chicago")
    run = start(campaign)
    launch.prepare(run.pk, clock=clock)

    people.person(mobile=vibes.BEN, city="Chicago")
    launch.prepare(run.pk, clock=clock)

    run.refresh_from_db()
    assert (run.entered, run.entries.count()) == (1, 1)


def test_one_at_a_time_prepares_a_run(campaign: Campaign) -> None:
    run = start(campaign)
    Run.objects.update(lease_until=NOON + timedelta(seconds=30))

    assert launch.prepare(run.pk, clock=clock) == Run.State.ENROLLING


@pytest.fixture
def texted(campaign: Campaign, offers: VibesList, simulator: Simulator) -> Run:
    """A run of three members, advanced, nothing sent yet."""
    for mobile in (vibes.ANA, vibes.BEN, vibes.EVE):
        people.person(mobile=mobile, city="Chicago")
    simulator.members("1234", vibes.ANA, vibes.BEN, vibes.EVE)
    run = start(campaign)
    launch.prepare(run.pk, clock=clock)
    run_all()
    return run


def counts(run: Run) -> dict[str, int]:
    (only,) = results.sums(run)
    return dict(only.counts)


def test_finishes_when_every_verdict_is_final(
    texted: Run, account: Account, simulator: Simulator
) -> None:
    assert launch.finish_runs(now=NOON) == 0

    delivery.deliver(account.pk, clock=clock)

    assert (launch.finish_runs(now=NOON), counts(texted)) == (1, {Verdict.State.SENT: 3})
    assert len(simulator.ledger()) == 3


def test_stops_what_has_not_left(texted: Run, account: Account, simulator: Simulator) -> None:
    assert control.stop(texted.pk, by=None, now=NOON).cancelled == 3

    delivery.deliver(account.pk, clock=clock)

    texted.refresh_from_db()
    assert (texted.state, counts(texted)) == (Run.State.CANCELLED, {Verdict.State.CANCELLED: 3})
    assert simulator.ledger() == []


def test_a_number_that_opts_out_while_queued_gets_nothing(
    texted: Run, account: Account, offers: VibesList, simulator: Simulator
) -> None:
    Subscription.objects.filter(mobile=vibes.BEN).update(state="unsubscribed")

    delivery.deliver(account.pk, clock=clock)

    assert counts(texted) == {Verdict.State.SENT: 2, Verdict.State.SKIPPED: 1}
    assert vibes.BEN not in {each["mdn"] for each in simulator.ledger()}


def test_explains_what_became_of_one_person(texted: Run, account: Account) -> None:
    Person.objects.filter(mobile=vibes.BEN).update(block_listed=True)
    delivery.deliver(account.pk, clock=clock)

    ben = texted.entries.get(person__mobile=vibes.BEN)
    (met,) = results.explain(ben)

    assert (met.verdict.state, met.why, met.step) == (
        "skipped",
        "Block-listed",
        "Send SMS Message",
    )
    assert met.row == OutboxRow.objects.get(mobile=vibes.BEN)


def test_makes_the_sender_that_vibes_needs(
    campaign: Campaign, offers: VibesList, account: Account
) -> None:
    launch.prepare(start(campaign).pk, clock=clock)

    offers.refresh_from_db()
    with Client(account) as client:
        assert len(client.senders(offers.event_type)) == 1
    assert offers.event_type == senders.event_type(offers)


def test_a_number_about_which_vibes_says_nothing_holds_up_nobody_for_long(
    campaign: Campaign, simulator: Simulator
) -> None:
    for mobile in (vibes.ANA, vibes.BEN):
        people.person(mobile=mobile, city="Chicago")
    simulator.members("1234", vibes.ANA, vibes.BEN)
    refusal = {"type": "status", "status": 422}
    simulator.post("faults", {"match": {"mdn_suffix": "0102"}, "action": refusal})
    run = start(campaign)

    assert launch.prepare(run.pk, clock=clock) == Run.State.ASKING
    assert launch.prepare(run.pk, clock=lambda: NOON + timedelta(minutes=5)) == Run.State.RUNNING

    run_all()
    assert counts(run) == {Verdict.State.QUEUED: 1, Verdict.State.SKIPPED: 1}
