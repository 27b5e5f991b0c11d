"""The verdict on a storm: each invariant with its evidence, from the simulator's ledger wherever it can be."""

from __future__ import annotations

import json
from bisect import bisect
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from .provider import Journal
from .trouble import Blow
from .watch import SENT_ROWS, Watch

SHOWN = 5
BY_RECEIPT = "not-a-member-at-vibes"  # taken, and not sent on: it knew of a STOP before we did
# From the end of the wire to the row: answers are gathered, then settled, and machines are busy.
UNSETTLED, JUST = timedelta(seconds=2), timedelta(milliseconds=150)
# What lies between a clock that is read and the commit or the call that follows.
SLACK = 1.0
RECOVERY, POLL = 90.0, 15.0  # seconds, promised
HURTS = ("kill", "freeze", "cut", "crash", "term", "blackout", "outage")  # what can cost an answer that was on its way
FINAL = {"done", "sent", "skipped", "failed", "unknown", "cancelled", "left"}


@dataclass(frozen=True)
class Row:
    """A row of the outbox as it ended."""

    event_id: str
    mobile: str
    state: str
    reason: str
    sending_at: datetime | None


@dataclass
class Evidence:
    """What is judged: our tables at the end, and all that the simulator wrote down."""

    rows: list[Row]
    ledger: list[dict[str, Any]]
    journal: Journal
    callbacks: list[dict[str, Any]]
    stops: dict[str, datetime]
    blows: list[Blow]
    watch: Watch
    permit: float

    @property
    def sent(self) -> set[str]:
        """The ids of the texts that the simulator took."""
        return {each["event_id"] for each in self.ledger}

    @property
    def taken(self) -> set[str]:
        """The ids of the texts of which we know that Vibes took them, whatever it did then."""
        refused = {each.event_id for each in self.rows if each.reason == BY_RECEIPT}
        return self.in_state(*SENT_ROWS) | refused

    def in_state(self, *states: str) -> set[str]:
        return {each.event_id for each in self.rows if each.state in states}


def _says(wrong: Any, **evidence: Any) -> dict[str, Any]:
    """An invariant holds when nothing is wrong; what is, is shown."""
    found = list(wrong)
    shown = {"wrong": len(found), "for_example": found[:SHOWN]} if found else {"wrong": 0}
    return {"holds": not found, "evidence": shown | evidence}


def no_repeat(all_: Evidence) -> dict[str, Any]:
    """I1: the simulator took no text twice, whatever its id, for any number."""
    taken = Counter((each["mdn"], each["text"]) for each in all_.ledger)
    twice = [mobile for (mobile, _), count in taken.items() if count > 1]
    ids = Counter(each["event_id"] for each in all_.ledger)
    repeats = sum(taken.values()) - len(taken)
    return _says(twice, texts=len(all_.ledger), repeats=repeats, ids_twice=len(ids - Counter(set(ids))))


def one_ending(all_: Evidence) -> dict[str, Any]:
    """I2: the run is finished, and each of its people has one final verdict at each step."""
    seen = all_.watch.now
    if seen is None or seen.state != "finished":
        return _says([f"the run is {seen.state if seen else 'not there'}"])
    wrong = [
        f"{count} {state} at step {step}"
        for step in all_.watch.steps
        for state, count in seen.verdicts.get(step, Counter()).items()
        if state not in FINAL
    ]
    totals = [seen.verdicts.get(step, Counter()).total() for step in all_.watch.steps]
    wrong += [f"{total} verdicts of {seen.entered}" for total in totals if total != seen.entered]
    return _says(wrong, members=seen.entered, verdicts=totals)


def nobody_after_stop(all_: Evidence) -> dict[str, Any]:
    """I3a: permission to send was granted to nobody whose STOP had been recorded."""
    late = [
        row.event_id
        for row in all_.rows
        if row.sending_at and row.mobile in all_.stops
        and (row.sending_at - all_.stops[row.mobile]).total_seconds() > 0
    ]
    return _says(late, stops_recorded=len(all_.stops))


