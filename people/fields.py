"""What outsiders may write of a person: each field, the headers it goes by, how a cell is read."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from people import email
from people.models import Person

YES = {"yes", "y", "true", "t", "1", "x", "on"}
NO = {"no", "n", "false", "f", "0", "off"}


class Unreadable(ValueError):
    """A cell that its field cannot take; the message says why, in words for the screen."""


@dataclass(frozen=True)
class Field:
    """A field of Person that may be written from outside: its name, header synonyms and reader.

    `read` takes the trimmed, non-empty text of a cell and returns the value, or raises Unreadable.
    """

    name: str
    synonyms: tuple[str, ...]
    read: Callable[[Field, str], Any]

    @property
    def label(self) -> str:
        return label(self.name)


def label(name: str) -> str:
    """What a field of Person is called on screen; a name that is no field is returned as it is."""
    try:
        return str(Person._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def place(name: str) -> int:
    """Where a field of Person comes among the others; a name that is no field comes last."""
    names = [field.name for field in Person._meta.concrete_fields]
    return names.index(name) if name in names else len(names)


def shown(text: str) -> str:
    """A piece of somebody's text in quotation marks, cut so that a message stays readable."""
    return f"“{text[:59]}…”" if len(text) > 60 else f"“{text}”"


def _text(field: Field, cell: str) -> str:
    longest = getattr(Person._meta.get_field(field.name), "max_length", None)
    if longest and len(cell) > longest:
        said = _("%(field)s is longer than %(longest)d characters.")
        raise Unreadable(said % {"field": field.label, "longest": longest})
    return cell


def _email(field: Field, cell: str) -> str:
    address = email.normal(cell)
    if not email.is_valid(address):
        raise Unreadable(_("%(typed)s is not an e-mail address.") % {"typed": shown(cell)})
    return address


def _typed_number(field: Field, cell: str) -> str:
    return cell[:64]


def _whole_number(field: Field, cell: str) -> int:
    try:
        number = int(cell)
    except ValueError:
        number = 1 << 31
    if abs(number) >= 1 << 31:
        said = _("%(typed)s is not a whole number (%(field)s).")
        raise Unreadable(said % {"typed": shown(cell), "field": field.label})
    return number


def _yes_or_no(field: Field, cell: str) -> bool:
    if cell.lower() not in YES | NO:
        said = _("%(typed)s is neither yes nor no (%(field)s).")
        raise Unreadable(said % {"typed": shown(cell), "field": field.label})
    return cell.lower() in YES


def _zone(field: Field, cell: str) -> str:
    if cell not in zones():
        said = _("%(typed)s is not a time zone such as America/Chicago.")
        raise Unreadable(said % {"typed": shown(cell)})
    return cell


@cache
def zones() -> frozenset[str]:
    """Every IANA time zone this machine knows."""
    return frozenset(zoneinfo.available_timezones())


WRITABLE = {
    field.name: field
    for field in [
        Field("email", ("email", "e-mail", "mail", "email address", "e-mail address"), _email),
        Field("first_name", ("first name", "first", "given name", "forename"), _text),
        Field("last_name", ("last name", "last", "surname", "family name"), _text),
        Field(
            "mobile_typed",
            (
                *("mobile phone number", "mobile", "mobile phone", "mobile number", "phone"),
                *("phone number", "cell", "cell phone", "cellphone", "telephone", "tel", "msisdn"),
            ),
            _typed_number,
        ),
        Field("company", ("company name", "company", "organization", "organisation"), _text),
        Field("job_title", ("job title", "title", "position", "role"), _text),
        Field("city", ("city", "town"), _text),
        Field("state", ("state", "province", "region", "state/province"), _text),
        Field("postal_code", ("postal code", "zip", "zip code", "postcode", "zipcode"), _text),
        Field("country", ("country", "country name"), _text),
        Field("time_zone", ("time zone", "timezone", "tz"), _zone),
        Field("score", ("score", "person score", "lead score"), _whole_number),
        Field("source", ("person source", "source", "lead source"), _text),
        Field("block_listed", ("block listed", "blocklisted", "blocked"), _yes_or_no),
        Field("marketing_suspended", ("marketing suspended", "suspended"), _yes_or_no),
        Field(
            "unsubscribed",
            ("unsubscribed", "email opt out", "unsubscribed (e-mail)"),
            _yes_or_no,
        ),
    ]
}


def empty(name: str) -> Any:
    """What a cleared field holds: an empty text, nought, or no."""
    return Person._meta.get_field(name).to_python(  # type: ignore[union-attr]
        Person().__dict__[name]
    )
