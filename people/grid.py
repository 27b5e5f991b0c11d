"""What a table of people shows: its columns, and each person's value in them by its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from people import fields, sort_keys
from people.field_types import TYPES, Compares, FieldType
from people.models import Person

NAME, FLAGS = sort_keys.NAME, "flags"
USUAL = (NAME, "email", "mobile_typed", "city", FLAGS)
MOST = 30  # columns in one view: what a page can still hold


@dataclass(frozen=True)
class Column:
    """One column. `type` says how its values are shown; None where a template of its own shows them."""

    name: str
    label: str | Promise
    type: FieldType | None = None
    field: fields.Field | None = None

    @property
    def is_number(self) -> bool:
        return self.type is not None and self.type.compares == Compares.NUMBER

    @property
    def is_sortable(self) -> bool:
        return self.name != FLAGS

    def shown(self, person: Person) -> str | SafeString:
        """The value of one person, in words; a web address as a link."""
        if self.type is None:
            return ""
        value = self.field.value(person) if self.field else getattr(person, self.name)
        words = self.type.shown(value)
        if self.type.word == "url" and words.startswith(("http://", "https://")):
            return format_html('<a href="{}" rel="noreferrer noopener">{}</a>', words, words)
        return words


def columns() -> dict[str, Column]:
    """Every column there is, by name, in the order in which they are offered: one query."""
    return _among(fields.everything())


def chosen(names: Iterable[str]) -> list[Column]:
    """The columns of these names that still exist; the usual ones where none is left: one query."""
    known = columns()
    return [known[name] for name in dict.fromkeys(names) if name in known] or usual()


def usual() -> list[Column]:
    """What is shown where nobody chose anything."""
    known = _among(fields.STANDARD)
    return [known[name] for name in USUAL]


def _among(known: Mapping[str, fields.Field]) -> dict[str, Column]:
    rest = [
        Column(FLAGS, _("Flags")),
        Column("created_at", _("Created At"), TYPES["datetime"]),
        Column("updated_at", _("Updated At"), TYPES["datetime"]),
        Column("id", _("Id"), TYPES["string"]),
    ]
    of_fields = [Column(each.name, each.label, each.type, each) for each in known.values()]
    return {each.name: each for each in [Column(NAME, _("Name")), *of_fields, *rest]}
