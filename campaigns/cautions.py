"""What a marketer may not mean: named before a launch, with the place that mends it. Nothing is barred."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from people import patience
from people.models import PersonQuerySet

from . import listener, rings
from .drafts import BranchCard, Draft, Gone, StepCard
from .models import Campaign, Entry, Node, Run
from .problems import Problem

PATIENCE = 0.5  # seconds for who else takes the same people
RUNS_LOOKED_AT, RUNS_SAID = 50, 5


def of_draft(draft: Draft) -> list[Problem]:
    """Of what the draft says, in the order of its steps. No query but for steps that request campaigns."""
    found = [*_open_doors(draft)]
    for card in draft.steps:
        found += [
            Problem(f"{card.number}. {words}", "flow", f"step-{card.row.pk}")
            for words in (
                *_circles(draft, card),
                *_dead_ends(draft, card),
                *_awaited(draft, card),
                *_rings(draft, card),
            )
        ]
    return found


def _open_doors(draft: Draft) -> Iterator[Problem]:
    """A triggered campaign without filters."""
    if draft.is_triggered and not draft.smart_list.cards:
        words = _("No filter narrows who enters: everybody whom the trigger meets does.")
        yield Problem(words, "smart-list")


def _awaited(draft: Draft, card: StepCard) -> Iterator[str]:
    """A step of a triggered campaign needs what is not there yet; a batch does not start then."""
    for branch in card.branches if draft.is_triggered else ():
        if _acts(branch) and (words := branch.type.awaits(branch.params)):  # type: ignore[union-attr]
            yield words


def _rings(draft: Draft, card: StepCard) -> Iterator[str]:
    """A step requests this campaign, or one that comes back to it."""
    asked = {
        pk
        for branch in card.branches
        if _acts(branch)
        for pk in branch.type.requests(branch.frozen)  # type: ignore[union-attr]
    }
    if draft.campaign.pk in asked and draft.is_triggered:
        yield _(
            "This campaign requests itself. A person who may enter again comes round until %(most)d"
            " requests have followed one another; then it ends."
        ) % {"most": listener.DEEPEST.get()}
    elif asked and (way := rings.way_back(asked, to=draft.campaign.pk)):
        names = " → ".join(f"“{each}”" for each in (draft.campaign, *way, draft.campaign))
        yield _(
            "Requests go in a ring: %(way)s. A person who may enter again comes round until"
            " %(most)d requests have followed one another; then it ends."
        ) % {"way": names, "most": listener.DEEPEST.get()}


def _circles(draft: Draft, card: StepCard) -> Iterator[str]:
    """A step changes what the smart list asks."""
    said = _("“%(step)s” changes what filter %(number)d of the smart list asks: “%(filter)s”.")
    said += " " + _("Who qualifies is then no longer the same, when it runs again or starts late.")
    changed = [(branch, _changed(branch)) for branch in card.branches]
    for asking in draft.smart_list.cards:
        if not asking.is_valid or isinstance(asking.type, Gone):
            continue
        asked = asking.type.asks(asking.params)  # type: ignore[attr-defined]
        by = next((branch for branch, what in changed if what & asked), None)
        if by:
            yield said % {
                "step": by.summary,
                "number": asking.number,
                "filter": asking.summary,
            }


def _changed(branch: BranchCard) -> frozenset[str]:
    return frozenset(branch.type.changes(branch.params)) if _acts(branch) else frozenset()  # type: ignore[union-attr]


def _acts(branch: BranchCard) -> bool:
    return branch.is_valid and not branch.does_nothing and not isinstance(branch.type, Gone)


def _dead_ends(draft: Draft, card: StepCard) -> Iterator[str]:
    """A step takes everybody out."""
    if not all(_empties(branch, draft.campaign) for branch in card.branches):
        return
    if card.number == 1:
        yield _("“%s” takes everybody out of the flow at once. Add a choice to take only some.") % (
            card.summary
        )
    elif card.number < len(draft.steps):
        yield _("“%s” takes everybody out: nobody reaches the steps after it.") % card.summary


def _empties(branch: BranchCard, campaign: Campaign) -> bool:
    if branch.does_nothing or not branch.is_valid or isinstance(branch.type, Gone):
        return False
    return bool(branch.type.empties(branch.params, campaign_id=campaign.pk))  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Met:
    """A run of another campaign, and how many of the same people it took today."""

    run: Run
    people: int


def met_today(campaign: Campaign, people: PersonQuerySet, *, now: datetime) -> list[Met]:
    """Runs of others, begun today, with most of the same people first: two queries at most.

    Nothing where counting takes too long.
    """
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    others = Run.objects.filter(started_at__gte=today, started_at__lte=now)
    others = others.exclude(campaign=campaign).exclude(campaign__node__kind=Node.Kind.ACTIONS)
    newest = others.select_related("campaign__node").order_by("-pk")[:RUNS_LOOKED_AT]
    runs = {run.pk: run for run in newest}
    if not runs:
        return []
    same = Entry.objects.filter(run__in=runs, person__in=people.order_by().values("pk"))
    each = same.order_by().values_list("run").annotate(count=Count("person", distinct=True))
    try:
        with patience.at_most(PATIENCE):
            counted = list(each.order_by("-count", "-run")[:RUNS_SAID])
    except patience.TookTooLong:
        return []
    return [Met(runs[run], count) for run, count in counted]
