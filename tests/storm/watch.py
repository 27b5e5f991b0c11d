"""Looking on: after every fault and all the time, do the sums still add up, and how far has it come?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

# One statement, so that all it counts is of one moment.
COUNTS = """
    SELECT 'verdict', v.step_id, v.state, count(*) FROM {verdict} v WHERE v.run_id = %s GROUP BY 2, 3
    UNION ALL
    SELECT 'behind', c.position, c.state, count(*) FROM {entry} e JOIN {cohort} c ON c.id = e.cohort_id
     WHERE e.run_id = %s GROUP BY 2, 3
    UNION ALL
    SELECT 'row', o.step_id, o.state, count(*) FROM {row} o WHERE o.run_id = %s GROUP BY 2, 3
    UNION ALL
    SELECT 'verdict tallied', t.step_id, t.state, sum(t.people) FROM {tally} t
     WHERE t.run_id = %s GROUP BY 2, 3 HAVING sum(t.people) <> 0
    UNION ALL
    SELECT 'row tallied', t.step_id, t.state, sum(t.debts) FROM {row_tally} t
     WHERE t.run_id = %s GROUP BY 2, 3 HAVING sum(t.debts) <> 0
    UNION ALL
    SELECT 'run', r.entered, r.state, 1 FROM {run} r WHERE r.id = %s
"""
# What a verdict says of a text in each state of its row.
OPEN = ("queued", "deferred", "waiting")
TEXTS, UNTEXTED = 1, 0.2  # which step texts, and the share of people whom it cannot text
OPEN_ROWS = ("ready", "claimed", "sending")
SENT_ROWS = ("accepted", "delivered", "undelivered")
KEPT = 20


# By what is tallied and by step, how many in each state.
Tallied = dict[str, dict[int, Counter[str]]]


@dataclass(frozen=True)
class Look:
    """A run at one moment: its state, and how many there are of what, by step."""

    state: str
    entered: int
    verdicts: dict[int, Counter[str]]
    rows: dict[int, Counter[str]]
    positions: Counter[int]
    tallied: Tallied = field(default_factory=dict)

    def faults(self, steps: list[int]) -> list[str]:
        """What does not add up, in words."""
        found = []
        if self.positions.total() != self.entered:
            found.append(f"{self.entered} entered, {self.positions.total()} are there")
        for place, step in enumerate(steps):
            passed = sum(count for at, count in self.positions.items() if at > place)
            verdicts = self.verdicts.get(step, Counter())
            if verdicts.total() != passed:
                found.append(f"step {place}: {passed} passed, {verdicts.total()} have a verdict")
            found += _disagreements(place, verdicts, self.rows.get(step))
        return found + list(self._miscounted())

    def _miscounted(self) -> Iterator[str]:
        """Tallies that say otherwise than the rows they count."""
        for what, counted in (("verdict", self.verdicts), ("row", self.rows)):
            kept = self.tallied.get(f"{what} tallied", {})
            if kept != counted:
                yield f"{what}s tallied as {kept}, counted as {counted}"

    def settled(self, step: int) -> int:
        """How many verdicts of a step are final."""
        return sum(
            count for state, count in self.verdicts.get(step, {}).items() if state not in OPEN
        )


def _disagreements(place: int, verdicts: Counter[str], rows: Counter[str] | None) -> list[str]:
    """Of a step that texts: each row has its verdict, and it says the same."""
    if rows is None:
        return []
    pairs = {
        "queued": sum(rows[each] for each in OPEN_ROWS),
        "sent": sum(rows[each] for each in SENT_ROWS),
        "unknown": rows["unknown"],
        "failed": rows["rejected"],
        "cancelled": rows["cancelled"],
    }
    return [
        f"step {place}: {verdicts[state]} are {state}, by their rows {count}"
        for state, count in pairs.items()
        if verdicts[state] != count
    ]


def look(run_id: int) -> Look:
    """The run as it is now."""
    from django.db import connection

    from campaigns.models import Cohort, Entry, Run, Tally, Verdict
    from vibes.models import OutboxRow, OutboxTally

    models = {"verdict": Verdict, "entry": Entry, "cohort": Cohort, "row": OutboxRow, "run": Run}
    models |= {"tally": Tally, "row_tally": OutboxTally}
    names = {name: model._meta.db_table for name, model in models.items()}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(**names), [run_id] * 6)
        return _read(cursor.fetchall())


def _read(lines: list[tuple[Any, ...]]) -> Look:
    verdicts: dict[int, Counter[str]] = {}
    rows: dict[int, Counter[str]] = {}
    tallied: Tallied = {"verdict tallied": {}, "row tallied": {}}
    positions, state, entered = Counter[int](), "", 0
    for what, number, word, count in lines:
        if what == "run":
            state, entered = word, number
        elif what == "behind":
            positions[number] += count
        else:
            of = tallied | {"verdict": verdicts, "row": rows}
            of[what].setdefault(number, Counter())[word] += int(count)
    return Look(state, entered, verdicts, rows, positions, tallied)


@dataclass
class Watch:
    """All looks at one run. `faults` are the first things that did not add up, with their time."""

    run_id: int
    steps: list[int]
    began: float = field(default_factory=monotonic)
    looks: int = 0
    missed: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    now: Look | None = None

    def look(self) -> Look | None:
        """Look once; None while the database is not there."""
        from django.db import Error, connection

        try:
            self.now = look(self.run_id)
        except Error:
            connection.close()
            self.missed += 1
            return None
        self.looks += 1
        for words in self.now.faults(self.steps):
            if len(self.faults) < KEPT:
                self.faults.append({"at": round(monotonic() - self.began, 2), "what": words})
        return self.now

    @property
    def progress(self) -> float:
        """The share of the texts of which it is known what became of them, from 0 to 1."""
        if self.now is None or not self.now.entered:
            return 0.0
        settled = self.now.settled(self.steps[TEXTS]) / self.now.entered
        return max(0.0, (settled - UNTEXTED) / (1 - UNTEXTED))
