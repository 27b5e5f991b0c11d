"""The proof of the compiler: random people, random smart lists, and the database held against memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from campaigns import audience
from campaigns.content import FilterSpec, ListSpec
from campaigns.registry import filters
from tests.campaigns import evaluator, population
from tests.campaigns.evaluator import Somebody, World
from tests.campaigns.population import NOWS, Ground
from tests.campaigns.questions import Question, question

BASE = 30  # people who are there in every example; up to two more come with each


def prove(*, zone: str, seed: int, examples: int) -> int:
    """Hold so many smart lists against the people of a seed; how many were. Raises AssertionError."""
    with override_settings(TIME_ZONE=zone), transaction.atomic():
        on = population.ground(zone)
        chance = Random(seed)
        base = [population.somebody(chance.choice, on) for _ in range(BASE)]
        population.save(base, on)
        with_seed(seed)(_holder(base, on, examples))()
        transaction.set_rollback(True)
    return examples


def _holder(base: list[Somebody], on: Ground, examples: int) -> Callable[[], None]:
    # Chance is uniform, since Hypothesis' own varies what it did before, and leaves kinds out. So there
    # is nothing to shrink: what differs is said by `compare`.
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(st.randoms(use_true_random=True))
    def held(chance: Random) -> None:
        share, count = [False, False, False, True], chance.choice([0, 0, 0, 0, 1, 2])
        new = [population.somebody(chance.choice, on, share=share) for _ in range(count)]
        with _there(new, on):
            world = population.world([*base, *new], on, chance.choice(NOWS))
            compare(question(chance, world), world)

    return held


@contextmanager
def _there(new: list[Somebody], on: Ground) -> Iterator[None]:
    """Within it they are in the database; afterwards not."""
    if not new:
        yield
        return
    with transaction.atomic():
        population.save(new, on)
        yield
        transaction.set_rollback(True)


def compare(asked: Question, world: World) -> None:
    """The answer of the database, by the way that a published version goes, and that of the evaluator."""
    differ = _differ(asked, world)
    if not differ:
        return
    for one in asked.filters:  # a filter that differs by itself says more
        alone = Question([one], "all", "", 1)
        if by_it := _differ(alone, world):
            raise AssertionError(f"{one} at {world.now} in {world.zone}: {by_it[:2]}")
    raise AssertionError(f"{asked} at {world.now} in {world.zone}: {differ[:2]}")


def _differ(asked: Question, world: World) -> list[Somebody]:
    """Whom only one of the two finds."""
    specs = tuple(FilterSpec(kind, _published(kind, config)) for kind, config in asked.filters)
    people = audience.people(ListSpec(asked.match, asked.rule, specs), now=world.now)
    answered = set(people.values_list("pk", flat=True))
    found = (
        (who.id in answered) is not evaluator.found(asked.tree, asked.filters, who, world)
        for who in world.people
    )
    return [who for who, differs in zip(world.people, found, strict=True) if differs]


def _published(kind: str, config: dict[str, str]) -> dict[str, Any]:
    filter_type = filters.get(kind)
    form = filter_type.form(config)
    assert form.is_valid(), (kind, config, form.errors)
    frozen: dict[str, Any] = json.loads(json.dumps(filter_type.freeze(filter_type.params(form))))
    return frozen
