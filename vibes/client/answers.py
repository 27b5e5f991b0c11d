"""What Vibes answers, as frozen values. Unknown fields are ignored, both shapes are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

Body = dict[str, Any]
Value = TypeVar("Value")


@dataclass(frozen=True)
class OfferedList:
    vibes_id: str
    name: str


@dataclass(frozen=True)
class OfferedCampaign:
    """An acquisition campaign. `status`: scheduled, active, deleted or past."""

    vibes_id: str
    name: str
    status: str


@dataclass(frozen=True)
class SourceCode:
    code: str
    country_code: str
    kind: str
    sms_enabled: bool


@dataclass(frozen=True)
class VibesPerson:
    person_key: str
    mobile: str = ""
    external_person_id: str = ""


@dataclass(frozen=True)
class Participation:
    """Where an opt-in stands. `is_new`: this call began it (201); otherwise it was known (200)."""

    status: str
    expires_at: datetime | None
    person_key: str
    is_new: bool = False


@dataclass(frozen=True)
class SubscriptionRecord:
    """One cycle of membership; active while `opted_out_at` is empty."""

    list_id: str
    opted_in_at: datetime | None
    opted_out_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Sender:
    """An event-triggered campaign. `status`: scheduled, in_progress, ended or canceled."""

    sender_id: str
    event_type: str
    status: str
    targeting: Body = field(default_factory=dict)


@dataclass(frozen=True)
class Registration:
    """A callback address Vibes knows; `scope` limits it to a list, campaign or event type."""

    callback_id: str
    callback_type: str
    scope: dict[str, str]
    url: str
    ends_at: datetime | None = None


def when(text: object) -> datetime | None:
    """A time in any of Vibes' spellings (…T14:30Z, …:23Z, ….000Z, +00:00), else None."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def each(data: object, read: Callable[[Body], Value]) -> list[Value]:
    """Read an array of objects, or the single object that Vibes sometimes answers instead."""
    items = data if isinstance(data, list) else [data]
    return [read(item) for item in items if isinstance(item, dict) and item]


def offered_list(body: Body) -> OfferedList:
    return OfferedList(str(body["id"]), str(body.get("name") or body["id"]))


def offered_campaign(body: Body) -> OfferedCampaign:
    name = str(body.get("description") or body["acquisition_id"])
    return OfferedCampaign(str(body["acquisition_id"]), name, str(body.get("status", "")))


def source_code(body: Body) -> SourceCode:
    kind, enabled = str(body.get("sourcecode_type", "SC")), bool(body.get("sms_enabled", True))
    return SourceCode(str(body["sourcecode"]), str(body.get("country_code", "")), kind, enabled)


def person(body: Body) -> VibesPerson:
    """A person, by whatever name the key goes in this body."""
    key = body.get("person_key") or body.get("person_id") or body.get("id") or ""
    mdn = (body.get("mobile_phone") or {}).get("mdn")
    return VibesPerson(str(key), str(mdn or ""), str(body.get("external_person_id") or ""))


def participation(body: Body) -> Participation:
    who = person(body.get("person") or {})
    return Participation(str(body["status"]).upper(), when(body.get("expire_date")), who.person_key)


def subscription(body: Body) -> SubscriptionRecord:
    return SubscriptionRecord(
        str(body["subscription_list"]["id"]),
        when(body.get("opt_in_date")),
        when(body.get("opt_out_date")),
        str(body.get("opt_out_reason") or ""),
    )


def sender(body: Body) -> Sender:
    return Sender(
        str(body["event_triggered_message_id"]),
        str(body["event_type"]),
        str(body["status"]),
        body.get("targeting") or {},
    )


def registration(body: Body) -> Registration:
    kind = str(body["callback_type"])
    scope = {str(name): str(value) for name, value in (body.get(kind) or {}).items()}
    url = str((body.get("destination") or {}).get("url", ""))
    return Registration(str(body["callback_id"]), kind, scope, url, when(body.get("end_date")))
