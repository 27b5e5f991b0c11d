"""By what people can be sorted: for each field an expression of its type, and where it is empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext as _

from people import fields
from people.field_types import Compares
from people.models import Person
from people.ordering import InOrder, Joined


class Mark(NamedTuple):
    """Where a page ended: the value of its last person (None: they have none), and their id."""

    value: Any
    pk: int


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Key:
    """What people are sorted by: an expression, and what it is of one person.

    `kind` is the column type of its values, `lift` makes of a value what the expression is compared
    with. Those with nothing there are `empty`, the others `filled`; both None where nobody is empty.
    """

    expression: Any
    of: Callable[[Person], Any]
    kind: models.Field[Any, Any]
    filled: Any = None
    empty: Any = None
    lift: Callable[[Any], Any] = _same

    def mark(self, person: Person) -> Mark:
        value = self.of(person)
        return Mark(None if self.empty is not None and value in (None, "") else value, person.pk)

    def compared(self, value: Any) -> Any:
        return self.lift(Value(value, output_field=self.kind))


TEXT, NUMBER, TRUTH = models.TextField(), models.FloatField(), models.BooleanField()
NAME = "full_name"


def key(name: str) -> Key | None:
    """By which people are sorted for this name; None for what nobody can be sorted by."""
    if name in _SPECIAL:
        return _SPECIAL[name]
    field = fields.find(name)
    if field is None:
        return None
    return _of_custom(field) if field.key else _of_column(field.name)


def label(name: str) -> str:
    """What it is called on screen."""
    return {NAME: _("Name"), "id": _("Id")}.get(name) or fields.label(name)


def _of_column(name: str) -> Key:
    column = Person._meta.get_field(name)
    assert isinstance(column, models.Field)
    if isinstance(column, models.CharField):
        return _of_text(F(name), lambda person: getattr(person, name))
    filled, empty = Q(**{f"{name}__isnull": False}), Q(**{f"{name}__isnull": True})
    conditions = (filled, empty) if column.null else (None, None)
    return Key(F(name), lambda person: getattr(person, name), column, *conditions)


def _of_text(text: Any, of: Callable[[Person], Any]) -> Key:
    return _of_lifted(text, of, InOrder)


def _of_lifted(text: Any, of: Callable[[Person], Any], lift: Callable[[Any], Any]) -> Key:
    # More than nothing, not other than nothing: so that an index is entered behind the empty ones.
    filled = models.lookups.GreaterThan(lift(text), Value("", TEXT))
    return Key(
        lift(text), of, TEXT, filled, models.lookups.Exact(lift(text), Value("", TEXT)), lift
    )


def _of_custom(field: fields.Field) -> Key:
    def kept(person: Person) -> Any:
        return person.custom.get(field.key)

    text, has = KeyTextTransform(field.key, "custom"), Q(custom__has_key=field.key)
    match field.type.compares:
        case Compares.TRUTH:
            return Key(Case(When(has, then=Value(True)), default=Value(False)), field.value, TRUTH)
        case Compares.NUMBER:
            return Key(Cast(text, NUMBER), kept, NUMBER, has, ~has)
        case Compares.TEXT:
            return Key(InOrder(text), kept, TEXT, has, ~has, InOrder)
    return Key(Cast(text, TEXT), kept, TEXT, has, ~has)  # ISO 8601 of one width


_SPECIAL = {
    # As the screen has it: by family name.
    NAME: _of_text(
        Joined("last_name", "first_name"),
        lambda person: f"{person.last_name} {person.first_name}".strip(" "),
    ),
    "email": _of_lifted(F("email"), lambda person: person.email, Lower),
    "mobile_typed": _of_lifted(F("mobile"), lambda person: person.mobile, _same),
    "id": Key(F("pk"), lambda person: person.pk, models.BigIntegerField()),
    "created_at": _of_column("created_at"),
    "updated_at": _of_column("updated_at"),
}
