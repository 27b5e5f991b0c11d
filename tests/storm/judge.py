"""The verdict on a storm: each invariant with what refutes it, from the simulator's ledger wherever it can be."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from .evidence import HURTS, SLACK, Evidence, Row
from .trouble import Blow
from .watch import SENT_ROWS

SHOWN = 5
# From the end of the wire to the row at most: where the database stumbles it is tried again for six
# seconds (`settling.settle_surely`). Before it nothing is tried: there the clocks' slack is enough.
UNSETTLED, EARLY = timedelta(seconds=7), timedelta(seconds=2)
RECOVERY, POLL = 90.0, 15.0  # seconds, promised
FINAL = {"done", "sent", "skipped", "failed", "unknown", "cancelled", "left"}
Finding = dict[str, Any]


def _says(wrong: Iterable[Any], **evidence: Any) -> Finding:
    """It holds when nothing is wrong; of what is, some are shown."""
    found = list(wrong)
    examples = {"for_example": found[:SHOWN]} if found else {}
    return {"holds": not found, "evidence": {"wrong": len(found)} | examples | evidence}


def no_repeat(all_: Evidence) -> Finding:
    """I1: the simulator took no text twice for any number, whatever id it came with."""
    taken = Counter((each["mdn"], each["text"]) for each in all_.ledger)
    twice = [mobile for (mobile, _), count in taken.items() if count > 1]
    return _says(twice, texts=len(all_.ledger), repeats=taken.total() - len(taken))


def one_ending(all_: Evidence) -> Finding:
    """I2: the run is finished, and each of its people has one final verdict at each step."""
    seen, steps = all_.watch.now, all_.watch.steps
    if seen is None or seen.state != "finished":
        return _says([f"the run is {seen.state if seen else 'not there'}"])
    verdicts = [seen.verdicts.get(step, Counter()) for step in steps]
    open_ = [state for each in verdicts for state in each if state not in FINAL]
    totals = [each.total() for each in verdicts]
    missing = [f"{total} verdicts" for total in totals if total != seen.entered]
    return _says(open_ + missing, members=seen.entered, verdicts=totals)


def nobody_after_stop(all_: Evidence) -> Finding:
    """I3a: permission to send was granted to nobody whose STOP had been recorded.

    On PostgreSQL commit is compared with commit. On SQLite, where one writer keeps all others out and
    no lock can be missing, it shows only that the gate is asked.
    """
    late = [
        each.event_id
        for each in all_.permits
        if each.mobile in all_.stops and each.at > all_.stops[each.mobile]
    ]
    return _says(late, stops_recorded=len(all_.stops), permits=len(all_.permits))


def in_time(all_: Evidence) -> Finding:
    """I3b: no text begins at the door later than a permit after its permission, nor after a STOP."""
    most, begun = all_.permit + SLACK, all_.journal.last.values()
    granted = {row.event_id: row.sending_at for row in all_.rows if row.sending_at}
    waits = [
        (each.at - granted[each.event_id]).total_seconds()
        for each in begun
        if each.event_id in granted
    ]
    after_stop = [
        (each.at - all_.stops[each.mobile]).total_seconds()
        for each in begun
        if each.mobile in all_.stops
    ]
    longest = {
        "longest_s": round(max(waits, default=0.0), 3),
        "longest_after_stop_s": round(max([0.0, *after_stop]), 3),
    }
    return _says([wait for wait in waits + after_stop if wait > most], limit=most, **longest)


def conserved(all_: Evidence) -> Finding:
    """I4: the sums added up at every look; what we call sent was taken, and what was taken we call sent or
    unknown."""
    sure, unknown = all_.in_state(*SENT_ROWS), all_.in_state("unknown")
    wrong = [
        *all_.watch.faults,
        *(f"called sent, never taken: {each}" for each in sure - all_.sent),
        *(f"taken, and not known to be: {each}" for each in all_.sent - all_.taken - unknown),
    ]
    looks = {"looks": all_.watch.looks, "database_away": all_.watch.missed}
    went = len(unknown & all_.sent)
    return _says(wrong, **looks, sent=len(sure), unknown=len(unknown), unknown_that_went=went)


def recovered(all_: Evidence) -> Finding:
    """I5: after everything was killed at once, the first text leaves without a hand."""
    waits = all_.waits("blackout")
    return _says((each for each in waits if each > RECOVERY), limit=RECOVERY, waits_s=waits)


def redis_is_disposable(all_: Evidence) -> Finding:
    """I6: Redis flushed, restarted empty or away delays the next text by no more than a sweep."""
    waits = all_.waits("flush", "loss", "absence")
    return _says((each for each in waits if each > POLL), limit=POLL, waits_s=waits)


def told_truly(all_: Evidence) -> Finding:
    """I9: what a text ended as is a function of the set of receipts that arrived, whatever their order."""
    arrived: defaultdict[str, set[str]] = defaultdict(set)
    for each in all_.callbacks:
        if each["state"] == "delivered":
            told = json.loads(each["body"])["event_processed"]
            arrived[told["event_id"]].add(_meaning(told["action"]))
    wrong = [
        f"{row.event_id} is {row.state}, told were {sorted(arrived[row.event_id])}"
        for row in all_.rows
        if row.event_id in all_.taken and row.state != _furthest(arrived[row.event_id])
    ]
    return _says(wrong, receipts=len(all_.callbacks), texts_with_receipts=len(arrived))


def _meaning(action: dict[str, str]) -> str:
    """What one receipt says of a text, read anew from Vibes' words."""
    if action["status"] != "failed":
        return "delivered" if action["type"] == "handset_dlr" else "accepted"
    return "skipped" if "subscribed" in action["status_reason"] else "undelivered"


