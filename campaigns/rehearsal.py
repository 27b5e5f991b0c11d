"""*Test for…*: the path one person would take through a draft, with dates, reasons and the exact text. Nothing
is written, and nobody is asked but our own database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from people.models import Person

from . import audience, preflight, runner
from .content import StepSpec
from .drafts import Draft, FilterCard, StepCard
from .registry import Outcome, StepContext, StepType, steps

WAITS, LEAVES, INCOMPLETE = "waiting", "left", "incomplete"


@dataclass(frozen=True)
class Asked:
    """One filter and what it says of the person; None while the filter is not complete."""

    card: FilterCard
    holds: bool | None


@dataclass(frozen=True)
class Line:
    """One step: when it is reached, the branch taken in words, what comes of it and why, and the text."""

    card: StepCard
    at: datetime
    state: str
    branch: str = ""
    why: str = ""
    text: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Path:
    """Whether the smart list takes the person (None: it is not complete), filter by filter; then the steps."""

    person: Person
    is_found: bool | None
    asked: list[Asked]
    lines: list[Line]


def walk(draft: Draft, person: Person, *, now: datetime) -> Path:
    """The path as it would be if they entered now. Conditions later on are judged by what is known now.

    Whoever the smart list does not find is led through the flow all the same: the page says so.
    """
    who = Person.objects.present().filter(pk=person.pk)
    asked = [
        Asked(card, who.filter(card.q(now=now)).exists() if card.is_valid else None)
        for card in draft.smart_list.cards
    ]
    found = None
    if draft.smart_list.is_valid:
        asks = audience.entitled if draft.is_triggered else audience.people
        found = asks(draft.smart_list.spec, now=now).filter(pk=person.pk).exists()
    return Path(person, found, asked, list(_lines(draft, person, now)))


def _lines(draft: Draft, person: Person, now: datetime) -> Iterator[Line]:
    at = now
    for card in draft.steps:
        line = _line(card, person, at, draft)
        yield line
        if line.state == LEAVES:
            return
        at = line.until or at


def _line(card: StepCard, person: Person, at: datetime, draft: Draft) -> Line:
    if not card.is_valid:
        errors = [error.words for branch in card.branches for error in branch.errors]
        return Line(card, at, INCOMPLETE, why=" ".join(dict.fromkeys(errors)))
    spec = card.spec
    ((branch, _who),) = runner.place(spec, [person.pk], now=at)
    words = card.branches[spec.branches.index(branch)].words
    if branch.does_nothing:
        return Line(card, at, "done", words, why=_("This branch does nothing."))
    step_type: StepType[Any] = steps.get(spec.kind)
    params, people = step_type.thaw(branch.config), Person.objects.filter(pk=person.pk)
    outcome = step_type.forecast(people, params, _context(spec, at, draft))
    text = step_type.reads(people, params).get(person.pk, "")
    return _judged(card, person.pk, at, words, outcome, text)


def _judged(
    card: StepCard, pk: int, at: datetime, branch: str, outcome: Outcome, text: str
) -> Line:
    for reason, people in outcome.skipped.items():
        if pk in people:
            why = preflight.label(reason)
            detail = outcome.details.get(pk, "")
            return Line(card, at, "skipped", branch, f"{why}: {detail}" if detail else why, text)
    for until, people in outcome.parked.items():
        if pk in people:
            return Line(card, at, WAITS, branch, until=until)
    if pk in outcome.left:
        return Line(card, at, LEAVES, branch)
    return Line(card, at, "queued" if pk in outcome.queued else "done", branch, text=text)


def _context(step: StepSpec, at: datetime, draft: Draft) -> StepContext:
    campaign = draft.campaign
    return StepContext(
        now=at, campaign_id=campaign.pk, campaign=str(campaign), run_id=0, step_id=step.id
    )
