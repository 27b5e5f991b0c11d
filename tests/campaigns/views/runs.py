"""Runs as the pages need them: enrolled, advanced, and settled as Vibes would."""

from __future__ import annotations

from datetime import UTC, datetime

from campaigns import enrolling, runner
from campaigns.audience import people
from campaigns.models import Campaign, Run
from campaigns.versions import flow_of
from tests.campaigns import make
from vibes import outbox
from vibes.models import OutboxRow
from vibes.sending import Answer

NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
TAKEN = Answer(OutboxRow.State.ACCEPTED)


def running(campaign: Campaign) -> Run:
    """A run with everybody enrolled and taken through the flow; nothing has left."""
    run = make.run(campaign)
    flow = flow_of(run.version)
    run.entered = enrolling.enrol(run, people(flow.smart_list, now=NOON), now=NOON)
    run.state = Run.State.RUNNING
    run.save()
    while cohorts := runner.due(now=NOON):
        for cohort in cohorts:
            runner.advance(cohort, now=NOON)
    return run


def settle(
    run: Run,
    state: str = OutboxRow.State.DELIVERED,
    *,
    number: int | None = None,
    reason: str = "",
) -> None:
    """Bring the texts of a run (or so many of them) where Vibes brings them."""
    ready = OutboxRow.objects.filter(run_id=run.pk, state=OutboxRow.State.READY).order_by("pk")
    rows = list(ready[:number] if number else ready)
    for row in rows:
        row.state, row.reason = state, reason
    OutboxRow.objects.bulk_update(rows, ["state", "reason"])
    outbox.tell(rows, now=NOON)
