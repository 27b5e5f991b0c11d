"""What a callback's body says, as a fact. Its content decides: the label may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from people import mobile
from vibes.client.answers import when
from vibes.models import Number

Body = dict[str, Any]
FAR_OFF = timedelta(days=20 * 365)


@dataclass(frozen=True)
class Membership:
    """Somebody joined or left a list: `who`, or where no number is known, the one with that key."""

    who: str
    list_id: str
    ended: bool
    reason: str
    told_at: datetime
    person_key: str = ""


@dataclass(frozen=True)
class OptIn:
    """How an opt-in through a campaign goes. `status`: PENDING, CONFIRMED, REJECTED …"""

    who: str
    campaign_id: str
    status: str
    expires_at: datetime | None
    told_at: datetime
    person_key: str = ""


@dataclass(frozen=True)
class Receipt:
    """What became of one of our texts. `event_id` is ours, not the callback's."""

    event_id: str
    kind: str
    status: str
    reason: str


Fact = Membership | OptIn | Receipt


def read(body: Body, *, received_at: datetime) -> Fact | None:
    """The fact in a body; None when it holds none that concerns us."""
    told_at = _sane(when(body.get("event_date")), received_at) or received_at
    if event := _part(body, "event_processed"):
        return _receipt(event)
    if subscription := _part(body, "subscription"):
        return _membership(subscription, label=str(body.get("callback_type")), told_at=told_at)
    participant = _part(body, "participant")
    return (
        _opt_in(participant, told_at=told_at, received_at=received_at)
        if "status" in participant
        else None
    )


def _receipt(event: Body) -> Receipt:
    action = _part(event, "action")
    said = [str(action.get(name) or "") for name in ("type", "status", "status_reason")]
    return Receipt(str(event.get("event_id") or ""), *said)


def _membership(body: Body, *, label: str, told_at: datetime) -> Membership:
    return Membership(
        who=_mobile(_part(body, "person")),
        list_id=str(_part(body, "subscription_list").get("id") or ""),
        ended=label == "subscription_removed" or bool(body.get("opt_out_date")),
        reason=str(body.get("opt_out_reason") or "")[:40],
        told_at=told_at,
        person_key=_key(_part(body, "person")),
    )


def _opt_in(body: Body, *, told_at: datetime, received_at: datetime) -> OptIn:
    return OptIn(
        who=_mobile(_part(body, "person")),
        campaign_id=_campaign_id(_part(body, "acquisition_campaign")),
        status=str(body["status"]).upper(),
        expires_at=_sane(when(body.get("expire_date")), received_at),
        told_at=told_at,
        person_key=_key(_part(body, "person")),
    )


def _sane(time: datetime | None, received_at: datetime) -> datetime | None:
    """The time, unless it lies so far off that no calendar or database could work with it."""
    try:
        return time if time and abs(time - received_at) < FAR_OFF else None
    except OverflowError:
        return None


def _campaign_id(campaign: Body) -> str:
    """The last segment of the address; in Vibes' own sample the id beside it is another one."""
    return _last(campaign.get("url")) or str(campaign.get("id") or "")


def _mobile(person: Body) -> str:
    """The number the body names (ten digits will do), or that of a key we know; else ''."""
    told = mobile.parse(str(_part(person, "mobile_phone").get("mdn") or ""), region="US").e164
    return told or _known_by(_keys(person))


def _keys(person: Body) -> list[str]:
    """All that may be Vibes' key of the person, the likeliest first."""
    told = (person.get("person_key"), _last(person.get("url")))
    keys = [str(key or "") for key in (*told, person.get("person_id"), person.get("id"))]
    return [key for key in keys if key]


def _key(person: Body) -> str:
    return next(iter(_keys(person)), "")


def _known_by(keys: list[str]) -> str:
    named = Number.objects.filter(person_key__in=keys)
    return named.values_list("mobile", flat=True).first() or ""


def _last(url: object) -> str:
    return str(url or "").rstrip("/").rpartition("/")[2]


def _part(body: Body, name: str) -> Body:
    part = body.get(name)
    return part if isinstance(part, dict) else {}
