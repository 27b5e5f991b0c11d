"""Chance, in one place: how long things take and what goes wrong."""

from random import Random

SIGMA = 0.99
"""Of the log-normal spread: puts the 99th percentile at ten times the median."""

_random = Random()  # noqa: S311 - nothing here is secret


def chance(probability: float) -> bool:
    """True so often, 0 to 1."""
    return _random.random() < probability


def between(bounds: tuple[float, float]) -> float:
    return _random.uniform(*bounds)


def around(median: float) -> float:
    """Log-normal: mostly near the median, sometimes much more."""
    return median * _random.lognormvariate(0, SIGMA)
