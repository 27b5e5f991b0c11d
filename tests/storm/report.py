"""What a storm prints: seed, faults, figures, bars, invariants with their evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from statistics import median
from typing import Any

from . import judge
from .evidence import Evidence
from .judge import Finding
from .options import Options
from .trouble import Trouble


def of(
    options: Options,
    evidence: Evidence,
    trouble: Trouble,
    times: dict[str, float],
    more: dict[str, Finding],
) -> dict[str, Any]:
    """The report; `ok` when every invariant holds and every bar is kept. `more`: judged elsewhere."""
    invariants = {name: holds(evidence) for name, holds in judge.INVARIANTS.items()} | more
    states = Counter(each.state for each in evidence.rows)
    bars = _bars(evidence, trouble)
    ok = all(each["holds"] for each in invariants.values()) and all(
        each["ok"] for each in bars.values()
    )
    return {
        "name": "storm",
        "seed": options.seed,
        "options": asdict(options),
        "faults": trouble.counts() | {"at_the_door": dict(evidence.journal.faults())},
        "figures": times
        | {"texts": len(evidence.rows), "by_state": dict(sorted(states.items()))}
        | {"not_injected": len(trouble.plan)}
        | evidence.gaps(),
        "bars": bars,
        "invariants": invariants,
        "ok": ok,
    }


def _bars(evidence: Evidence, trouble: Trouble) -> dict[str, dict[str, Any]]:
    unknown = len(evidence.in_state("unknown"))
    return {
        "unknown": _at_most(unknown, evidence.most_unknown()),
        "faults_left_over": _at_most(len(trouble.plan), 0),
        "stops_not_recorded": _at_most(len(set(trouble.stopped) - set(evidence.stops)), 0),
        # Though all that may send are sending, and on a machine with nothing to spare: two bells at most.
        "stop_waited_median_s": _at_most(
            round(median(evidence.stop_waits or [0.0]), 2), 2 * judge.POLL
        ),
        "callbacks_not_applied": _at_most(0 if trouble.options.naive else evidence.waiting, 0),
    }


def _at_most(value: float, limit: float) -> dict[str, Any]:
    return {"value": value, "limit": limit, "ok": value <= limit}
