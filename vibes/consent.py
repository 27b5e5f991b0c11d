"""Writing the consent ledger: who made the change, and the row that keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from vibes.models import ConsentEntry, Number, Subscription

Actor = ConsentEntry.Actor
State = Subscription.State
Cause = Mapping[str, int | None]
"""What led to a change, as far as known: callback_id, campaign_id, run_id, step_id."""

# How we know. TOLD: a callback said when it happened. RECORD: Vibes' own record of the subscription
# says so. ASKED: we asked, and only know that it is so. OUR_CALL: Vibes' answer to a flow step.
TOLD: Final = "callback"
RECORD: Final = "record"
ASKED: Final = "asked"
OUR_CALL: Final = "our call"
OVERDUE: Final = "expired"
# Vibes' reasons for an end, and ours, by who was behind it; Vibes may invent others.
DISCONNECT: Final = "disconnect"
STOPPED: Final = "stop"
NOT_AT_VIBES: Final = "not-at-vibes"
STOP_REASONS: Final = frozenset({"user_opt_out", "keyword_opt_out"})
BUTTON: Final = "button_opt_out"
NOTHING_OPEN: Final = "nothing-open"
_BEHIND = {
    "user_opt_out": Actor.PERSON,
    "keyword_opt_out": Actor.PERSON,
    BUTTON: Actor.PERSON,
    STOPPED: Actor.PERSON,
    "platform_opt_out": Actor.VIBES,
    "bulk_opt_out": Actor.VIBES,
    "list_archived": Actor.VIBES,
    NOT_AT_VIBES: Actor.VIBES,
    NOTHING_OPEN: Actor.UNKNOWN,
    DISCONNECT: Actor.CARRIER,
    "failed_at_carrier": Actor.CARRIER,
    "obsolete_carrier": Actor.CARRIER,
}
# Reasons as history and export say them.
WHY: Final = {
    "user_opt_out": "the person opted out",
    "keyword_opt_out": "the person texted STOP",
    BUTTON: "the person pressed the opt-out button",
    "api_opt_out": "by a flow step or another program",
    "platform_opt_out": "by somebody at Vibes",
    "bulk_opt_out": "by a bulk change at Vibes",
    DISCONNECT: "the number was disconnected",
    "failed_at_carrier": "the carrier no longer delivers to the number",
    "obsolete_carrier": "the carrier no longer exists",
    "list_archived": "the list was closed at Vibes",
    STOPPED: "the person texted STOP",
    NOT_AT_VIBES: "Vibes says that the number is not a member",
    NOTHING_OPEN: "Vibes has no open question any more",
}
# How we know, as the export says it.
HOW: Final = {
    TOLD: "Vibes told us",
    RECORD: "Vibes' own record of the subscription",
    ASKED: "We asked Vibes",
    OUR_CALL: "Vibes' answer to a flow step",
    OVERDUE: "We looked after the time to answer was over",
}
_WANTED = {State.PENDING, State.SUBSCRIBED}
USABLE: Final = "usable"


def actor(*, was: str, became: str, source: str, reason: str, run_id: int | None = None) -> Actor:
    """Who made the change, as far as what we were told proves it; UNKNOWN where it does not.

    An opt-in that was waiting for an answer was answered by the person: nobody else can. One that
    nobody here asked for came from the handset or from another program: Vibes does not say which.
    """
    if reason in _BEHIND:
        return _BEHIND[reason]
    match became:
        case State.DECLINED:
            return Actor.PERSON
        case State.EXPIRED:
            return Actor.CLOCK
        case State.NEVER:
            return Actor.VIBES
        case State.SUBSCRIBED if was == State.PENDING:
            return Actor.PERSON
    return Actor.FLOW if source == OUR_CALL or run_id else Actor.UNKNOWN


def keep(
    rows: Iterable[tuple[str, Subscription]],
    *,
    keys: Mapping[str, str],
    now: datetime,
    cause: Cause | None = None,
) -> None:
    """Add a row for each (state before, subscription as it is now), in one statement.

    `keys` holds Vibes' person key by number. Call it in the transaction of the change.
    """
    entries = [_entry(was, row, keys.get(row.mobile, ""), cause or {}, now) for was, row in rows]
    ConsentEntry.objects.bulk_create(entries, batch_size=500)


def line_told_at(number: Number) -> datetime | None:
    """Since when the number is what we last learnt of it."""
    of_number = ConsentEntry.objects.filter(mobile=number.mobile, vibes_list_id=None)
    return of_number.order_by("-id").values_list("told_at", flat=True).first()


def keep_line(
    number: Number,
    *,
    was: str,
    source: str,
    told_at: datetime,
    now: datetime,
    cause: Cause | None,
) -> None:
    """Add a row for what became known of a number itself; it belongs to no list."""
    ConsentEntry.objects.create(
        mobile=number.mobile,
        was=was,
        became=number.line or USABLE,
        actor=Actor.UNKNOWN if not number.line else _TOLD_LINE[Number.Line(number.line)],
        source=source,
        person_key=number.person_key,
        told_at=told_at,
        recorded_at=now,
        **(cause or {}),
    )


_TOLD_LINE = {
    Number.Line.MOBILE: Actor.CARRIER,
    Number.Line.LANDLINE: Actor.CARRIER,
    Number.Line.DISCONNECTED: Actor.CARRIER,
    Number.Line.INVALID: Actor.VIBES,
}


def _entry(
    was: str, row: Subscription, person_key: str, cause: Cause, now: datetime
) -> ConsentEntry:
    campaign = row.acquisition_campaign
    return ConsentEntry(
        mobile=row.mobile,
        account_id=row.vibes_list.account_id,
        vibes_list_id=row.vibes_list_id,
        list_name=row.vibes_list.name,
        was=was,
        became=row.state,
        actor=actor(
            was=was,
            became=row.state,
            source=row.source,
            reason=row.reason,
            run_id=cause.get("run_id"),
        ),
        source=row.source,
        reason=row.reason,
        wording=campaign.wording if campaign and row.state in _WANTED else "",
        acquisition_campaign=campaign.name if campaign else "",
        person_key=person_key,
        told_at=row.told_at,
        recorded_at=now,
        **cause,
    )
