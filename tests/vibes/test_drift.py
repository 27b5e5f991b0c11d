"""What ours says, what Vibes says, and what becomes of it: one row of the table each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from vibes import consent, consequences, drifts, sweeps
from vibes.models import (
    AcquisitionCampaign,
    ConsentEntry,
    Drift,
    Number,
    Stop,
    Subscription,
    Sweep,
    VibesList,
)
from vibes.standing import OnList, Standing

State = Subscription.State
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
LATER = NOON + 2 * HOUR
MEMBER = OnList(State.SUBSCRIBED, NOON + HOUR)
OLD_MEMBER = OnList(State.SUBSCRIBED, NOON - HOUR)
GONE = OnList(State.UNSUBSCRIBED, NOON + HOUR, "user_opt_out")
LONG_GONE = OnList(State.UNSUBSCRIBED, NOON - HOUR, "bulk_opt_out")
NOBODY = OnList(State.NEVER)


@pytest.fixture
def offers(db: None) -> VibesList:
    return make.vibes_list(make.account())


@pytest.fixture
def alerts(offers: VibesList) -> VibesList:
    return make.vibes_list(offers.account, vibes_id="5678", name="Service alerts")


@pytest.fixture
def offers_by_web(offers: VibesList) -> AcquisitionCampaign:
    return make.campaign(offers)


@pytest.fixture
def sweep(offers: VibesList) -> Sweep:
    return sweeps.start(offers.account, by="ada", now=LATER)


def learn(
    sweep: Sweep,
    said: list[Standing],
    lists: list[VibesList],
    before: drifts.Stands | None = None,
) -> int:
    """Vibes says this. What stood here `before` it was asked still stands, unless given."""
    if before is None:
        before = drifts.stands([each.mobile for each in said], lists)
    return drifts.learn(sweep, said, lists, before=before, asked_at=LATER, now=LATER)


def hear(sweep: Sweep, on_offers: OnList, before: drifts.Stands | None = None, **more: Any) -> int:
    """Vibes says this of Ana on Offers."""
    lists = list(sweep.account.lists.order_by("pk"))
    return learn(sweep, [Standing(ANA, {"1234": on_offers}, **more)], lists, before)


def ours() -> tuple[str, str, str]:
    row = Subscription.objects.get(vibes_list__vibes_id="1234")
    return row.state, row.reason, row.source


def differences() -> list[tuple[str, str, str, str]]:
    found = Drift.objects.values_list("ours", "theirs", "outcome", "explanation")
    return list(found.order_by("pk"))


# --- New ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "state", "told_at", "source"),
    [
        (MEMBER, State.SUBSCRIBED, NOON + HOUR, "record"),
        (GONE, State.UNSUBSCRIBED, NOON + HOUR, "record"),
        (NOBODY, State.NEVER, LATER, "asked"),
    ],
)
def test_what_was_never_asked_is_learnt_and_is_no_difference(
    sweep: Sweep, theirs: OnList, state: str, told_at: datetime, source: str
) -> None:
    people.person(mobile=ANA)

    assert hear(sweep, theirs) == 1

    row, entry = Subscription.objects.get(), ConsentEntry.objects.get()
    assert (row.state, row.told_at, row.source) == (state, told_at, source)
    assert (entry.was, entry.became, entry.told_at) == ("", state, told_at)
    assert not differences()
    assert not Activity.objects.exists()


def test_nothing_is_learnt_twice(sweep: Sweep) -> None:
    assert [hear(sweep, MEMBER), hear(sweep, MEMBER)] == [1, 0]
    assert ConsentEntry.objects.count() == 1


def test_a_question_first_heard_of_ends_after_a_day_where_vibes_names_no_end(
    sweep: Sweep, offers_by_web: AcquisitionCampaign
) -> None:
    hear(sweep, OnList(State.PENDING, campaign=offers_by_web))

    assert Subscription.objects.get().expires_at == LATER + 24 * HOUR


def test_a_member_of_another_list_who_texted_stop_is_none(sweep: Sweep, alerts: VibesList) -> None:
    lists = list(sweep.account.lists.order_by("pk"))
    stopped = Standing(ANA, {"1234": GONE, "5678": OLD_MEMBER}, stopped_at=GONE.told_at)

    learn(sweep, [stopped], lists)

    row = Subscription.objects.get(vibes_list=alerts)
    assert (row.state, row.reason) == (State.UNSUBSCRIBED, consent.STOPPED)
    assert Stop.objects.get().stopped_at == GONE.told_at


def test_stop_at_another_service_leaves_a_member_one(sweep: Sweep, offers: VibesList) -> None:
    other = make.account(name="Canada", source_code="520123")
    elsewhere = make.vibes_list(other, vibes_id="c1")
    stopped = Standing(ANA, {"c1": GONE}, stopped_at=GONE.told_at)
    there = sweeps.start(other, by="ada", now=LATER)
    learn(there, [stopped], [elsewhere])

    hear(sweep, OLD_MEMBER)
    assert ours()[0] == State.SUBSCRIBED  # learnt

    hear(sweep, OLD_MEMBER)
    assert (ours()[0], differences()) == (State.SUBSCRIBED, [])  # compared


def test_stop_for_one_list_leaves_the_others_alone(sweep: Sweep, alerts: VibesList) -> None:
    consequences.STOP_SCOPE.set("list")
    lists = list(sweep.account.lists.order_by("pk"))
    stopped = Standing(ANA, {"1234": GONE, "5678": OLD_MEMBER}, stopped_at=GONE.told_at)

    learn(sweep, [stopped], lists)

    assert Subscription.objects.get(vibes_list=alerts).state == State.SUBSCRIBED


def test_keeps_what_vibes_says_of_the_number_itself(sweep: Sweep) -> None:
    hear(sweep, NOBODY, person_key="key-1", invalid=True)

    number = Number.objects.get()
    assert (number.person_key, number.line) == ("key-1", Number.Line.INVALID)


# --- The same -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "theirs"),
    [
        (State.SUBSCRIBED, MEMBER),
        (State.SUBSCRIBED, OLD_MEMBER),
        (State.UNSUBSCRIBED, GONE),
        (State.UNSUBSCRIBED, NOBODY),
        (State.NEVER, NOBODY),
        (State.DECLINED, NOBODY),
        (State.DECLINED, LONG_GONE),
        (State.EXPIRED, NOBODY),
    ],
)
def test_where_both_say_the_same_nothing_changes(
    sweep: Sweep, offers: VibesList, state: str, theirs: OnList
) -> None:
    make.subscription(offers, state=state)

    assert hear(sweep, theirs) == 0
    assert (ours()[0], differences()) == (state, [])
    assert not ConsentEntry.objects.exists()


# --- Repaired -----------------------------------------------------------------------------------

REPAIRED = [
    (State.NEVER, MEMBER, State.SUBSCRIBED, "", "record", drifts.JOINED),
    (State.PENDING, MEMBER, State.SUBSCRIBED, "", "record", drifts.JOINED),
    (State.DECLINED, MEMBER, State.SUBSCRIBED, "", "record", drifts.JOINED),
    (State.EXPIRED, MEMBER, State.SUBSCRIBED, "", "record", drifts.JOINED),
    (State.UNSUBSCRIBED, MEMBER, State.SUBSCRIBED, "", "record", drifts.JOINED),
    (State.UNSUBSCRIBED, OLD_MEMBER, State.SUBSCRIBED, "", "asked", drifts.JOINED),
    (State.SUBSCRIBED, GONE, State.UNSUBSCRIBED, "user_opt_out", "record", drifts.LEFT),
    (State.SUBSCRIBED, LONG_GONE, State.UNSUBSCRIBED, "not-at-vibes", "asked", drifts.LEFT),
    (State.SUBSCRIBED, NOBODY, State.UNSUBSCRIBED, "not-at-vibes", "asked", drifts.NO_RECORD),
    (State.NEVER, LONG_GONE, State.UNSUBSCRIBED, "bulk_opt_out", "record", drifts.LEFT_BEFORE),
    (State.PENDING, GONE, State.UNSUBSCRIBED, "user_opt_out", "record", drifts.LEFT),
    (State.DECLINED, GONE, State.UNSUBSCRIBED, "user_opt_out", "record", drifts.LEFT),
    (State.PENDING, NOBODY, State.DECLINED, "nothing-open", "asked", drifts.NOTHING_OPEN),
]


@pytest.mark.parametrize(("state", "theirs", "becomes", "reason", "source", "why"), REPAIRED)
def test_a_difference_is_repaired_and_dated_by_vibes(
    sweep: Sweep,
    offers: VibesList,
    state: str,
    theirs: OnList,
    becomes: str,
    reason: str,
    source: str,
    why: str,
) -> None:
    make.subscription(offers, state=state)

    hear(sweep, theirs)

    assert ours() == (becomes, reason, source)
    assert differences() == [(state, theirs.state, "repaired", why)]
    entry = ConsentEntry.objects.get()
    assert (entry.was, entry.became, entry.reason) == (state, becomes, reason)
    is_dated = theirs in (MEMBER, GONE) and becomes == theirs.state
    assert entry.told_at == theirs.told_at or not is_dated


def test_a_repair_is_in_the_history_of_whoever_holds_the_number(
    sweep: Sweep, offers: VibesList
) -> None:
    people.person(mobile=ANA)
    make.subscription(offers)

    hear(sweep, GONE)
    assert Activity.objects.get().kind == "unsubscribe_from_vibes_list"


def test_a_question_vibes_waits_for_is_taken_over_with_its_end(
    sweep: Sweep, offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    make.subscription(offers, state=State.NEVER)
    ends = LATER + HOUR

    hear(sweep, OnList(State.PENDING, campaign=offers_by_web, expires_at=ends))

    row = Subscription.objects.get()
    assert (row.state, row.acquisition_campaign, row.expires_at) == ("pending", offers_by_web, ends)
    assert differences() == [(State.NEVER, State.PENDING, "repaired", drifts.ASKED_THERE)]


def test_a_new_end_of_a_question_is_no_difference(
    sweep: Sweep, offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    make.subscription(offers, state=State.PENDING, expires_at=LATER)

    hear(sweep, OnList(State.PENDING, campaign=offers_by_web, expires_at=LATER + HOUR))

    assert Subscription.objects.get().expires_at == LATER + HOUR
    assert (differences(), ConsentEntry.objects.count()) == ([], 0)


def test_a_question_whose_time_is_over_expired(sweep: Sweep, offers: VibesList) -> None:
    make.subscription(offers, state=State.PENDING, expires_at=LATER)

    hear(sweep, NOBODY)
    assert ours() == (State.EXPIRED, "", consent.OVERDUE)
    assert ConsentEntry.objects.get().actor == ConsentEntry.Actor.CLOCK


def test_who_asked_last_is_right_about_the_same_second(sweep: Sweep, offers: VibesList) -> None:
    make.subscription(offers, state=State.UNSUBSCRIBED, told_at=LATER)

    hear(sweep, OLD_MEMBER)
    assert ours()[0] == State.SUBSCRIBED


# --- Explained ----------------------------------------------------------------------------------


def test_stop_ended_a_list_that_vibes_still_has(sweep: Sweep, offers: VibesList) -> None:
    make.subscription(offers, state=State.UNSUBSCRIBED, reason=consent.STOPPED)
    make.stop(offers.account)

    hear(sweep, OLD_MEMBER)

    assert ours()[0] == State.UNSUBSCRIBED
    assert differences() == [(State.UNSUBSCRIBED, State.SUBSCRIBED, "explained", drifts.STOP_HOLDS)]


def test_an_opt_in_after_stop_counts(sweep: Sweep, offers: VibesList) -> None:
    make.subscription(offers, state=State.UNSUBSCRIBED, reason=consent.STOPPED)
    make.stop(offers.account)

    hear(sweep, MEMBER)
    assert ours() == (State.SUBSCRIBED, "", consent.RECORD)


def test_who_left_by_themselves_after_a_stop_stays_out_in_every_sweep(offers: VibesList) -> None:
    make.stop(offers.account, at=NOON - 2 * HOUR)
    make.subscription(offers, state=State.PENDING, left_at=NOON)

    for _ in range(2):
        sweep = sweeps.start(offers.account, by="ada", now=LATER)
        hear(sweep, OLD_MEMBER)
        sweeps.stop(sweep, now=LATER)

    assert ours()[0] == State.UNSUBSCRIBED


def test_an_opt_in_after_stop_counts_though_the_end_was_dated_later(
    sweep: Sweep, offers: VibesList
) -> None:
    ended = {"state": State.UNSUBSCRIBED, "reason": consent.STOPPED}
    make.subscription(offers, told_at=NOON + 90 * SECOND, **ended)
    make.stop(offers.account)

    hear(sweep, OnList(State.SUBSCRIBED, NOON + 60 * SECOND))
    assert ours()[0] == State.SUBSCRIBED


@pytest.mark.parametrize(("again", "state"), [(True, "subscribed"), (False, "unsubscribed")])
def test_in_the_second_of_the_stop_only_what_began_again_counts(
    sweep: Sweep, offers: VibesList, again: bool, state: str
) -> None:
    make.subscription(offers, state=State.UNSUBSCRIBED, reason=consent.STOPPED)
    make.stop(offers.account)

    hear(sweep, OnList(State.SUBSCRIBED, NOON, began_again=again))
    assert ours()[0] == state


@pytest.mark.parametrize(
    "held", [None, (State.SUBSCRIBED, NOON - HOUR), (State.UNSUBSCRIBED, NOON - HOUR)]
)
def test_what_came_in_while_we_asked_stays(
    sweep: Sweep, offers: VibesList, held: tuple[str, datetime] | None
) -> None:
    make.subscription(offers, state=State.UNSUBSCRIBED, reason="api_opt_out", told_at=NOON)

    hear(sweep, MEMBER, before={(ANA, offers.pk): held} if held else {})

    assert ours()[0] == State.UNSUBSCRIBED
    assert differences() == [(State.UNSUBSCRIBED, State.SUBSCRIBED, "explained", drifts.MEANWHILE)]


def test_costs_the_same_few_queries_for_any_number_where_nothing_differs(
    sweep: Sweep, offers: VibesList, django_assert_max_num_queries: Any
) -> None:
    mobiles = [f"+1312555{each:04}" for each in range(100, 150)]
    said = [Standing(mobile, {"1234": MEMBER}) for mobile in mobiles]
    learn(sweep, said, [offers])

    with django_assert_max_num_queries(8):
        learn(sweep, said, [offers])


def test_numbers_do_not_mix(sweep: Sweep, offers: VibesList) -> None:
    make.subscription(offers, BEN)
    said = [Standing(ANA, {"1234": MEMBER}), Standing(BEN)]

    learn(sweep, said, [offers])
    states = dict(Subscription.objects.values_list("mobile", "state"))
    assert states == {ANA: State.SUBSCRIBED, BEN: State.UNSUBSCRIBED}
