"""What a storm is judged by: our tables as they ended, and all that the simulator wrote down."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from . import permits
from .permits import Permit
from .provider import Journal, Provider
from .trouble import Blow
from .watch import SENT_ROWS, Watch

BY_RECEIPT = "not-a-member-at-vibes"  # taken, and not sent on: Vibes knew of a STOP before we did
HURTS = ("kill", "freeze", "cut", "crash", "term", "blackout", "outage")  # may cost an answer
# Between the door and the row: answers travel, gather, and are settled together.
JUST = timedelta(milliseconds=150)
# What lies between a clock that is read and the commit or the call that follows, in seconds.
SLACK = 1.0


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
    """`stops`: when each STOP was committed, by number, and `stop_waits` how long after it had come in.
    `waiting`: callbacks that nobody had applied when all had come to rest. Seconds."""

    rows: list[Row]
    ledger: list[dict[str, Any]]
    journal: Journal
    callbacks: list[dict[str, Any]]
    permits: list[Permit]
    stops: dict[str, datetime]
    blows: list[Blow]
    watch: Watch
    permit: float
    stop_waits: list[float] = field(default_factory=list)
    waiting: int = 0

    @cached_property
    def sent(self) -> set[str]:
        """The ids of the texts that the simulator took."""
        return {each["event_id"] for each in self.ledger}

    @cached_property
    def taken(self) -> set[str]:
        """The ids of the texts of which we know that Vibes took them, whatever it did then."""
        refused = {each.event_id for each in self.rows if each.reason == BY_RECEIPT}
        return self.in_state(*SENT_ROWS) | refused

    def in_state(self, *states: str) -> set[str]:
        return {each.event_id for each in self.rows if each.state in states}

    # --- Figures ----------------------------------------------------------------------------------

    def most_unknown(self) -> int:
        """Answers lost at the door, and what was on the wire at each blow that can cost an answer."""
        hurts = [each for each in self.blows if each.kind in HURTS]
        return len(self.journal.lost) + sum(self._on_the_wire(each) for each in hurts)

    def _on_the_wire(self, blow: Blow) -> int:
        """Texts inside the door when it fell, or just answered and not settled: by the door's own times."""
        ends = blow.at if blow.kind != "crash" else blow.until or blow.at
        return sum(
            each.at - JUST <= ends and blow.at <= each.done_at + JUST
            for each in self.journal.handovers
        )

    def gaps(self) -> dict[str, float]:
        """How fast texts came through the door, the longest time in which none did, and how long a STOP
        waited to be recorded after it had come in."""
        times = self._times
        silences = [(after - before).total_seconds() for before, after in pairwise(times)]
        lasted = (times[-1] - times[0]).total_seconds() if times else 0.0
        return {
            "longest_silence_s": round(max(silences, default=0.0), 2),
            "texts_a_second": round(len(times) / lasted) if lasted else 0,
            "stop_waited_s": round(max(self.stop_waits, default=0.0), 2),
        }

    def waits(self, *kinds: str) -> list[float]:
        """Seconds from each blow of these kinds to the next text at the door, while there were any to send."""
        found = []
        for blow in self.blows:
            since = blow.until or blow.at
            place = bisect(self._times, since)
            if blow.kind not in kinds or not 0 < place < len(self._times):
                continue
            if not any(_keeps_silent(each, since, self._times[place]) for each in self.blows):
                found.append(round((self._times[place] - since).total_seconds(), 2))
        return found

    @cached_property
    def _times(self) -> list[datetime]:
        return sorted(each.at for each in self.journal.handovers)


def _keeps_silent(blow: Blow, begins: datetime, ends: datetime) -> bool:
    """Whether nothing was to leave for another reason: a pause, or Vibes away and the rest after it."""
    lasts = {"pause": timedelta(seconds=1), "outage": timedelta(seconds=60)}.get(blow.kind)
    return lasts is not None and blow.at < ends and begins < (blow.until or blow.at) + lasts


# --- Gathered -------------------------------------------------------------------------------------


def gather(run_id: int, provider: Provider, blows: list[Blow], watch: Watch) -> Evidence:
    """All that there is to judge by, once everything has come to rest."""
    from django.conf import settings

    from vibes.models import Callback, OutboxRow

    fields = ("event_id", "mobile", "state", "reason", "sending_at")
    found = OutboxRow.objects.filter(run_id=run_id).values_list(*fields)
    stops = _stops()
    return Evidence(
        rows=[Row(str(each[0]), *each[1:]) for each in found],
        ledger=provider.ledger(),
        journal=provider.journal(),
        callbacks=provider.callbacks(),
        permits=permits.all_of(run_id),
        stops={mobile: at for mobile, at, _ in stops},
        blows=blows,
        watch=watch,
        permit=settings.SEND_PERMIT_SECONDS,
        stop_waits=sorted((at - came_in).total_seconds() for _, at, came_in in stops),
        waiting=Callback.objects.filter(applied_at=None).count(),
    )


def _stops() -> list[tuple[str, datetime, datetime]]:
    """Of each STOP the number, when it was committed, and when its callback had come in. Where the
    database does not tell of commits, a while after it was recorded."""
    from django.db import connection
    from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Subquery
    from django.db.models.expressions import RawSQL

    from vibes.models import Callback, ConsentEntry

    at: Any = RawSQL("pg_xact_commit_timestamp(vibes_consententry.xmin)", [])
    if connection.vendor != "postgresql":
        later = F("recorded_at") + timedelta(seconds=SLACK)
        at = ExpressionWrapper(later, output_field=DateTimeField())
    callback = Callback.objects.filter(pk=OuterRef("callback_id"))
    came_in = Subquery(callback.values("received_at")[:1])
    ends = ConsentEntry.objects.filter(became="unsubscribed").order_by("-pk")
    return list(ends.values_list("mobile", at, came_in))
