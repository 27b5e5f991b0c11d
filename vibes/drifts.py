"""What Vibes says beside what we hold: learnt where we held nothing, repaired or explained elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop as _

from vibes import consent, consequences, numbers, subscriptions
from vibes.models import AcquisitionCampaign, Drift, Number, Subscription, Sweep, VibesList
from vibes.standing import OnList, Standing

State = Subscription.State
Outcome = Drift.Outcome
MEANWHILE = _(
    "It changed while Vibes was being asked. The newer fact stays; the next sweep looks again."
)
STOP_HOLDS = _(
    "STOP ended every list of the source code. Vibes still lists the number here, but only a newer"
    " opt-in counts."
)
OPTED_OUT = _(
    "They opted out after the subscription began that Vibes still has, perhaps of somebody who had"
    " the number before. Only a newer opt-in counts."
)
JOINED = _("Vibes has a subscription we were not told of. Ours says so now.")
LEFT = _("The subscription ended at Vibes and we were not told. Ours says so now.")
NO_RECORD = _("Vibes has no subscription of this number here. Ours says so now.")
ASKED_THERE = _("Vibes waits for an answer that we did not know of. Ours says so now.")
TIME_OVER = _("The time to answer was over, and Vibes has nothing open. Ours says so now.")
NOTHING_OPEN = _("Vibes has no open question any more, so it was declined. Ours says so now.")
LEFT_BEFORE = _("The subscription had ended before we first asked. Ours says so now.")


@dataclass(frozen=True)
class Repair:
    """What ours has to say, and why."""

    state: State
    told_at: datetime
    source: str
    why: str
    reason: str = ""
    campaign: AcquisitionCampaign | None = None
    expires_at: datetime | None = None
    outcome: Outcome = Outcome.REPAIRED


Stands = Mapping[tuple[str, int], tuple[str, datetime | None]]
"""How rows stand: state and `told_at`, by number and list."""


@dataclass(frozen=True)
class Compared:
    """One number and list. `kept` is ours; `stopped_at` the service's newest STOP either side knows of.

    `is_newer`: ours was written while Vibes was being asked.
    """

    kept: Subscription
    theirs: OnList
    stopped_at: datetime | None
    asked_at: datetime
    is_newer: bool = False


def stands(mobiles: Iterable[str], lists: Sequence[VibesList]) -> Stands:
    """How our rows stand: look before Vibes is asked, and give it to `learn`."""
    rows = Subscription.objects.filter(mobile__in=list(mobiles), vibes_list__in=lists)
    told = rows.values_list("mobile", "vibes_list_id", "state", "told_at")
    return {(mobile, list_id): (state, told_at) for mobile, list_id, state, told_at in told}


def learn(
    sweep: Sweep,
    standings: Sequence[Standing],
    lists: Sequence[VibesList],
    *,
    before: Stands,
    asked_at: datetime,
    now: datetime,
) -> int:
    """Write what is new and settle what differs; returns of how many numbers something was new.

    A row that does not stand as it did `before` is newer than Vibes' answer, whatever the clocks
    say; `asked_at` is when the first was asked. Call it in a transaction; it locks the numbers.
    """
    held = numbers.lock_all(each.mobile for each in standings)
    rows, stops = _rows(held, lists), numbers.stops(held, sweep.account_id)
    numbers.remember_keys(held, {each.mobile: each.person_key for each in standings})
    stops_code = consequences.STOP_SCOPE.get() == "code"
    news, drifts = [], []
    for standing in standings:
        number = held[standing.mobile]
        _mark(number, standing, asked_at, now)
        if stops_code:
            _stop(stops, standing, sweep.account_id)
        stopped_at = stops.get(number.pk)
        for vibes_list in lists:
            theirs, kept = standing.on(vibes_list.vibes_id), rows.get((number.pk, vibes_list.pk))
            if kept is None:
                news.append(_new(number, vibes_list, theirs, stopped_at, asked_at, now))
                continue
            is_newer = before.get((number.pk, vibes_list.pk)) != (kept.state, kept.told_at)
            compared = Compared(kept, theirs, stopped_at, asked_at, is_newer)
            drift = _settle(compared, sweep, now)
            if drift:
                drifts.append(drift)
    subscriptions.keep_new(news, held, now=now)
    Drift.objects.bulk_create(drifts)
    return len({row.mobile for row in news})


def _rows(
    held: Mapping[str, Number], lists: Sequence[VibesList]
) -> dict[tuple[str, int], Subscription]:
    rows = Subscription.objects.filter(mobile__in=held, vibes_list__in=lists)
    whole = rows.select_related("vibes_list", "acquisition_campaign")
    return {(row.mobile, row.vibes_list_id): row for row in whole}


def _mark(number: Number, standing: Standing, asked_at: datetime, now: datetime) -> None:
    if standing.invalid:
        line = Number.Line.INVALID
        numbers.set_line(number.mobile, line, source=consent.ASKED, told_at=asked_at, now=now)
    if gone_at := _disconnected_at(standing):
        line = Number.Line.DISCONNECTED
        numbers.set_line(number.mobile, line, source=consent.RECORD, told_at=gone_at, now=now)


def _disconnected_at(standing: Standing) -> datetime | None:
    """When the number was disconnected, if nothing began or ended with it after that."""
    dated = [each for each in standing.lists.values() if each.told_at]
    last = max((each.told_at for each in dated if each.told_at), default=None)
    gone = [each for each in dated if each.reason == consent.DISCONNECT and each.told_at == last]
    is_back = any(
        each.state in (State.SUBSCRIBED, State.PENDING) for each in standing.lists.values()
    )
    return last if gone and not is_back else None


def _stop(stops: dict[str, datetime], standing: Standing, account_id: int) -> None:
    """Keep a STOP that nobody told us of: it ends the lists Vibes still has, too."""
    mobile, kept = standing.mobile, stops.get(standing.mobile)
    stopped_at = standing.stopped_at and standing.stopped_at.replace(microsecond=0)
    if stopped_at and (kept is None or stopped_at > kept):
        stops[mobile] = stopped_at
        numbers.keep_stop(mobile, account_id, stopped_at)


def _new(
    number: Number,
    vibes_list: VibesList,
    theirs: OnList,
    stopped_at: datetime | None,
    asked_at: datetime,
    now: datetime,
) -> Subscription:
    state, reason, told_at = theirs.state, theirs.reason, theirs.told_at
    if state == State.SUBSCRIBED and _stop_holds(stopped_at, None, theirs):
        state, reason, told_at = State.UNSUBSCRIBED, consent.STOPPED, stopped_at
    row = Subscription(
        mobile=number.mobile,
        vibes_list=vibes_list,
        state=state,
        reason=reason[:40],
        source=consent.RECORD if told_at else consent.ASKED,
        acquisition_campaign=theirs.campaign,
        changed_at=now,
        told_at=min(told_at or asked_at, now).replace(microsecond=0),
    )
    row.expires_at = subscriptions.ends_at(row, theirs.expires_at)
    row.left_at = subscriptions.own_end(row)
    return row


def _stop_holds(stopped_at: datetime | None, kept: Subscription | None, theirs: OnList) -> bool:
    """As `subscriptions.stop_holds`, but by the date on which the subscription began, if it has one."""
    began_at = theirs.told_at and theirs.told_at.replace(microsecond=0)
    if began_at is None:
        return subscriptions.stop_holds(stopped_at, kept)
    stopped_at = subscriptions.newest_end(stopped_at, kept)
    if stopped_at is None:
        return False
    return began_at < stopped_at or (began_at == stopped_at and not theirs.began_again)


def _settle(compared: Compared, sweep: Sweep, now: datetime) -> Drift | None:
    """Make ours say what is so; returns the difference that was found, if there was one."""
    kept, ours = compared.kept, compared.kept.state
    repair = _judge(compared)
    if repair and not compared.is_newer and (repair.state != ours or ours == State.PENDING):
        _write(kept, repair, now)
    if repair is None or (ours == State.PENDING == compared.theirs.state):
        return None
    if compared.is_newer:
        return _drift(sweep, compared, ours, Outcome.EXPLAINED, MEANWHILE, now)
    return _drift(sweep, compared, ours, repair.outcome, repair.why, now)


def _write(kept: Subscription, repair: Repair, now: datetime) -> None:
    subscriptions.change(
        kept.mobile,
        kept.vibes_list,
        repair.state,
        source=repair.source,
        reason=repair.reason[:40],
        told_at=repair.told_at,
        now=now,
        acquisition_campaign=repair.campaign,
        expires_at=repair.expires_at,
        asked_last=True,
    )


def _judge(compared: Compared) -> Repair | None:
    """What ours has to become; None where both say the same, as far as Vibes tells it apart."""
    match compared.theirs.state:
        case State.SUBSCRIBED:
            return _member(compared)
        case State.PENDING:
            return _asked(compared)
    return _nobody(compared)


def _member(compared: Compared) -> Repair | None:
    kept, theirs = compared.kept, compared.theirs
    if _stop_holds(compared.stopped_at, kept, theirs):
        told_at = max(compared.stopped_at or compared.asked_at, kept.told_at or kept.changed_at)
        return Repair(
            State.UNSUBSCRIBED,
            told_at,
            consent.RECORD,
            STOP_HOLDS if compared.stopped_at else OPTED_OUT,
            reason=consent.STOPPED,
            outcome=Outcome.EXPLAINED,
        )
    if kept.state == State.SUBSCRIBED:
        return None
    told_at, source = _dated(compared)
    return Repair(State.SUBSCRIBED, told_at, source, JOINED)


def _asked(compared: Compared) -> Repair | None:
    kept, theirs = compared.kept, compared.theirs
    if kept.state == State.PENDING and theirs.expires_at in (None, kept.expires_at):
        return None
    return Repair(
        State.PENDING,
        _now_or_kept(compared),
        consent.ASKED,
        ASKED_THERE,
        campaign=theirs.campaign,
        expires_at=theirs.expires_at,
    )


def _nobody(compared: Compared) -> Repair | None:
    """Vibes has an ended subscription of them, or none. Why they are none, ours may know better."""
    kept, theirs = compared.kept, compared.theirs
    has_ended = theirs.state == State.UNSUBSCRIBED
    is_news = has_ended and theirs.told_at is not None and _is_after(theirs.told_at, kept)
    told_at, source = _dated(compared)
    if kept.state == State.SUBSCRIBED:
        reason = theirs.reason if is_news else consent.NOT_AT_VIBES
        why = LEFT if has_ended else NO_RECORD
        return Repair(State.UNSUBSCRIBED, told_at, source, why, reason=reason)
    if kept.state == State.NEVER and has_ended:
        when = max(theirs.told_at or told_at, kept.told_at or told_at)
        return Repair(State.UNSUBSCRIBED, when, consent.RECORD, LEFT_BEFORE, reason=theirs.reason)
    if kept.state != State.UNSUBSCRIBED and is_news:
        return Repair(State.UNSUBSCRIBED, told_at, source, LEFT, reason=theirs.reason)
    return _nothing_open(compared) if kept.state == State.PENDING else None


def _nothing_open(compared: Compared) -> Repair:
    kept, when = compared.kept, _now_or_kept(compared)
    if kept.expires_at and kept.expires_at <= compared.asked_at:
        return Repair(State.EXPIRED, when, consent.OVERDUE, TIME_OVER)
    return Repair(State.DECLINED, when, consent.ASKED, NOTHING_OPEN, reason=consent.NOTHING_OPEN)


def _is_after(at: datetime, kept: Subscription) -> bool:
    return kept.told_at is None or at.replace(microsecond=0) > kept.told_at


def _dated(compared: Compared) -> tuple[datetime, str]:
    """Vibes' own date where it comes after what we hold; else when we asked."""
    told_at = compared.theirs.told_at
    if told_at and _is_after(told_at, compared.kept):
        return told_at, consent.RECORD
    return _now_or_kept(compared), consent.ASKED


def _now_or_kept(compared: Compared) -> datetime:
    return max(compared.asked_at, compared.kept.told_at or compared.asked_at)


def _drift(
    sweep: Sweep, compared: Compared, ours: str, outcome: Outcome, why: str, now: datetime
) -> Drift:
    return Drift(
        sweep=sweep,
        vibes_list=compared.kept.vibes_list,
        mobile=compared.kept.mobile,
        ours=ours,
        theirs=compared.theirs.state,
        outcome=outcome,
        explanation=why,
        told_at=compared.theirs.told_at,
        found_at=now,
    )
