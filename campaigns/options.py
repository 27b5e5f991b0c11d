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
        self._rows: dict[str, list[models.Model]] = {}

    def lend_to(self, form: ConfigForm) -> ConfigForm:
        """Let the form's dropdowns take their rows from here, and say why when one is empty."""
        for name, field in form.fields.items():
            if isinstance(field, ModelChoiceField):
                rows = self._of(field.queryset)  # type: ignore[arg-type]
                field.queryset = _Remembered(field.queryset.model, rows)  # type: ignore[assignment,union-attr]
                if not rows and not field.help_text:
                    field.help_text = str(form.nothing_offered.get(name, ""))
        return form

    def _of(self, queryset: models.QuerySet[Any]) -> list[models.Model]:
        try:
            key = str(queryset.query)
        except EmptyResultSet:
            return []
        if key not in self._rows:
            self._rows[key] = list(queryset)
        return self._rows[key]


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
