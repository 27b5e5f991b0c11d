"""The parts of the advance bench, each done in a process of its own: plain values in and out."""

from __future__ import annotations

import cProfile
import io
import pstats

from campaigns.models import Run
from tests.bench import advance_bare, advance_world
from tests.bench.cost import Cost, measured
from vibes.models import OutboxRow

PREFIXES = {"hundredth": 200, "tenth": 300, "all": 400, "profiled": 500}


def populate(people: int, name: str) -> None:
    flow = advance_world.changing_sending_waiting
    advance_world.world(people, prefix=PREFIXES[name], flow=flow)


def _run(name: str) -> Run:
    return Run.objects.get(campaign__node__name=f"Bench {PREFIXES[name]}")


def walk(name: str) -> dict[str, float]:
    """Enrol, advance until everybody waits, and wake them: microseconds a person, and memory."""
    run = _run(name)
    with measured() as enrolling:
        advance_world.enrol(run)
    with measured() as advancing:
        advance_world.advance(advance_world.NOW)
    people = run.entries.count()
    with measured() as waking:
        advance_world.advance(advance_world.AFTER_THE_WAIT)
    return {
        "texts_queued": OutboxRow.objects.filter(run_id=run.pk).count(),
        **_figures("enrol", enrolling, people),
        **_figures("advance", advancing, people),
        **_figures("wake", waking, people),
        "advance_database_us": _each(advancing.database, people),
        "memory_mb": round(max(enrolling.memory_mb, advancing.memory_mb), 1),
    }


def bare(name: str) -> dict[str, float]:
    """The same rows by INSERT … SELECT."""
    run = _run(name)
    people = run.entries.count()
    other = Run.objects.create(
        campaign=run.campaign,
        version=run.version,
        token=f"bare-{run.pk}",
        started_at=run.started_at,
    )
    advance_bare.keep(run)
    with measured() as cost:
        rows = advance_bare.write_again(other)
    return {"bare_rows": rows, **_figures("bare", cost, people)}


def _figures(name: str, cost: Cost, people: int) -> dict[str, float]:
    return {
        f"{name}_us": _each(cost.processor, people),
        f"{name}_clock_us": _each(cost.clock, people),
    }


def _each(seconds: float, people: int) -> float:
    return round(seconds * 1e6 / people, 1)


def profiled(name: str) -> str:
    """What advancing takes, statement by statement and function by function, as a text.

    Statements are timed without the profiler, which makes Python look slower than it is: half of
    the cohorts go without it, the other half with it.
    """
    run = _run(name)
    advance_world.enrol(run)
    half = run.cohorts.count() // 2
    with measured() as cost:
        advance_world.advance(advance_world.NOW, cohorts=half)
    profile = cProfile.Profile()
    with profile:
        advance_world.advance(advance_world.NOW)
    return _statements(cost) + _functions(profile)


def _statements(cost: Cost) -> str:
    dearest = sorted(cost.by_statement.items(), key=lambda each: -each[1])[:12]
    shares = [f"{seconds / cost.clock:6.1%}  {words}" for words, seconds in dearest]
    first = (
        f"processor: {cost.ours / cost.processor:.0%} Python, the rest the database's\n"
        f"clock: {cost.waited / cost.clock:.0%} statements, of these"
    )
    return "\n".join([first, *shares, ""])


def _functions(profile: cProfile.Profile) -> str:
    said = io.StringIO()
    pstats.Stats(profile, stream=said).strip_dirs().sort_stats("tottime").print_stats(25)
    return said.getvalue()
