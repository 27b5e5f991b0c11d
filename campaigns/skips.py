"""*Skipped in Flow*: the line in somebody's history that a step passed them over, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from people import activity
from people.activity import Happening, Kind
from vibes.outbox import Moved

from . import run_steps, verdicts
from .models import Run, Verdict
from .registry import steps

SKIPPED = activity.register(
    Kind("skipped", "Skipped in Flow", "{step} skipped: {why}", personal=("why",))
)


Visit = tuple[int, int, int]
"""Entry, step id, wave."""


class Skip(NamedTuple):
    """Who was passed over, by the reason's word, and what is known besides."""

    person_id: int
    reason: str
    detail: str = ""


def record(run: Run, step_id: int, step: str, skipped: Iterable[Skip], *, now: datetime) -> None:
    """Write it of some people at one step of a run; `step` is what the step is called."""
    lines = [
        Happening(
            each.person_id,
            {"step": step, "reason": each.reason, "why": verdicts.why(each.reason, each.detail)},
            campaign_id=run.campaign_id,
            run_id=run.pk,
            step_id=step_id,
        )
        for each in skipped
    ]
    activity.record(SKIPPED, lines, at=now)


def follow_outbox(moved: Sequence[Moved], now: datetime) -> None:
    """Write it of those whom delivery passed over (settings.OUTBOX_LISTENERS), once: the gate has the
    last word, and Vibes knows members we do not. Stands before the verdicts move, which tell what is new.
    """
    passed = [each for each in moved if _verdict(each) == Verdict.State.SKIPPED]
    record_new({_visit(each): (each.reason, each.detail) for each in passed}, now=now)


def record_new(passed: Mapping[Visit, tuple[str, str]], *, now: datetime) -> None:
    """Write it of these visits (entry, step id, wave) with reason and detail, but of those that the ledger
    calls skipped already. Before their verdicts move; a fixed number of statements, none for nobody."""
    if not passed:
        return
    new = _new(passed)
    runs = Run.objects.select_related("version").in_bulk({run for run, _step in new})
    called = _labels(runs.values(), {step for _run, step in new})
    for (run, step), skipped in new.items():
        record(runs[run], step, called.get(step, ""), skipped, now=now)


def _verdict(moved: Moved) -> str:
    return verdicts.state_of(moved.state, action=moved.action)


def _visit(moved: Moved) -> Visit:
    return moved.entry_id, moved.step_id, moved.wave


def _new(passed: Mapping[Visit, tuple[str, str]]) -> Mapping[tuple[int, int], list[Skip]]:
    """By run and step, those whom the ledger does not call skipped yet."""
    rows = Verdict.objects.filter(entry__among={entry for entry, *_ in passed})
    rows = rows.exclude(state=Verdict.State.SKIPPED).order_by("pk")
    found: dict[tuple[int, int], list[Skip]] = {}
    for run, person, *visit in rows.values_list("run", "person", "entry", "step_id", "wave"):
        if why := passed.get((visit[0], visit[1], visit[2])):
            found.setdefault((run, visit[1]), []).append(Skip(person, *why))
    return found


def _labels(runs: Iterable[Run], wanted: set[int]) -> dict[int, str]:
    """What steps are called, by id: those that anybody in these runs may have met."""
    met = {pk: each.spec.kind for run in runs for pk, each in run_steps.of(run).items()}
    return {step: str(steps.get(met[step]).label) for step in wanted & met.keys()}