def _furthest(told: set[str]) -> str:
    """Of what was told, in whatever order."""
    return next((end for end in ("delivered", "undelivered", "skipped") if end in told), "accepted")


def one_run(all_: Evidence) -> Finding:
    """I13: the same token is the same run, however often and at once it is used."""
    from campaigns.models import Run

    runs = Run.objects.count()
    starts = sum(each.kind == "double start" for each in all_.blows)
    return _says([f"{runs} runs"] if runs != 1 else [], starts=starts, runs=runs)


def quiet_while_paused(all_: Evidence) -> Finding:
    """Nothing begins at the door while the run is paused, but what was permitted before."""
    pauses = [(each.at, each.until) for each in all_.blows if each.kind == "pause" and each.until]
    most = timedelta(seconds=all_.permit + SLACK)
    late = [
        each.event_id
        for each in all_.journal.handovers
        if any(begun + most < each.at < ends for begun, ends in pauses)
    ]
    return _says(late, pauses=len(pauses))


def unknown_is_explained(all_: Evidence) -> Finding:
    """P6: each unknown is one whose answer was lost at the door, or that was on its way when a process
    or the database was hurt."""
    unknown = [row for row in all_.rows if row.state == "unknown"]
    left = [row for row in unknown if row.event_id not in all_.journal.lost]
    wrong = [
        f"{row.event_id}: {row.reason}"
        for row in left
        if not any(_was_hurt(row, all_, blow) for blow in all_.blows)
    ]
    return _says(wrong, answer_lost=len(unknown) - len(left), hurt=len(left) - len(wrong))


def _was_hurt(row: Row, all_: Evidence, blow: Blow) -> bool:
    """Whether the blow fell between the permission and the moment at which the answer was settled."""
    if blow.kind not in HURTS or row.sending_at is None:
        return False
    seen = all_.journal.last.get(row.event_id)
    ends = seen.done_at if seen else row.sending_at + timedelta(seconds=all_.permit)
    return row.sending_at - EARLY <= (blow.until or blow.at) and blow.at <= ends + UNSETTLED


INVARIANTS: dict[str, Callable[[Evidence], Finding]] = {
    "I1 no repeat": no_repeat,
    "I2 one ending": one_ending,
    "I3a nobody after STOP": nobody_after_stop,
    "I3b in time": in_time,
    "I4 conserved": conserved,
    "I5 recovered": recovered,
    "I6 Redis is disposable": redis_is_disposable,
    "I9 receipts in any order": told_truly,
    "I13 one run": one_run,
    "P6 unknown is explained": unknown_is_explained,
    "paused is quiet": quiet_while_paused,
}
