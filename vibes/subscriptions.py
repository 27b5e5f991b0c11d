"""change(): the only way the state of a number on a list is changed, and the history of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from people import activity
from people.activity import Happening, Kind
from people.models import Person
from vibes import consent, numbers
from vibes.consent import DISCONNECT, RECORD, STOPPED, TOLD, Cause
from vibes.models import (
    Account,
    AcquisitionCampaign,
    ConsentEntry,
    Number,
    OutboxRow,
    Subscription,
    VibesList,
)

State = Subscription.State

SUBSCRIBE = activity.register(
    Kind("subscribe_to_vibes_list", "Subscribe to Vibes List", "Subscribed to {vibes_list}")
)
REQUEST = activity.register(
    Kind("opt_in_requested", "Opt-in Requested", "Asked to join {vibes_list}, has not answered yet")
)
UNSUBSCRIBE = activity.register(
    Kind("unsubscribe_from_vibes_list", "Unsubscribe from Vibes List", "Left {vibes_list}: {why}")
)
DECLINE = activity.register(
    Kind("opt_in_declined", "Opt-in Declined", "Declined to join {vibes_list}")
)
EXPIRE = activity.register(
    Kind("opt_in_expired", "Opt-in Expired", "Did not answer in time to join {vibes_list}")
)
HISTORY = {
    State.SUBSCRIBED: SUBSCRIBE,
    State.PENDING: REQUEST,
    State.UNSUBSCRIBED: UNSUBSCRIBE,
    State.DECLINED: DECLINE,
    State.EXPIRED: EXPIRE,
}
# Who wins among facts of the same second, so that their order of arrival does not matter.
RANK = [
    State.NEVER,
    State.PENDING,
    State.EXPIRED,
    State.SUBSCRIBED,
    State.DECLINED,
    State.UNSUBSCRIBED,
]
# How long Vibes waits for an answer, as documented for Marketo (24 hours), where it names no end.
ANSWER_TIME = timedelta(hours=24)
WANTED = {State.PENDING, State.SUBSCRIBED}
SUBSCRIBES = OutboxRow.Action.SUBSCRIBE
# How long after a call of ours what Vibes tells may be its doing, while we have no answer to it.
UNDER_WAY = timedelta(minutes=10)
# Why a list ends by the person's own act, where Vibes names that very list.
NAMES_THE_LIST = frozenset({*consent.STOP_REASONS, consent.BUTTON})
# The sources whose opt-ins carry the time at which the person really opted in.
DATED = {TOLD, RECORD}


def change(
    mobile: str,
    vibes_list: VibesList,
    state: str,
    *,
    source: str,
    told_at: datetime,
    now: datetime,
    reason: str = "",
    acquisition_campaign: AcquisitionCampaign | None = None,
    expires_at: datetime | None = None,
    cause: Cause | None = None,
    asked_last: bool = False,
) -> bool:
    """Apply one fact about a number and a list; returns whether it changed the state.

    `told_at` is when the fact was true, by Vibes' clock where it told us, else when we began to
    ask. An older fact changes nothing; in the same second an opt-out wins. A change is one line of
    history for each holder and one row of the consent ledger; the same fact twice writes nothing.
    `cause` says what led to it, for both. `asked_last`: Vibes said so after all that we hold was
    written, so it wins in the same second.

    Sending locks the row of the number too: once this returns, no text is permitted against it.
    """
    told_at = min(told_at, now).replace(microsecond=0)
    with transaction.atomic():
        number = numbers.lock(mobile)
        kept = Subscription.objects.filter(mobile=mobile, vibes_list=vibes_list).first()
        if kept and not _is_newer(kept, state, told_at, asked_last=asked_last):
            return False
        was = kept.state if kept else ""
        row = kept or Subscription(mobile=mobile, vibes_list=vibes_list)
        row.state, row.reason, row.source, row.told_at = state, reason, source, told_at
        row.acquisition_campaign = acquisition_campaign or _still_through(row, was)
        row.expires_at = ends_at(row, expires_at)
        row.left_at = own_end(row)
        row.changed_at = now if state != was else row.changed_at
        row.save()
        cause = _whole(cause or {}, row, was) if state != was else cause or {}
        _mark(number, row, now=now, cause=cause)
        if state != was:
            consent.keep([(was, row)], keys={mobile: number.person_key}, now=now, cause=cause)
            _write_history(row, now=now, cause=cause)
    return state != was


def _still_through(row: Subscription, was: str) -> AcquisitionCampaign | None:
    """The campaign the number came through; who comes anew, came through we do not know which."""
    comes = row.state in WANTED and was not in WANTED
    return None if comes else row.acquisition_campaign


def _whole(cause: Cause, row: Subscription, was: str) -> Cause:
    """The cause with the flow step whose call is under way: what it brings about may be told first.

    An answer to a question is the person's; only what a call of ours can do by itself is a step's.
    """
    action = {State.PENDING: SUBSCRIBES, State.SUBSCRIBED: SUBSCRIBES}.get(State(row.state))
    if row.reason == "api_opt_out":
        action = OutboxRow.Action.UNSUBSCRIBE
    if row.source != TOLD or action is None or was == State.PENDING:
        return cause
    calls = OutboxRow.objects.filter(mobile=row.mobile, vibes_list=row.vibes_list, action=action)
    open_ = calls.filter(state__in=[OutboxRow.State.SENDING, OutboxRow.State.UNKNOWN])
    recent = open_.filter(sending_at__gte=row.changed_at - UNDER_WAY)
    call = recent.order_by("-pk").first()
    if call is None:
        return cause
    step = {"campaign_id": call.campaign_id, "run_id": call.run_id, "step_id": call.step_id}
    return {**cause, **step}


def ends_at(row: Subscription, told: datetime | None) -> datetime | None:
    """When a request is over. Where Vibes does not say, after as long as it usually waits."""
    if row.state != State.PENDING:
        return None
    return told or row.expires_at or (row.told_at and row.told_at + ANSWER_TIME)


def keep_new(
    rows: Sequence[Subscription], numbers_held: Mapping[str, Number], *, now: datetime
) -> None:
    """Keep what was learnt of numbers and lists for the first time, in two statements.

    It was so before we asked, so it is no history of anybody; the consent ledger has it. The
    numbers are locked by the caller, and there is no row yet of any of these.
    """
    Subscription.objects.bulk_create(rows, batch_size=500)
    keys = {number.mobile: number.person_key for number in numbers_held.values()}
    consent.keep([("", row) for row in rows], keys=keys, now=now)


def stop_code(
    mobile: str,
    account: Account,
    *,
    named: VibesList | None,
    told_at: datetime,
    now: datetime,
    cause: Cause | None = None,
) -> bool:
    """End all lists of the account but the one `named`: the person texted STOP. Was that news?

    Only an opt-in the person made after the STOP survives it. What we merely found out since, by
    asking, may be older. Lists we hold no row for are ended too: the kept STOP speaks for them.
    """
    told_at = min(told_at, now).replace(microsecond=0)
    with transaction.atomic():
        numbers.lock(mobile)
        if _was_told(mobile, account, told_at):
            return False
        wanted = Subscription.objects.filter(mobile=mobile, vibes_list__account=account)
        wanted = wanted.filter(state__in=[State.SUBSCRIBED, State.PENDING])
        for row in wanted.exclude(vibes_list=named).select_related("vibes_list"):
            _stop(row, told_at=told_at, now=now, cause=cause)
        numbers.keep_stop(mobile, account.pk, told_at)
        Number.objects.filter(pk=mobile).update(changed_at=now)
    return True


def _was_told(mobile: str, account: Account, told_at: datetime) -> bool:
    """Whether a callback of this account told of this STOP, or of a later one, before.

    The kept STOP alone does not tell: it may come from a sweep that left some list for the next one.
    Nor does the ledger alone: it may date an end later than the STOP that brought it about.
    """
    kept_at = numbers.stopped_at(mobile, account.pk)
    if kept_at is None or kept_at < told_at:
        return False
    ended = ConsentEntry.objects.filter(mobile=mobile, account_id=account.pk, told_at__gte=told_at)
    reasons = {STOPPED, *consent.STOP_REASONS}
    return ended.filter(reason__in=reasons, callback_id__isnull=False).exists()


def _stop(row: Subscription, *, told_at: datetime, now: datetime, cause: Cause | None) -> None:
    ended = State.DECLINED
    if row.state == State.SUBSCRIBED:
        ended = State.UNSUBSCRIBED
        if row.source not in DATED and row.told_at:
            told_at = max(told_at, row.told_at)
    change(
        row.mobile,
        row.vibes_list,
        ended,
        source=TOLD,
        reason=STOPPED,
        told_at=told_at,
        now=now,
        cause=cause,
    )


def stop_holds(
    stopped_at: datetime | None, kept: Subscription | None, *, opted_in_at: datetime | None = None
) -> bool:
    """Whether STOP still ends a list for a number that Vibes lists there.

    `stopped_at` is the service's newest STOP; an opt-in after it, told now or kept, is what makes a member again.
    That somebody was asked is none: the old membership may stand at Vibes meanwhile.
    """
    stopped_at = newest_end(stopped_at, kept)
    if stopped_at is None:
        return False
    wanted_at = kept.told_at if kept and kept.state == State.SUBSCRIBED else None
    opted_in_at = opted_in_at and opted_in_at.replace(microsecond=0)
    return not any(at and at > stopped_at for at in (opted_in_at, wanted_at))


def newest_end(stopped_at: datetime | None, kept: Subscription | None) -> datetime | None:
    """The last act by which the person ended this list: the service's STOP, or leaving it alone.

    What a STOP ended that named another list is dated by that STOP: its row may be dated later.
    """
    if stopped_at and kept and kept.reason == STOPPED:
        return max(stopped_at, kept.left_at or stopped_at)
    return max((at for at in (stopped_at, left_at(kept)) if at), default=None)


def left_at(kept: Subscription | None) -> datetime | None:
    """When the person last left this list by an act of their own, whatever was told since."""
    if kept is None:
        return None
    if kept.state == State.UNSUBSCRIBED and kept.reason in {STOPPED, *NAMES_THE_LIST}:
        return kept.told_at or kept.changed_at
    return kept.left_at


def own_end(row: Subscription) -> datetime | None:
    """What is to be kept with the row of when the person last left this list.

    Not the STOP that named another one: it is kept for the service, and dated by itself.
    """
    leaves = row.state == State.UNSUBSCRIBED and row.reason in NAMES_THE_LIST
    return row.told_at if leaves else row.left_at


def remember_key(mobile: str, person_key: str) -> None:
    """Keep Vibes' key of whoever holds this number there: some callbacks name only the key."""
    if person_key:
        Number.objects.filter(mobile=mobile).exclude(person_key=person_key).update(
            person_key=person_key[:80]
        )


