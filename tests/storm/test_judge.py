"""Each invariant can be refuted: evidence of a good run, spoilt in one place, breaks what speaks of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.storm import judge
from tests.storm.evidence import Evidence, Row
from tests.storm.permits import Permit
from tests.storm.provider import Handover, Journal
from tests.storm.trouble import Blow
from tests.storm.watch import Look, Watch

NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
ANA, BEN = "+13125550101", "+13125550102"
LOST = 1  # the id of the rule that loses answers


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def look(*, tallied: Any = None, **changes: Any) -> Look:
    """A look at which all adds up, with some things otherwise; the tallies with them, unless given."""
    sums = {1: Counter(sent=1, unknown=1)}
    good = Look("finished", 2, sums, {1: Counter(delivered=1, unknown=1)}, Counter({1: 2}))
    found = replace(good, **changes)
    kept = {"verdict tallied": found.verdicts, "row tallied": found.rows}
    return replace(found, tallied=tallied or kept)


def receipt(event_id: str, kind: str, status: str = "success", reason: str = "") -> dict[str, Any]:
    action = {"type": kind, "status": status, "status_reason": reason}
    told = {"event_processed": {"event_id": event_id, "action": action}}
    return {"state": "delivered", "body": json.dumps(told)}


@pytest.fixture
def good() -> Evidence:
    """Two people: one was texted, the other's answer was lost. Redis was flushed meanwhile."""
    watch = Watch(1, [1])
    watch.now = look()
    return Evidence(
        rows=[
            Row("a", ANA, "delivered", "", at(0)),
            Row("b", BEN, "unknown", "answer-lost", at(0)),
        ],
        ledger=[{"event_id": "a", "mdn": ANA, "text": "Hi"}],
        journal=Journal(
            [
                Handover("a", ANA, at(0.1), at(0.2), None),
                Handover("b", BEN, at(1), at(1.1), LOST),
            ],
            {LOST: "drop_before"},
        ),
        callbacks=[receipt("a", "carrier_dlr"), receipt("a", "handset_dlr")],
        permits=[Permit("a", ANA, at(0)), Permit("b", BEN, at(0))],
        stops={ANA: at(0.05)},
        blows=[Blow("flush", at(0.5), "redis")],
        watch=watch,
        permit=2,
    )


def findings(evidence: Evidence) -> set[str]:
    judges = {name: one for name, one in judge.INVARIANTS.items() if name != "I13 one run"}
    return {name for name, one in judges.items() if not one(evidence)["holds"]}


def test_a_good_run_refutes_nothing(good: Evidence) -> None:
    assert findings(good) == set()
    assert good.most_unknown() == 1


def _text_again(one: Evidence) -> None:
    one.ledger.append({"event_id": "other", "mdn": ANA, "text": "Hi"})
    one.rows.append(Row("other", ANA, "accepted", "", None))


def _begin_late(one: Evidence) -> None:
    one.journal.handovers[0] = replace(one.journal.handovers[0], at=at(3.5), done_at=at(3.6))


def _look(one: Evidence, **changes: Any) -> None:
    one.watch.now = look(**changes)


def _be_silent(one: Evidence, kind: str, seconds: float) -> None:
    one.blows.append(Blow(kind, at(2), ""))
    one.journal.handovers.append(Handover("c", "", at(2 + seconds), at(2 + seconds), None))


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        (_text_again, "I1 no repeat"),
        (lambda one: _look(one, state="running"), "I2 one ending"),
        (lambda one: _look(one, verdicts={1: Counter(sent=1)}), "I2 one ending"),
        (lambda one: _look(one, verdicts={1: Counter(sent=1, queued=1)}), "I2 one ending"),
        (lambda one: one.stops.update({ANA: at(-1)}), "I3a nobody after STOP"),
        (lambda one: one.permits.append(Permit("a", ANA, at(0.06))), "I3a nobody after STOP"),
        (_begin_late, "I3b in time"),
        (lambda one: one.stops.update({ANA: at(-4)}), "I3b in time"),
        (lambda one: one.watch.faults.append({"what": "one too many"}), "I4 conserved"),
        (lambda one: one.ledger.clear(), "I4 conserved"),
        (lambda one: one.ledger.append({"event_id": "z", "mdn": "", "text": ""}), "I4 conserved"),
        (lambda one: _be_silent(one, "blackout", 91), "I5 recovered"),
        (lambda one: _be_silent(one, "flush", 16), "I6 Redis is disposable"),
        (lambda one: _be_silent(one, "absence", 16), "I6 Redis is disposable"),
        (lambda one: one.callbacks.pop(), "I9 receipts in any order"),
        (lambda one: one.blows.append(Blow("pause", at(-5), "", 0, at(5))), "paused is quiet"),
        (lambda one: one.journal.handovers.pop(), "P6 unknown is explained"),
    ],
)
def test_what_is_wrong_is_found(
    good: Evidence, spoil: Callable[[Evidence], None], broken: str
) -> None:
    spoil(good)

    assert broken in findings(good)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"entered": 3}, "3 entered, 2 are there"),
        ({"positions": Counter({1: 1, 0: 1})}, "step 0: 1 passed, 2 have a verdict"),
        ({"rows": {1: Counter(delivered=2)}}, "step 0: 1 are unknown, by their rows 0"),
        (
            {"tallied": {"verdict tallied": {1: Counter(sent=1, unknown=1)}}},
            "rows tallied as {}, counted as {1: Counter({'delivered': 1, 'unknown': 1})}",
        ),
    ],
)
def test_a_look_sees_what_does_not_add_up(changes: dict[str, Any], words: str) -> None:
    assert look().faults([1]) == []
    assert words in look(**changes).faults([1])


def test_a_pause_and_an_outage_excuse_a_silence(good: Evidence) -> None:
    _be_silent(good, "flush", 16)
    good.blows.append(Blow("outage", at(1), "vibes", 0, at(5)))

    assert "I6 Redis is disposable" not in findings(good)
