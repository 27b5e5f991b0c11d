"""change(): the only way the state of a number on a list is changed, and the history of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from people import activity
from people.activity import Happening, Kind
from people.models import Person
from vibes.models import Account, AcquisitionCampaign, Number, Subscription, VibesList

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
# The sources of facts: Vibes told us when it happened, or we asked and only know that it is so.
TOLD = "callback"
ASKED = "asked"
DISCONNECT = "disconnect"
STOPPED = "stop"
NOT_AT_VIBES = "not-at-vibes"
# Vibes' reasons and ours, as the history says them; Vibes may invent others.
WHY = {
    "user_opt_out": "the person opted out",
    "keyword_opt_out": "the person texted STOP",
    "button_opt_out": "the person pressed the opt-out button",
    "api_opt_out": "by a flow step or another program",
    "platform_opt_out": "by somebody at Vibes",
    "bulk_opt_out": "by a bulk change at Vibes",
    DISCONNECT: "the number was disconnected",
    "failed_at_carrier": "the carrier no longer delivers to the number",
    "obsolete_carrier": "the carrier no longer exists",
    "list_archived": "the list was closed at Vibes",
    STOPPED: "the person texted STOP",
    NOT_AT_VIBES: "Vibes says that the number is not a member",
}


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
    cause: dict[str, int | None] | None = None,
) -> bool:
    """Apply one fact about a number and a list; returns whether it changed the state.

    `told_at` is when the fact was true, by Vibes' clock where it told us, else when we began to
    ask. An older fact changes nothing; in the same second an opt-out wins. The same fact twice
    writes one line of history. `cause` may name campaign_id, run_id and step_id for that line.

    Sending locks the row of the number too: once this returns, no text is permitted against it.
    """
    told_at = min(told_at, now).replace(microsecond=0)
    with transaction.atomic():
        number = lock(mobile)
        kept = Subscription.objects.filter(mobile=mobile, vibes_list=vibes_list).first()
        if kept and not _is_newer(kept, state, told_at):
            return False
        was = kept.state if kept else ""
        row = kept or Subscription(mobile=mobile, vibes_list=vibes_list)
        row.state, row.reason, row.source, row.told_at = state, reason, source, told_at
        row.acquisition_campaign = acquisition_campaign or row.acquisition_campaign
        row.expires_at = (expires_at or row.expires_at) if state == State.PENDING else None
        row.changed_at = now if state != was else row.changed_at
        row.save()
        _mark(number, state=state, reason=reason, now=now)
        if state != was:
            _write_history(row, now=now, cause=cause or {})
    return state != was


def lock(mobile: str) -> Number:
    """The row of a number, made if it is missing, locked until the transaction ends."""
    Number.objects.bulk_create([Number(mobile=mobile)], ignore_conflicts=True)
    return Number.objects.select_for_update().get(mobile=mobile)


def stop_code(
    mobile: str, account: Account, *, named: VibesList | None, told_at: datetime, now: datetime
) -> bool:
    """End all lists of the account but the one `named`: the person texted STOP. Was that news?

    Only an opt-in the person made after the STOP survives it. What we merely found out since, by
    asking, may be older. Lists we hold no row for are ended too: `stopped_at` speaks for them.
    """
    told_at = min(told_at, now).replace(microsecond=0)
    with transaction.atomic():
        number = lock(mobile)
        if number.stopped_at and number.stopped_at >= told_at:
            return False
        wanted = Subscription.objects.filter(mobile=mobile, vibes_list__account=account)
        wanted = wanted.filter(state__in=[State.SUBSCRIBED, State.PENDING])
        for row in wanted.exclude(vibes_list=named).select_related("vibes_list"):
            _stop(row, told_at=told_at, now=now)
        Number.objects.filter(pk=mobile).update(stopped_at=told_at, changed_at=now)
    return True


def _stop(row: Subscription, *, told_at: datetime, now: datetime) -> None:
    ended = State.DECLINED
    if row.state == State.SUBSCRIBED:
        ended = State.UNSUBSCRIBED
        if row.source != TOLD and row.told_at:
            told_at = max(told_at, row.told_at)
    change(row.mobile, row.vibes_list, ended, source=TOLD, reason=STOPPED, told_at=told_at, now=now)


def stop_holds(
    stopped_at: datetime | None, kept: Subscription | None, *, opted_in_at: datetime | None = None
) -> bool:
    """Whether STOP still ends a list for a number that Vibes lists there.

    `stopped_at` is the number's; an opt-in after it, told now or kept, is what makes a member again.
    """
    was_stopped = kept is not None and (kept.state, kept.reason) == (State.UNSUBSCRIBED, STOPPED)
    if kept and was_stopped and stopped_at is None:
        stopped_at = kept.told_at
    if stopped_at is None:
        return was_stopped
    wanted_at = kept.told_at if kept and kept.state in (State.SUBSCRIBED, State.PENDING) else None
    opted_in_at = opted_in_at and opted_in_at.replace(microsecond=0)
    return not any(at and at > stopped_at for at in (opted_in_at, wanted_at))


def remember_key(mobile: str, person_key: str) -> None:
    """Keep Vibes' key of whoever holds this number there: some callbacks name only the key."""
    if person_key:
        Number.objects.filter(mobile=mobile).exclude(person_key=person_key).update(
            person_key=person_key[:80]
        )


def _is_newer(kept: Subscription, state: str, told_at: datetime) -> bool:
    if kept.told_at is None or told_at > kept.told_at:
        return True
    return told_at == kept.told_at and RANK.index(State(state)) >= RANK.index(State(kept.state))


def _mark(number: Number, *, state: str, reason: str, now: datetime) -> None:
    """A disconnected number may not be texted by anybody until its new holder opts in."""
    line = number.line
    if reason == DISCONNECT:
        line = Number.Line.DISCONNECTED
    elif state == State.SUBSCRIBED and line == Number.Line.DISCONNECTED:
        line = Number.Line.UNKNOWN
    if line != number.line:
        Number.objects.filter(pk=number.pk).update(line=line, changed_at=now)


def _write_history(row: Subscription, *, now: datetime, cause: dict[str, int | None]) -> None:
    """One line for everybody who holds the number now."""
    kind = HISTORY.get(State(row.state))
    if kind is None:
        return
    campaign = row.acquisition_campaign
    details: dict[str, Any] = {
        "vibes_list": row.vibes_list.name,
        "vibes_list_id": row.vibes_list_id,
    }
    why = WHY.get(row.reason, row.reason or "no reason given")
    details |= {"source": row.source, "reason": row.reason, "why": why}
    if campaign:
        details |= {"acquisition_campaign": campaign.name, "acquisition_campaign_id": campaign.pk}
    holders = Person.objects.present().filter(mobile=row.mobile).values_list("pk", flat=True)
    activity.record(kind, [Happening(pk, details, **cause) for pk in holders], at=now)
