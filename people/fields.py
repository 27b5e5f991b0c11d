"""The fields of a person: the standard ones, and those this installation made for itself.

One `Field` says of each what it is called, which type it has, by which headers a file means it, and
where its value is. Its `name` is the column of Person, or `custom__<key>`: either may be put into a
lookup as it is. A field made now is known everywhere at once; nothing has to be migrated or restarted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from people import field_types
from people.field_types import TYPES, FieldType, Unreadable
from people.meant import HERE, Meant
from people.models import CustomField, Person

CUSTOM = "custom__"
FRESH = (
    2.0  # seconds for which a glance at the custom fields (a label in a long list) is not repeated
)


class UnknownField(LookupError):
    """No field has this name: it was deleted, or never was."""


@dataclass(frozen=True)
class Field:
    """One field of a person. `key` and `row` (an id) are those of a custom one, else empty."""

    name: str
    label: str | Promise
    type: FieldType
    synonyms: tuple[str, ...] = ()
    key: str = ""
    help: str = ""
    row: int = 0

    def read(self, typed: str, meant: Meant = HERE) -> Any:
        """The value that was typed (trimmed, not empty). Raises Unreadable, which names the field."""
        try:
            value = self.type.read(typed, meant)
        except Unreadable as wrong:
            raise Unreadable(f"{self.label}: {wrong}") from None
        if isinstance(value, str) and len(value) > self.longest:
            said = _("%(field)s is longer than %(longest)d characters.")
            raise Unreadable(said % {"field": self.label, "longest": self.longest})
        return value

    @property
    def longest(self) -> int:
        """Of a text: the characters it may have."""
        column = None if self.key else Person._meta.get_field(self.name)
        return getattr(column, "max_length", None) or self.type.longest

    @property
    def empty(self) -> Any:
        """What a cleared field holds: an empty text, no, nothing, or of Score nought."""
        if self.key:
            return self.type.empty
        column = Person._meta.get_field(self.name)
        return column.get_default() if isinstance(column, models.Field) else None

    def value(self, person: Person) -> Any:
        """What the person has in it."""
        if self.key:
            return self.type.from_json(person.custom.get(self.key))
        return getattr(person, self.name)

    def put(self, person: Person, value: Any) -> None:
        """Set it in memory; nothing is saved."""
        if not self.key:
            setattr(person, self.name, value)
        elif self.is_blank(value):
            person.custom.pop(self.key, None)
        else:
            person.custom[self.key] = self.type.to_json(value)

    def is_blank(self, value: Any) -> bool:
        """Whether this value is that of an empty field; nought is none."""
        return value is None or value is False or value == ""

    @property
    def column(self) -> str:
        """The column of Person that holds it."""
        return "custom" if self.key else self.name

    def compared(self, value: Any) -> Any:
        """A value as a lookup on `name` wants it."""
        return self.type.to_json(value) if self.key else value

    def is_empty(self) -> Q:
        """The condition that nothing is in it."""
        if self.key:
            return ~Q(custom__has_key=self.key)
        column = Person._meta.get_field(self.name)
        return Q(**{f"{self.name}__isnull": True}) if column.null else Q(**{self.name: self.empty})


def _standard(name: str, word: str | FieldType, *synonyms: str) -> Field:
    column = Person._meta.get_field(name)
    kind = TYPES[word] if isinstance(word, str) else word
    return Field(name, column.verbose_name, kind, synonyms)  # type: ignore[union-attr]


STANDARD = {
    field.name: field
    for field in [
        _standard("salutation", "string", "salutation", "prefix"),
        _standard("first_name", "string", "first name", "first", "given name", "forename"),
        _standard("middle_name", "string", "middle name", "middle"),
        _standard("last_name", "string", "last name", "last", "surname", "family name"),
        _standard("email", "email", "email", "e-mail", "mail", "email address", "e-mail address"),
        _standard(
            *("mobile_typed", field_types.NUMBER_AS_TYPED),
            *("mobile phone number", "mobile", "mobile phone", "mobile number", "phone"),
            *("phone number", "cell", "cell phone", "cellphone", "telephone", "tel", "msisdn"),
        ),
        _standard("phone", "phone", "other phone", "main phone", "work phone", "home phone"),
        _standard("date_of_birth", "date", "date of birth", "birthday", "birth date", "dob"),
        _standard("language", "string", "language", "preferred language", "locale"),
        _standard("company", "string", "company name", "company", "organization", "organisation"),
        _standard("job_title", "string", "job title", "title", "position", "role"),
        _standard("department", "string", "department"),
        _standard("industry", "string", "industry"),
        _standard("employees", "integer", "num employees", "employees", "number of employees"),
        _standard("annual_revenue", "currency", "annual revenue", "revenue"),
        _standard("website", "url", "website", "web site", "homepage", "url"),
        _standard("address", "string", "address", "street", "street address"),
        _standard("city", "string", "city", "town"),
        _standard("state", "string", "state", "province", "region", "state/province"),
        _standard("postal_code", "string", "postal code", "zip", "zip code", "postcode", "zipcode"),
        _standard("country", "string", "country", "country name"),
        _standard("time_zone", field_types.ZONE, "time zone", "timezone", "tz"),
        _standard("score", "score", "score", "person score", "lead score"),
        _standard("source", "string", "person source", "source", "lead source"),
        _standard("block_listed", "boolean", "block listed", "blocklisted", "blocked"),
        _standard("block_listed_reason", "string", "block listed reason", "blocklist reason"),
        _standard("marketing_suspended", "boolean", "marketing suspended", "suspended"),
        _standard("marketing_suspended_reason", "string", "marketing suspended reason"),
        _standard("unsubscribed", "boolean", "unsubscribed", "email opt out"),
        _standard("unsubscribed_reason", "string", "unsubscribed reason"),
        _standard("email_invalid", "boolean", "email invalid", "invalid email", "bounced"),
        _standard("do_not_call", "boolean", "do not call", "dnc"),
    ]
}
"""What outsiders may write of a person, in the order of the screens."""


def everything() -> dict[str, Field]:
    """Every field by name, the standard ones first, then the custom ones by label: one query."""
    return STANDARD | _glance.anew()


def recent() -> dict[str, Field]:
    """As `everything`, as it was at most two seconds ago: for what is asked for every card of a page."""
    return STANDARD | _glance.recent()


def of_custom(row: CustomField) -> Field:
    """The field that a row of CustomField is."""
    kind, names = TYPES[row.type], (row.label, *row.formerly)
    return Field(CUSTOM + row.key, row.label, kind, names, row.key, row.help, row.pk)


def get(name: str) -> Field:
    """The field of this name. Raises UnknownField.

    A custom one as it was at most two seconds ago: one query, however many are asked for.
    """
    found = STANDARD.get(name)
    if found is None and name.startswith(CUSTOM):
        found = _glance.recent(name).get(name)
    if found is None:
        raise UnknownField(name)
    return found


def find(name: str) -> Field | None:
    """As `get`, and None for what is none (`mobile`, `mobile_region`)."""
    try:
        return get(name)
    except UnknownField:
        return None


def kept(name: str, value: Any) -> Any:
    """A value of a field as JSON keeps it, in the log too; empty is empty, in whatever way it was said."""
    field = find(name)
    if field is None:
        return value
    ready = field.type.to_json(value)
    return field.type.to_json(field.empty) if ready is None else ready


def label(name: str) -> str:
    """What a field is called on screen; a name that is no field is told as it is."""
    if name.startswith(CUSTOM):
        field = _glance.recent(name).get(name)
        return str(field.label) if field else name.removeprefix(CUSTOM)
    names = {column.name: column for column in Person._meta.concrete_fields}
    return str(names[name].verbose_name) if name in names else name


def shown(name: str, kept: Any) -> str:
    """A value as JSON keeps it, in words for the screen, by the type of its field where there is one."""
    try:
        kind = get(name).type
    except UnknownField:
        kind = TYPES["boolean" if isinstance(kept, bool) else "string"]
    value = kind.from_json(kept)
    return kind.shown(kept if value in (None, "") else value)


def in_order(names: Iterable[str]) -> list[str]:
    """The names as the screens order fields; what is no standard field comes last."""
    columns = [column.name for column in Person._meta.concrete_fields]
    places = {name: place for place, name in enumerate(columns)}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))


class _Glance:
    """The custom fields as they were when they were last looked at."""

    def __init__(self) -> None:
        self.at, self.seen = 0.0, dict[str, Field]()

    def anew(self) -> dict[str, Field]:
        seen = {each.name: each for each in map(of_custom, CustomField.objects.all())}
        self.at, self.seen = monotonic(), seen
        return seen

    def recent(self, name: str = "") -> dict[str, Field]:
        """Asked for anew where the last look is old, or does not know this one."""
        is_fresh = self.at and monotonic() - self.at < FRESH
        return self.seen if is_fresh and (not name or name in self.seen) else self.anew()


_glance = _Glance()


def forget() -> None:
    """Look anew at the next glance: a field was made, renamed or deleted here."""
    _glance.at = 0.0
