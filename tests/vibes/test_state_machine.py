"""Every line of the state machine of opt-in and opt-out, as Vibes' reference describes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from people.models import Activity, Person
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, NOON
from vibes import consent, numbers, subscriptions
from vibes.gate import Reason, judge
from vibes.models import (
    AcquisitionCampaign,
    ConsentEntry,
    Number,
    OutboxRow,
    Subscription,
    VibesList,
)

State, Line = Subscription.State, Number.Line
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
NONE_EXPIRED_OUT = [None, State.NEVER, State.EXPIRED, State.UNSUBSCRIBED]


@pytest.fixture
def offers(db: None) -> VibesList:
    return make.vibes_list(make.account())


@pytest.fixture
def offers_by_web(offers: VibesList) -> AcquisitionCampaign:
    return make.campaign(offers)


def hear(
    vibes_list: VibesList, state: str, *, told_at: datetime = NOON + HOUR, **more: Any
) -> bool:
    known: dict[str, Any] = {"source": consent.TOLD, "now": NOON + 2 * HOUR} | more
    return subscriptions.change(ANA, vibes_list, state, told_at=told_at, **known)


def ours() -> Subscription:
    return Subscription.objects.get(mobile=ANA)


def last() -> ConsentEntry:
    return ConsentEntry.objects.latest("pk")


def begin(vibes_list: VibesList, state: str | None, **more: Any) -> None:
    if state:
        make.subscription(vibes_list, state=state, **more)


@pytest.mark.parametrize("before", NONE_EXPIRED_OUT)
@pytest.mark.parametrize(
    ("source", "actor"), [(consent.OUR_CALL, "flow"), (consent.TOLD, "unknown")]
)
def test_none_expired_out_to_pending(
    offers: VibesList,
    offers_by_web: AcquisitionCampaign,
    before: str | None,
    source: str,
    actor: str,
) -> None:
    begin(offers, before)

    ends = NOON + 24 * HOUR
    hear(offers, "pending", source=source, acquisition_campaign=offers_by_web, expires_at=ends)

    row = ours()
    assert (row.state, row.acquisition_campaign, row.expires_at) == ("pending", offers_by_web, ends)
    assert (last().was, last().actor) == (before or "", actor)


@pytest.mark.parametrize("before", NONE_EXPIRED_OUT)
def test_none_expired_out_to_subscribed(offers: VibesList, before: str | None) -> None:
    begin(offers, before)

    hear(offers, State.SUBSCRIBED, source=consent.OUR_CALL)
    assert (ours().state, last().actor) == (State.SUBSCRIBED, "flow")


def test_pending_to_pending_keeps_its_end_and_is_no_news(offers: VibesList) -> None:
    begin(offers, State.PENDING, expires_at=NOON + 5 * HOUR)

    assert hear(offers, State.PENDING) is False
    assert ours().expires_at == NOON + 5 * HOUR
    assert not ConsentEntry.objects.exists()


def test_pending_ends_after_a_day_where_vibes_names_no_end(offers: VibesList) -> None:
    hear(offers, State.PENDING)
    assert ours().expires_at == NOON + 25 * HOUR


def test_pending_to_subscribed_is_the_persons_doing(offers: VibesList) -> None:
    begin(offers, State.PENDING, expires_at=NOON + 5 * HOUR)

    hear(offers, State.SUBSCRIBED)
    assert (ours().state, ours().expires_at, last().actor) == (State.SUBSCRIBED, None, "person")


def test_pending_to_declined_keeps_the_campaign(
    offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    begin(offers, State.PENDING, acquisition_campaign=offers_by_web)

    hear(offers, State.DECLINED)
    assert (ours().state, ours().acquisition_campaign) == (State.DECLINED, offers_by_web)
    assert last().actor == "person"


def test_pending_to_declined_by_any_stop(offers: VibesList) -> None:
    begin(offers, State.PENDING)

    at = NOON + HOUR
    subscriptions.stop_code(
        ANA, offers.account, named=None, told_at=at, now=at, cause={"callback_id": 7}
    )
    assert (ours().state, ours().reason) == (State.DECLINED, consent.STOPPED)
    assert (last().actor, last().callback_id) == ("person", 7)


def test_pending_to_expired_is_nobodys_doing(offers: VibesList) -> None:
    begin(offers, State.PENDING)

    hear(offers, State.EXPIRED, source=consent.OVERDUE)
    assert (ours().state, last().actor) == (State.EXPIRED, "clock")


@pytest.mark.parametrize("after", [State.PENDING, State.SUBSCRIBED])
def test_declined_to_pending_or_subscribed_by_the_keyword(offers: VibesList, after: str) -> None:
    begin(offers, State.DECLINED)

    hear(offers, after)
    assert ours().state == after


@pytest.mark.parametrize(
    ("reason", "source", "actor"),
    [
        ("user_opt_out", consent.TOLD, "person"),
        ("keyword_opt_out", consent.TOLD, "person"),
        ("button_opt_out", consent.TOLD, "person"),
        ("api_opt_out", consent.OUR_CALL, "flow"),
        ("api_opt_out", consent.TOLD, "unknown"),
        ("platform_opt_out", consent.TOLD, "vibes"),
        ("bulk_opt_out", consent.TOLD, "vibes"),
        ("disconnect", consent.TOLD, "carrier"),
        ("failed_at_carrier", consent.TOLD, "carrier"),
        ("obsolete_carrier", consent.TOLD, "carrier"),
        ("list_archived", consent.TOLD, "vibes"),
        ("a_new_reason", consent.TOLD, "unknown"),
    ],
)
def test_subscribed_to_out_says_who(
    offers: VibesList, reason: str, source: str, actor: str
) -> None:
    begin(offers, State.SUBSCRIBED)

    hear(offers, State.UNSUBSCRIBED, reason=reason, source=source)
    entry = ConsentEntry.objects.get(became=State.UNSUBSCRIBED)
    assert (entry.was, entry.reason, entry.actor) == (State.SUBSCRIBED, reason, actor)


def test_a_yes_after_our_unsubscribe_step_wins(offers: VibesList) -> None:
    begin(offers, State.UNSUBSCRIBED, reason="api_opt_out", source=consent.OUR_CALL)

    hear(offers, State.SUBSCRIBED)
    assert ours().state == State.SUBSCRIBED


# --- Told before our own call was answered --------------------------------------------------------


def call(vibes_list: VibesList, action: str, **fields: Any) -> OutboxRow:
    known: dict[str, Any] = {"state": "sending", "sending_at": NOON + HOUR} | fields
    return OutboxRow.objects.create(
        range=make.outbox_range(vibes_list, action=action),
        account=vibes_list.account,
        vibes_list=vibes_list,
        person=people.person(mobile=ANA),
        mobile=ANA,
        action=action,
        campaign_id=1,
        run_id=2,
        step_id=3,
        entry_id=4,
        event_id=uuid4(),
        queued_at=NOON,
        **known,
    )


@pytest.mark.parametrize(
    ("before", "after", "reason", "action"),
    [
        (State.NEVER, State.PENDING, "", "subscribe"),
        (State.NEVER, State.SUBSCRIBED, "", "subscribe"),
        (State.SUBSCRIBED, State.UNSUBSCRIBED, "api_opt_out", "unsubscribe"),
    ],
)
def test_what_a_call_under_way_brings_about_is_the_flows_doing(
    offers: VibesList, before: str, after: str, reason: str, action: str
) -> None:
    begin(offers, before)
    call(offers, action)

    at = NOON + HOUR + SECOND
    hear(offers, after, reason=reason, now=at, told_at=at, cause={"callback_id": 9})
    entry = last()
    assert (entry.actor, entry.run_id, entry.step_id, entry.callback_id) == ("flow", 2, 3, 9)
    assert Activity.objects.get().run_id == 2


@pytest.mark.parametrize(
    ("before", "after", "reason", "fields"),
    [
        (State.PENDING, State.SUBSCRIBED, "", {}),
        (State.SUBSCRIBED, State.UNSUBSCRIBED, "user_opt_out", {}),
        (State.NEVER, State.PENDING, "", {"state": "accepted"}),
        (State.NEVER, State.PENDING, "", {"sending_at": NOON}),
    ],
)
def test_nothing_else_is(
    offers: VibesList, before: str, after: str, reason: str, fields: dict[str, Any]
) -> None:
    begin(offers, before)
    call(offers, "subscribe", **fields)

    hear(offers, after, reason=reason, now=NOON + HOUR)
    assert (last().actor == "flow", last().run_id) == (False, None)


# --- What the number is -------------------------------------------------------------------------

BARRED = [
    (Line.LANDLINE, Reason.LANDLINE),
    (Line.DISCONNECTED, Reason.DISCONNECTED),
    (Line.INVALID, Reason.INVALID_AT_VIBES),
]


def mark(line: str, *, told_at: datetime = NOON, cause: consent.Cause | None = None) -> bool:
    return numbers.set_line(
        ANA, line, source=consent.OUR_CALL, told_at=told_at, now=NOON, cause=cause
    )


@pytest.mark.parametrize(("line", "why"), BARRED)
@pytest.mark.parametrize("action", ["text", "subscribe"])
def test_a_number_flag_blocks_texts_and_opt_ins(
    offers: VibesList, line: str, why: str, action: str
) -> None:
    begin(offers, State.SUBSCRIBED)
    ana = people.person(mobile=ANA)
    mark(line)

    judged = judge(Person.objects.all(), vibes_list=offers, action=action)
    assert judged.refused == {why: {ana.pk}}


@pytest.mark.parametrize(("line", "_why"), BARRED)
def test_a_new_opt_in_from_the_handset_lifts_a_number_flag(
    offers: VibesList, line: str, _why: str
) -> None:
    mark(line)

    hear(offers, State.SUBSCRIBED)
    assert Number.objects.get().line == Line.UNKNOWN


def test_an_opt_in_of_before_does_not_lift_it(offers: VibesList) -> None:
    alerts = make.vibes_list(offers.account, vibes_id="5678", name="Service alerts")
    begin(offers, State.SUBSCRIBED)
    hear(offers, State.UNSUBSCRIBED, reason=consent.DISCONNECT)

    hear(alerts, State.SUBSCRIBED, told_at=NOON)
    assert Number.objects.get().line == Line.DISCONNECTED


@pytest.mark.parametrize("source", [consent.ASKED, consent.OUR_CALL, consent.OVERDUE])
def test_what_we_only_found_out_does_not_lift_it(offers: VibesList, source: str) -> None:
    mark(Line.LANDLINE)

    hear(offers, State.SUBSCRIBED, source=source)
    assert Number.objects.get().line == Line.LANDLINE
