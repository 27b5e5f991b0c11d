"""Chance, in one place: how long things take, what goes wrong, and the keys of people."""

from hashlib import blake2b
from random import Random

SIGMA = 0.99
"""Of the log-normal spread: puts the 99th percentile at ten times the median."""

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
    """The key, a UUID, of a number at a carrier that had so many records there before.

    Made from what it names, not from the order people came in: a key that somebody
    remembers from before a reset never means another number.
    """
    named = f"{seed}/{mdn}/{carrier}/{earlier}".encode()
    sign = blake2b(named, digest_size=16).hexdigest()
    return f"{sign[:8]}-{sign[8:12]}-8{sign[13:16]}-a{sign[17:20]}-{sign[20:]}"
