"""A filter for each field that this installation made for itself, by the field's type."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.operators import BooleanFilter, DateFilter, NumberFilter, TextFilter
from campaigns.registry import FilterType, UnknownKind, filters
from people import fields
from people.field_types import Compares
from people.fields import Field

FILTERS: dict[Compares, type[FilterType[Any]]] = {
    Compares.TEXT: TextFilter,
    Compares.NUMBER: NumberFilter,
    Compares.TRUTH: BooleanFilter,
    Compares.DATE: DateFilter,
    Compares.MOMENT: DateFilter,
}


class CustomFields:
    """The kinds `custom_<id>`. By the id and not by the key: a field that is made anew under an old name
    is another field, perhaps of another type, and a filter on the old one must not mean it."""

    prefix = "custom_"

    def get(self, kind: str) -> FilterType[Any]:
        """Raises UnknownKind, which says that the field was deleted."""
        row = kind.removeprefix(self.prefix)
        for known in (fields.recent, fields.everything):
            for field in known().values():
                if field.row and str(field.row) == row:
                    return _filter(field)
        raise UnknownKind(gettext("The field of this filter was deleted."))

    def all(self) -> list[FilterType[Any]]:
        return [_filter(field) for field in fields.recent().values() if field.row]


@lru_cache(maxsize=1_000)
def _filter(field: Field) -> FilterType[Any]:
    base = FILTERS[field.type.compares]
    meaning = field.help or gettext("People by the field “%(name)s”.") % {"name": field.label}
    named = {
        "__doc__": meaning,
        "kind": f"{CustomFields.prefix}{field.row}",
        "label": field.label,
        "group": _("Custom Field"),
        "key": field.key,
        "type": field.type.word,
        "asks": lambda self, params: frozenset({field.name}),
    }
    made: Callable[[], FilterType[Any]] = type("CustomField", (base,), named)
    return made()


filters.register_family(CustomFields())