def _is_newer(kept: Subscription, state: str, told_at: datetime, *, asked_last: bool) -> bool:
    if kept.told_at is None or told_at > kept.told_at:
        return True
    if told_at < kept.told_at:
        return False
    return asked_last or RANK.index(State(state)) >= RANK.index(State(kept.state))


def _mark(number: Number, row: Subscription, *, now: datetime, cause: Cause) -> None:
    """Nobody may be texted on a disconnected number, nor on one Vibes refuses, until it opts in.

    Only an opt-in of which we know that it came after that ends it; the number has a phone again.
    """
    line = number.line
    if row.reason == DISCONNECT and not _opted_in_since(row):
        line = Number.Line.DISCONNECTED
    elif row.state == State.SUBSCRIBED and row.source in DATED and _is_over(number, row):
        line = Number.Line.UNKNOWN
    told_at = row.told_at or now
    numbers.set_line(row.mobile, line, source=row.source, told_at=told_at, now=now, cause=cause)


def _opted_in_since(end: Subscription) -> bool:
    """Whether the number opted in to another list after this end, of which we may hear late."""
    others = Subscription.objects.members().filter(mobile=end.mobile).exclude(pk=end.pk)
    return others.filter(source__in=DATED, told_at__gt=end.told_at).exists()


def _is_over(number: Number, opt_in: Subscription) -> bool:
    """Whether the opt-in came after what barred the number."""
    if number.line not in numbers.BARRED:
        return False
    since = consent.line_told_at(number)
    return since is None or (opt_in.told_at is not None and opt_in.told_at > since)


def _write_history(row: Subscription, *, now: datetime, cause: Cause) -> None:
    """One line for everybody who holds the number now."""
    kind = HISTORY.get(State(row.state))
    if kind is None:
        return
    campaign = row.acquisition_campaign
    details: dict[str, Any] = {
        "vibes_list": row.vibes_list.name,
        "vibes_list_id": row.vibes_list_id,
    }
    why = consent.WHY.get(row.reason, row.reason or "no reason given")
    details |= {"source": row.source, "reason": row.reason, "why": why}
    if campaign:
        details |= {"acquisition_campaign": campaign.name, "acquisition_campaign_id": campaign.pk}
    holders = Person.objects.present().filter(mobile=row.mobile).values_list("pk", flat=True)
    ids = numbers.of_a_run(cause)
    activity.record(kind, [Happening(pk, details, **ids) for pk in holders], at=now)
