"""Reading what Vibes answers: unknown fields are ignored, nulls borne, both documented shapes read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from .errors import Unknown
from .reply import Answer
from .values import (
    Body,
    OfferedCampaign,
    OfferedList,
    Participation,
    Registration,
    Sender,
    SourceCode,
    SubscriptionRecord,
    VibesPerson,
)

Value = TypeVar("Value")


def many(answer: Answer, read: Callable[[Body], Value]) -> list[Value]:
    """Everything in the body, an array or a single object. Raises Unknown when it makes no sense.

    Only an empty array says that there is nothing. Whoever answers `{}` or `null` to every call is
    not Vibes, and must not be heard as “no lists”, or “not a member”.
    """
    try:
        return each(answer.json(), read)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unknown(f"Answered {answer.status_code} with a body that makes no sense.") from None


def one(answer: Answer, read: Callable[[Body], Value]) -> Value:
    """The one thing in the body. Raises Unknown when there is none, or more."""
    found = many(answer, read)
    if len(found) != 1:
        raise Unknown(f"Answered {answer.status_code} with a body that makes no sense.")
    return found[0]


def when(text: object) -> datetime | None:
    """A time in any of Vibes' spellings (…T14:30Z, …:23Z, ….000Z, +00:00), else None."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def each(data: object, read: Callable[[Body], Value]) -> list[Value]:
    """Read an array of objects, or the single object that Vibes sometimes answers instead.

    Raises ValueError when there is anything else in it.
    """
    items = data if isinstance(data, list) else [data]
    return [read(_object(item)) for item in items]


def offered_list(body: Body) -> OfferedList:
    vibes_id = _named(body, "id")
    return OfferedList(vibes_id, _text(body, "name") or vibes_id)


def offered_campaign(body: Body) -> OfferedCampaign:
    vibes_id = _named(body, "acquisition_id")
    name = _text(body, "description") or vibes_id
    return OfferedCampaign(vibes_id, name, _text(body, "status"))


def source_code(body: Body) -> SourceCode:
    kind = _text(body, "sourcecode_type") or "SC"
    enabled = body.get("sms_enabled") is not False
    return SourceCode(_named(body, "sourcecode"), _text(body, "country_code"), kind, enabled)


def person(body: Body) -> VibesPerson:
    """A person, by whatever name the key goes in this body. Raises ValueError when it names nobody."""
    found = _person(body)
    if not (found.person_key or found.mobile):
        raise ValueError("Neither a key nor a number.")
    return found


def participation(body: Body) -> Participation:
    who = _person(body.get("person") or {})
    status = _named(body, "status").upper()
    return Participation(status, when(body.get("expire_date")), who.person_key)


def subscription(body: Body) -> SubscriptionRecord:
    """Raises ValueError when it ended at a time nobody can read: it must not pass for one that lasts."""
    ended_at, reason = when(body.get("opt_out_date")), _text(body, "opt_out_reason")
    if ended_at is None and (_text(body, "opt_out_date") or reason):
        raise ValueError("It ended, but not when.")
    list_id = _named(body["subscription_list"], "id")
    return SubscriptionRecord(list_id, when(body.get("opt_in_date")), ended_at, reason)


def sender(body: Body) -> Sender:
    return Sender(
        _named(body, "event_triggered_message_id"),
        _named(body, "event_type"),
        _named(body, "status"),
        body.get("targeting") or {},
    )


def registration(body: Body) -> Registration:
    kind = _named(body, "callback_type")
    told = (body.get(kind) or {}).items()
    scope = {str(name): str(value) for name, value in told if value is not None}
    url = _text(body.get("destination") or {}, "url")
    return Registration(_named(body, "callback_id"), kind, scope, url, when(body.get("end_date")))


def event_id(body: Body) -> str:
    return _named(body, "event_id")


def _object(item: object) -> Body:
    if not isinstance(item, dict) or not item:
        raise ValueError("Not an object, or one that says nothing.")
    return item


def _person(body: Body) -> VibesPerson:
    key = _text(body, "person_key") or _text(body, "person_id") or _text(body, "id")
    mdn = _text(body.get("mobile_phone") or {}, "mdn")
    return VibesPerson(key, mdn, _text(body, "external_person_id"))


def _text(body: Body, name: str) -> str:
    """A field that may be missing or null."""
    value = body.get(name)
    return "" if value is None else str(value)


def _named(body: Body, name: str) -> str:
    """A field without which the rest says nothing. Raises KeyError."""
    if not (text := _text(body, name)):
        raise KeyError(name)
    return text
