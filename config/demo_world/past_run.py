"""A run that is over: taken through launch, runner and delivery, with answers nobody had to give.

Nothing is called here; what Vibes would have answered is made up. So the ledger, the outbox and
people's histories agree, as after any run.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from campaigns import audience, enrolling, launch, runner, versions
from campaigns.models import Campaign, Run
from vibes import delivery, receipts
from vibes.gate import Reason
from vibes.models import OutboxRow
from vibes.sending import Answer

AT_ONCE = 40
TOKEN = "demo-winter-clearance"  # noqa: S105  # a start token: the same token is the same run
State = OutboxRow.State
TAKEN = Answer(State.ACCEPTED)
# By the place of a text in the run: the few that did not go well.
ODD_ANSWERS = {
    23: Answer(State.REJECTED, Reason.REFUSED, "The number is not on a supported carrier."),
    61: Answer(State.UNKNOWN, Reason.ANSWER_LOST, "ReadTimeout: no answer"),
}
# (type, status, reason) of a receipt; none for every 37th.
DELIVERED = ("handset_dlr", "success", "")
BOUNCED = ("carrier_dlr", "failed", "The handset was out of reach for too long.")


def run(campaign: Campaign, *, by: Any, at: datetime) -> Run:
    """Run a campaign as if it had been started `at`, to its end."""
    started = launch.start(campaign, token=TOKEN, by=by, now=at)
    flow = versions.flow_of(started.version)
    entered = enrolling.enrol(started, audience.people(flow.smart_list, now=at), now=at)
    Run.objects.filter(pk=started.pk).update(state=Run.State.RUNNING, entered=entered)
    for cohort in started.cohorts.values_list("pk", flat=True):
        while runner.advance(cohort, now=at) is runner.Next.CONTINUE:
            pass
    ended = _send_all(started, at=at + timedelta(seconds=2))
    launch.finish_runs(now=ended)
    started.refresh_from_db()
    return started


def _send_all(of: Run, *, at: datetime) -> datetime:
    """Claim, permit and settle in groups, then the receipts; say when the last was settled."""
    place = 0
    while rows := _permitted(of, at):
        placed = list(enumerate(rows, place))
        delivery.settle([(row, ODD_ANSWERS.get(each, TAKEN)) for each, row in placed], now=at)
        delivery.put_back(delivery.leases(rows))
        for each, row in placed:
            _receive(row, each, at=at + timedelta(seconds=2))
        place, at = place + len(rows), at + timedelta(milliseconds=300)
    return at + timedelta(seconds=5)


def _permitted(of: Run, at: datetime) -> list[OutboxRow]:
    account = OutboxRow.objects.filter(run_id=of.pk, state=State.READY).first()
    if account is None:
        return []
    rows = delivery.claim(account.account, actions=[OutboxRow.Action.TEXT], limit=AT_ONCE, now=at)
    return delivery.permit(rows, now=at)


def _receive(row: OutboxRow, place: int, *, at: datetime) -> None:
    if place in ODD_ANSWERS:
        return
    for receipt in _receipts(place):
        receipts.apply(str(row.event_id), *receipt, now=at)


def _receipts(place: int) -> Iterator[tuple[str, str, str]]:
    if place % 37 != 5:
        yield BOUNCED if place % 41 == 7 else DELIVERED
