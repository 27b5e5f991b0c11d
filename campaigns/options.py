"""What dropdowns offer, asked for once however many cards show the same dropdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.forms import ModelChoiceField

from .registry import ConfigForm


class Options:
    """The rows of the querysets behind dropdowns: cards that are read together share one of these."""

    def __init__(self) -> None:
        self._rows: dict[str, _Rows] = {}

    def lend_to(self, form: ConfigForm) -> ConfigForm:
        """Let the form's dropdowns take their rows from here, and say why when one is empty."""
        for name, field in form.fields.items():
            if isinstance(field, ModelChoiceField):
                rows = self._of(field.queryset).for_(form.stored(name))  # type: ignore[arg-type]
                field.queryset = _Remembered(field.queryset.model, rows)  # type: ignore[assignment,union-attr]
                if not rows and not field.help_text:
                    field.help_text = str(form.nothing_offered.get(name, ""))
        return form

    def _of(self, queryset: models.QuerySet[Any]) -> _Rows:
        try:
            key = str(queryset.query)
        except EmptyResultSet:
            return _Rows([])
        if key not in self._rows:
            self._rows[key] = _Rows(list(queryset))
        return self._rows[key]


class _Rows:
    """What a dropdown offers: what is archived only where it is chosen already."""

    def __init__(self, rows: list[Any]) -> None:
        self._archived = {str(each.pk): each for each in rows if _is_archived(each)}
        self._offered = [each for each in rows if str(each.pk) not in self._archived]

    def for_(self, chosen: str) -> list[Any]:
        archived = self._archived.get(chosen)
        return self._offered if archived is None else [*self._offered, archived]


def _is_archived(row: Any) -> bool:
    """Of a thing that stands in the tree, directly or (a static list) by its place."""
    node = getattr(row, "node", None) or getattr(getattr(row, "placed", None), "node", None)
    return node is not None and node.archived_with_id is not None


class _Remembered:
    """As much of a queryset as a dropdown uses, without asking again."""

    _prefetch_related_lookups = ()

    def __init__(self, model: type[models.Model], rows: list[models.Model]) -> None:
        self.model, self._rows = model, rows

    def all(self) -> _Remembered:
        return self

    def iterator(self) -> Iterator[models.Model]:
        return iter(self._rows)

    def exists(self) -> bool:
        return bool(self._rows)

    def count(self) -> int:
        return len(self._rows)

    def get(self, **lookup: Any) -> models.Model:
        ((attribute, wanted),) = lookup.items()
        for row in self._rows:
            if str(getattr(row, attribute)) == str(wanted):
                return row
        raise self.model.DoesNotExist  # type: ignore[attr-defined]
