"""Chance, in one place: how long things take, what goes wrong, and the keys of people."""

from random import Random
from uuid import UUID, uuid5

SIGMA = 0.99
"""Of the log-normal spread: puts the 99th percentile at ten times the median."""
NAMESPACE = UUID("8a2d3c1e-5a0f-4b60-9a41-7d0c2a7e6b11")

_random = Random()  # noqa: S311 - nothing here is secret


def roll_from(seed: int) -> None:
    """Let luck take the same course as every time with this seed."""
    _random.seed(seed)


def chance(probability: float) -> bool:
    """True so often, 0 to 1."""
    return _random.random() < probability


def between(bounds: tuple[float, float]) -> float:
    return _random.uniform(*bounds)


def around(median: float) -> float:
    """Log-normal: mostly near the median, sometimes much more."""
    return median * _random.lognormvariate(0, SIGMA)


def person_key(seed: str, mdn: str, carrier: str, earlier: int) -> str:
    """The key of a number at a carrier that had so many records there before.

    Made from what it names, not from the order people came in: a key that somebody
    remembers from before a reset never means another number.
    """
    return str(uuid5(NAMESPACE, f"{seed}/{mdn}/{carrier}/{earlier}"))