def in_time(all_: Evidence) -> dict[str, Any]:
    """I3b: no text begins at the door later than the permit after its permission, nor after a STOP."""
    most = all_.permit + SLACK
    granted = {row.event_id: row.sending_at for row in all_.rows}
    waits, after_stop = [0.0], [0.0]
    for each in all_.journal.last.values():
        if (begun := granted.get(each.event_id)) is not None:
            waits.append((each.at - begun).total_seconds())
        if each.mobile in all_.stops:
            after_stop.append((each.at - all_.stops[each.mobile]).total_seconds())
    late = [wait for wait in (*waits, *after_stop) if wait > most]
    return _says(
        late, limit=most, longest_s=round(max(waits), 3), longest_after_stop_s=round(max(after_stop), 3)
    )


def conserved(all_: Evidence) -> dict[str, Any]:
    """I4: the sums added up at every look; in the end what we call sent was taken, and what was taken we
    call sent or unknown."""
    sure, unknown = all_.in_state(*SENT_ROWS), all_.in_state("unknown")
    wrong = [
        *all_.watch.faults,
        *(f"called sent, never taken: {each}" for each in sure - all_.sent),
        *(f"taken, and not known to be: {each}" for each in all_.sent - all_.taken - unknown),
    ]
    looks = {"looks": all_.watch.looks, "database_away": all_.watch.missed}
    went = len(unknown & all_.sent)
    return _says(wrong, **looks, sent=len(sure), unknown=len(unknown), unknown_that_went=went)


def unknown_is_explained(all_: Evidence) -> dict[str, Any]:
    """P6: each unknown is one whose answer was lost at the door, or that was on its way when a process
    or the database was hurt."""
    wrong, lost, hurt = [], 0, 0
    for row in all_.rows:
        if row.state != "unknown":
            continue
        if row.event_id in all_.journal.lost:
            lost += 1
        elif any(_was_hurt(row, all_, blow) for blow in all_.blows):
            hurt += 1
        else:
            wrong.append(f"{row.event_id}: {row.reason}")
    return _says(wrong, answer_lost=lost, hurt=hurt)


def _was_hurt(row: Row, all_: Evidence, blow: Blow) -> bool:
    """Whether the blow fell between the permission and the moment at which the answer was settled."""
    if blow.kind not in HURTS or row.sending_at is None:
        return False
    seen = all_.journal.last.get(row.event_id)
    ends = seen.done_at if seen else row.sending_at + timedelta(seconds=all_.permit)
    return row.sending_at - UNSETTLED <= (blow.until or blow.at) and blow.at <= ends + UNSETTLED


def told_truly(all_: Evidence) -> dict[str, Any]:
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


def one_run(all_: Evidence) -> dict[str, Any]:
    """I13: the same token is the same run, however often and at once it is used."""
    from campaigns.models import Run

    runs = Run.objects.count()
    starts = sum(each.kind == "double start" for each in all_.blows)
    return _says([f"{runs} runs"] if runs != 1 else [], starts=starts, runs=runs)


def quiet_while_paused(all_: Evidence) -> dict[str, Any]:
    """Nothing begins at the door while the run is paused, but what was permitted before."""
    pauses = [(each.at, each.until) for each in all_.blows if each.kind == "pause" and each.until]
    most = timedelta(seconds=all_.permit + SLACK)
    late = [
        each.event_id
        for each in all_.journal.handovers
        if any(begun + most < each.at < ends for begun, ends in pauses)
    ]
    return _says(late, pauses=len(pauses))


def recovered(all_: Evidence) -> dict[str, Any]:
    """I5: after everything was killed at once, the first text leaves without a hand."""
    waits = _waits(all_, ("blackout",))
    return _says([each for each in waits if each > RECOVERY], limit=RECOVERY, waits_s=waits)


def redis_is_disposable(all_: Evidence) -> dict[str, Any]:
    """I6: Redis flushed, or restarted empty, delays the next text by no more than a sweep."""
    waits = _waits(all_, ("flush", "loss"))
    return _says([each for each in waits if each > POLL], limit=POLL, waits_s=waits)


