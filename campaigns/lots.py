"""Lots: a number for each person and each draw, by a hash and never by a die, the same on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThan

PRIME = (1 << 31) - 1  # a product of two numbers below it fits into 64 bits, on both databases


@dataclass(frozen=True)
class Seat:
    """Where a share is drawn: for which step, and after how many percent that went to choices before."""

    step_id: int = 0
    after: Decimal = Decimal(0)


NOWHERE = Seat()
_seat: ContextVar[Seat] = ContextVar("the choice that is tried", default=NOWHERE)


@contextmanager
def drawn_for(step_id: int, *, after: Decimal) -> Iterator[None]:
    """Within it, conditions are of a choice of this step."""
    token = _seat.set(Seat(step_id, after))
    try:
        yield
    finally:
        _seat.reset(token)


def first(percent: Decimal, *, draw: str) -> Q:
    """The people with the lowest lots of a draw."""
    return Q(LessThan(_lot(draw), _bound(percent)))


def next_share(percent: Decimal) -> Q:
    """The people whose lots, in the draw of the step, come after the shares of the choices before."""
    seat = _seat.get()
    lot = _lot(f"step {seat.step_id}")
    here = Q(GreaterThanOrEqual(lot, _bound(seat.after)))
    return here & Q(LessThan(lot, _bound(seat.after + percent)))


def _lot(draw: str) -> ExpressionWrapper[Any]:
    """From 0 to PRIME, by the person's id."""
    digest = hashlib.sha256(draw.encode()).digest()
    by = int.from_bytes(digest[:8], "big") % (PRIME - 1) + 1
    plus = int.from_bytes(digest[8:16], "big") % PRIME
    mixed = (F("pk") % PRIME * by + plus) % PRIME
    return ExpressionWrapper((mixed * mixed + mixed + plus) % PRIME, BigIntegerField())


def _bound(percent: Decimal) -> int:
    return int(PRIME * percent / 100)
