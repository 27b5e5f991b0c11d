"""Rows in an order that people choose: cards, and choices in a card. `rows` are those of one owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import F


class OrderChanged(Exception):
    """These are not the rows any more."""


def ids(rows: Any) -> list[int]:
    """Their ids in their order; the rows are locked."""
    return list(rows.select_for_update().order_by("position", "pk").values_list("pk", flat=True))


def place(rows: Any, pk: int, to: int | None) -> None:
    """Bring one to a place (0-based; beyond the end means the end); None: it stays."""
    if to is None:
        return
    others = [each for each in ids(rows) if each != pk]
    others.insert(max(0, to), pk)
    write(rows, others)


def reorder(rows: Any, wanted: Sequence[int]) -> None:
    """Bring all into this order. Raises OrderChanged where it does not name exactly those there are."""
    if sorted(wanted) != sorted(ids(rows)):
        raise OrderChanged
    write(rows, wanted)


def close_up(rows: Any) -> None:
    """Number them anew, without gaps."""
    write(rows, ids(rows))


def write(rows: Any, wanted: Sequence[int]) -> None:
    """Number them in this order; whichever is not named keeps its number."""
    numbers = models.Case(
        *(models.When(pk=pk, then=models.Value(at)) for at, pk in enumerate(wanted)),
        default=F("position"),
        output_field=models.PositiveIntegerField(),
    )
    rows.update(position=numbers)