def _waits(all_: Evidence, kinds: tuple[str, ...]) -> list[float]:
    """Seconds from each such blow to the next text at the door, while there were any to send."""
    times = sorted(each.at for each in all_.journal.handovers)
    found = []
    for blow in all_.blows:
        since = blow.until or blow.at
        if blow.kind in kinds and (place := bisect(times, since)) < len(times):
            if not any(_keeps_silent(each, since, times[place]) for each in all_.blows):
                found.append(round((times[place] - since).total_seconds(), 2))
    return found


def _keeps_silent(blow: Blow, begins: datetime, ends: datetime) -> bool:
    """Whether nothing was to leave for another reason: a pause, or Vibes away and the rest after it."""
    lasts = {"pause": timedelta(seconds=1), "outage": timedelta(seconds=60)}.get(blow.kind)
    return lasts is not None and blow.at < ends and begins < (blow.until or blow.at) + lasts


INVARIANTS = {
    "I1 no repeat": no_repeat,
    "I2 one ending": one_ending,
    "I3a nobody after STOP": nobody_after_stop,
    "I3b in time": in_time,
    "I4 conserved": conserved,
    "I5 recovered": recovered,
    "I6 Redis is disposable": redis_is_disposable,
    "I9 receipts in any order": told_truly,
    "I13 one run": one_run,
    "paused is quiet": quiet_while_paused,
    "P6 unknown is explained": unknown_is_explained,
}


def gather(run_id: int, provider: Any, blows: list[Blow], watch: Watch) -> Evidence:
    """All that there is to judge by, once everything has come to rest."""
    from django.conf import settings

    from vibes.models import OutboxRow

    fields = ("event_id", "mobile", "state", "reason", "sending_at")
    found = OutboxRow.objects.filter(run_id=run_id).values_list(*fields)
    return Evidence(
        rows=[Row(str(each[0]), *each[1:]) for each in found],
        ledger=provider.ledger(),
        journal=provider.journal(),
        callbacks=provider.callbacks(),
        stops=_stops(),
        blows=blows,
        watch=watch,
        permit=settings.SEND_PERMIT_SECONDS,
    )


def _stops() -> dict[str, datetime]:
    """When each STOP was committed, by number; where the database does not tell, a while after it was
    recorded."""
    from django.db import connection
    from django.db.models.expressions import RawSQL

    from vibes.models import ConsentEntry

    ends = ConsentEntry.objects.filter(became="unsubscribed").order_by("-pk")
    if connection.vendor != "postgresql":
        told = ends.values_list("mobile", "recorded_at")
        return {mobile: at + timedelta(seconds=SLACK) for mobile, at in told}
    committed = RawSQL("pg_xact_commit_timestamp(vibes_consententry.xmin)", [])
    return dict(ends.values_list("mobile", committed))


# --- Figures --------------------------------------------------------------------------------------


def most_unknown(all_: Evidence) -> int:
    """Answers lost at the door, and what was inside it at each blow that can cost an answer."""
    hurts = [each for each in all_.blows if each.kind in HURTS]
    return len(all_.journal.lost) + sum(_on_the_wire(all_, each) for each in hurts)


def _on_the_wire(all_: Evidence, blow: Blow) -> int:
    """Texts inside the door when it fell, or just answered and not yet settled: by the door's own times."""
    return sum(
        each.at - JUST <= blow.at <= each.done_at + JUST for each in all_.journal.handovers
    )


def gaps(all_: Evidence) -> dict[str, float]:
    """How fast it went, and how long nothing came through the door while there was something to send."""
    times = sorted(each.at for each in all_.journal.handovers)
    silences = [(b - a).total_seconds() for a, b in pairwise(times)]
    lasted = (times[-1] - times[0]).total_seconds() if times else 0.0
    return {
        "longest_silence_s": round(max(silences, default=0.0), 2),
        "texts_a_second": round(len(times) / lasted) if lasted else 0,
    }
