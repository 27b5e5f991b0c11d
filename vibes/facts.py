"""What a callback's body says, as a fact. Its content decides: the label may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from people import mobile
from vibes.client.answers import when
from vibes.storable import clean

Body = dict[str, Any]
FAR_OFF = timedelta(days=20 * 365)
LONGEST = 255
LONGEST_TEXT = 2_000
REMOVED = "subscription_removed"


@dataclass(frozen=True)
class Named:
    """Whom a body names, in each way it does; bodies differ in which of these they hold.

    `other_keys` may be Vibes' key of the person too, the likeliest first: they go by other names.
    """

    person_key: str = ""
    mobile: str = ""
    external_id: str = ""
    other_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Membership:
    """Somebody joined or left a list."""

    person: Named
    list_id: str
    ended: bool
    reason: str
    told_at: datetime


@dataclass(frozen=True)
class OptIn:
    """How an opt-in through a campaign goes. `status`: PENDING, CONFIRMED, REJECTED …"""

    person: Named
    campaign_id: str
    status: str
    expires_at: datetime | None
    told_at: datetime


@dataclass(frozen=True)
class Receipt:
    """What became of one of our texts. `event_id` is ours, not the callback's."""

    event_id: str
    kind: str
    status: str
    reason: str


@dataclass(frozen=True)
class Texted:
    """Somebody texted something that Vibes could make nothing of."""

    person: Named
    text: str
    source_code: str


Fact = Membership | OptIn | Receipt | Texted


def read(body: Body, *, received_at: datetime) -> Fact | None:
    """The fact in a body; None when it holds none that concerns us. Never raises.

    `received_at` stands in for a date that is missing or absurd.
    """
    told_at = _sane(when(body.get("event_date")), received_at) or received_at
    if event := _part(body, "event_processed"):
        return _receipt(event)
    if subscription := _part(body, "subscription"):
        labels = {_said(body, "callback_type"), _said(body, "event_type")}
        return _membership(subscription, labels=labels, told_at=told_at)
    participant = _part(body, "participant")
    if "status" in participant:
        return _opt_in(participant, told_at=told_at, received_at=received_at)
    return _texted(body, participant) if "message" in body else None


def _receipt(event: Body) -> Receipt:
    action = _part(event, "action")
    words = [_said(action, name) for name in ("type", "status", "status_reason")]
    return Receipt(_said(event, "event_id"), *words)


def _membership(body: Body, *, labels: set[str], told_at: datetime) -> Membership:
    """Ended if anything in it says so."""
    has_end = bool(body.get("opt_out_date") or body.get("opt_out_reason"))
    return Membership(
        person=_named(_part(body, "person")),
        list_id=_list_id(_part(body, "subscription_list")),
        ended=REMOVED in labels or has_end,
        reason=_said(body, "opt_out_reason")[:40],
        told_at=told_at,
    )


def _opt_in(body: Body, *, told_at: datetime, received_at: datetime) -> OptIn:
    return OptIn(
        person=_named(_part(body, "person")),
        campaign_id=_campaign_id(_part(body, "acquisition_campaign")),
        status=_said(body, "status").upper(),
        expires_at=_sane(when(body.get("expire_date")), received_at),
        told_at=told_at,
    )


def _texted(body: Body, participant: Body) -> Texted:
    return Texted(
        person=Named(mobile=_mobile(participant.get("mdn"))),
        text=_said(body, "message", LONGEST_TEXT),
        source_code=_said(_part(body, "source_code"), "code"),
    )


def _sane(time: datetime | None, received_at: datetime) -> datetime | None:
    """The time, unless it lies so far off that no calendar or database could work with it."""
    try:
        return time if time and abs(time - received_at) < FAR_OFF else None
    except OverflowError:
        return None


def _list_id(named: Body) -> str:
    return _said(named, "id") or _last(named)


def _campaign_id(campaign: Body) -> str:
    """The last segment of the address; in Vibes' own sample the id beside it is another one."""
    return _last(campaign) or _said(campaign, "id")


def _named(person: Body) -> Named:
    keys = (_last(person), _said(person, "person_id"), _said(person, "id"))
    return Named(
        person_key=_said(person, "person_key"),
        mobile=_mobile(_part(person, "mobile_phone").get("mdn")),
        external_id=_said(person, "external_person_id") or _said(person, "external_id"),
        other_keys=tuple(dict.fromkeys(key for key in keys if key)),
    )


def _mobile(told: object) -> str:
    """A number in E.164; ten digits will do, as Vibes wrote them before version 2."""
    return mobile.parse(_plain(told, 40), region="US").e164


def _last(named: Body) -> str:
    """The last segment of the address in a part."""
    return _said(named, "url", 1_024).rstrip("/").rpartition("/")[2][:LONGEST]


def _said(body: Body, name: str, longest: int = LONGEST) -> str:
    return _plain(body.get(name), longest)


def _plain(value: object, longest: int) -> str:
    """A text or a number as text that any database takes; of anything else nothing."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return clean(str(value)[:longest])


def _part(body: Body, name: str) -> Body:
    part = body.get(name)
    return part if isinstance(part, dict) else {}
