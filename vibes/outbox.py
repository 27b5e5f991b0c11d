"""What we owe Vibes: rows written in the transaction of their reason. Sending is delivery's job."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string

from people import bulk
from people.models.setting import instance_id

from .models import (
    AcquisitionCampaign,
    Number,
    OutboxQuerySet,
    OutboxRange,
    OutboxRow,
    VibesList,
)
from .models.outbox_range import SIZE

Action = OutboxRow.Action
RANGES_AT_ONCE = 10


@dataclass(frozen=True)
class Visit:
    """The step visit that owes: plain ids, since vibes knows no campaigns."""

    campaign_id: int
    run_id: int
    step_id: int
    wave: int
    now: datetime


class Order(NamedTuple):
    """One call to be owed to one number, for one person's entry."""

    person_id: int
    entry_id: int
    mobile: str
    text: str = ""
    parts: int = 0


@dataclass(frozen=True)
class Queued:
    """The people whose row stands, and for the others the person who holds the number."""

    people: frozenset[int] = frozenset()
    holders: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Moved:
    """That a row came to another state: what the outbox tells its listeners."""

    entry_id: int
    step_id: int
    wave: int
    action: str
    state: str
    reason: str
    detail: str


def queue_texts(
    orders: Iterable[Order],
    *,
    vibes_list: VibesList,
    visit: Visit,
    message_name: str,
    message_id: int | None = None,
) -> Queued:
    """Owe a text to each order's number; the first order of a number wins (lowest person id)."""
    like = OutboxRow(action=Action.TEXT, vibes_list=vibes_list, message_name=message_name)
    like.message_id = message_id
    return _queue(orders, like, visit)


def queue_subscribes(
    orders: Iterable[Order],
    *,
    vibes_list: VibesList,
    campaign: AcquisitionCampaign,
    visit: Visit,
) -> Queued:
    """Owe the start of an opt-in to each order's number."""
    like = OutboxRow(action=Action.SUBSCRIBE, vibes_list=vibes_list, acquisition_campaign=campaign)
    return _queue(orders, like, visit)


def queue_unsubscribes(orders: Iterable[Order], *, vibes_list: VibesList, visit: Visit) -> Queued:
    """Owe the end of its subscription to each order's number."""
    return _queue(orders, OutboxRow(action=Action.UNSUBSCRIBE, vibes_list=vibes_list), visit)


def holders(mobiles: Iterable[str], visit: Visit) -> dict[str, int]:
    """Who holds which number in this step visit already, by number."""
    rows = OutboxRow.objects.filter(
        run_id=visit.run_id, step_id=visit.step_id, wave=visit.wave, mobile__in=set(mobiles)
    )
    return dict(rows.values_list("mobile", "person_id"))


def first_of_each_number(orders: Iterable[Order]) -> dict[str, Order]:
    """The winning order of each number: the lowest person id."""
    winners: dict[str, Order] = {}
    for order in sorted(orders, key=lambda each: each.person_id):
        winners.setdefault(order.mobile, order)
    return winners


def would_queue(orders: Iterable[Order]) -> Queued:
    """What queueing these orders would answer, nothing written: for the dry run."""
    orders = list(orders)
    winners = first_of_each_number(orders)
    return _queued(orders, {number: order.person_id for number, order in winners.items()})


def _queue(orders: Iterable[Order], like: OutboxRow, visit: Visit) -> Queued:
    orders = list(orders)
    winners = first_of_each_number(orders)
    if not winners:
        return Queued()
    # In the order in which everybody makes and locks them: two must not wait for each other.
    bulk.insert_rows(Number, {"mobile": sorted(winners)}, ignore_conflicts=True)
    new = _insert(list(winners.values()), like, visit)
    if new == len(orders):
        return Queued(frozenset(each.person_id for each in orders))
    return _queued(orders, holders(winners, visit))


def _insert(owed: list[Order], like: OutboxRow, visit: Visit) -> int:
    """A row for each of these orders, but where its number has one; how many are new."""
    ranges = _ranges(len(owed), like, visit)
    columns: bulk.Columns = dict(zip(Order._fields, zip(*owed, strict=True), strict=True))
    return bulk.insert_rows(
        OutboxRow,
        {
            **columns,
            "range": [ranges[place // SIZE].pk for place in range(len(owed))],
            "event_id": [event_id(visit, order.mobile) for order in owed],
        },
        same={
            "account": like.vibes_list.account_id,
            "action": like.action,
            "vibes_list": like.vibes_list_id,
            "acquisition_campaign": like.acquisition_campaign_id,
            "message_name": like.message_name,
            "message_id": like.message_id,
            "campaign_id": visit.campaign_id,
            "run_id": visit.run_id,
            "step_id": visit.step_id,
            "wave": visit.wave,
            "queued_at": visit.now,
        },
        ignore_conflicts=True,
    )


def _ranges(rows: int, like: OutboxRow, visit: Visit) -> list[OutboxRange]:
    """Room for so many rows. What a person set off goes before what was sent to many."""
    lane = OutboxRange.Lane.URGENT if visit.wave else OutboxRange.Lane.BATCH
    return OutboxRange.objects.bulk_create(
        OutboxRange(
            account_id=like.vibes_list.account_id,
            action=like.action,
            vibes_list=like.vibes_list,
            acquisition_campaign=like.acquisition_campaign,
            run_id=visit.run_id,
            lane=lane,
            size=min(SIZE, rows - start),
            queued_at=visit.now,
        )
        for start in range(0, rows, SIZE)
    )


def _queued(orders: Sequence[Order], held: Mapping[str, int]) -> Queued:
    holder = {each.person_id: held[each.mobile] for each in orders}
    return Queued(
        frozenset(person for person, who in holder.items() if who == person),
        {person: who for person, who in holder.items() if who != person},
    )


def event_id(visit: Visit, mobile: str, scope: str = "") -> uuid.UUID:
    """The id Vibes sees: drawn from the row's unique key, so that no attempt can invent another (P1)."""
    name = f"{visit.run_id}:{visit.step_id}:{visit.wave}:{mobile}:{scope}"
    return uuid.uuid5(_instance(), name)


def external_person_id(person_id: int) -> str:
    """The name by which Vibes may know one of our people: it holds the instance, no copy shares it."""
    return f"{_instance().hex[:8]}-{person_id}"


@cache
def _instance() -> uuid.UUID:
    return instance_id()


Listener = Callable[[Sequence[Moved], datetime], None]


@cache
def _listeners() -> list[Listener]:
    return [import_string(path) for path in settings.OUTBOX_LISTENERS]


def tell(rows: Iterable[OutboxRow], *, now: datetime) -> None:
    """Tell the listeners (settings.OUTBOX_LISTENERS) where rows stand now, in the same transaction."""
    moved = [
        Moved(row.entry_id, row.step_id, row.wave, row.action, row.state, row.reason, row.detail)
        for row in rows
    ]
    for listen in _listeners() if moved else []:
        listen(moved, now)


# --- A run's rows as a whole ----------------------------------------------------------------------
# In a transaction, after the run and its cohorts were locked: then no row can be queued meanwhile, and
# a permission that is being granted is waited for, since it holds the range.


def hold_run(run_id: int) -> None:
    """Let nothing of a run begin until it is released; what is on the wire stays there."""
    OutboxRange.objects.filter(pk__in=_locked(run_id)).update(held=True)


def release_run(run_id: int) -> None:
    """Let what a run owes go on."""
    OutboxRange.objects.filter(pk__in=_locked(run_id)).update(held=False)


def _locked(run_id: int) -> list[int]:
    """The open ranges of a run, locked in the order in which whoever sends locks them."""
    ranges = OutboxRange.objects.open().filter(run_id=run_id).order_by("pk")
    return list(ranges.select_for_update().values_list("pk", flat=True))


def cancel_run(
    run_id: int,
    *,
    reason: str,
    now: datetime,
    queued_before: datetime | None = None,
    ranges_at_most: int | None = None,
) -> int:
    """Cancel what a run owes and has not begun to send; say how many rows that were.

    Only what was queued before a moment, or some ranges of it, where that is asked for: those first that
    nobody holds. What is on the wire is marked, so that it is not tried again.
    """
    open_ = OutboxRange.objects.open().filter(run_id=run_id)
    if queued_before:
        owed = OutboxRow.objects.open().filter(range=OuterRef("pk"), stopped="")
        open_ = open_.filter(Exists(owed.filter(queued_at__lt=queued_before)))
    chosen = list(open_.order_by("-state", "pk").values_list("pk", flat=True)[:ranges_at_most])
    locked = open_.filter(pk__in=chosen).select_for_update().order_by("pk")
    ids = list(locked.values_list("pk", flat=True))
    cancelled = 0
    for start in range(0, len(ids), RANGES_AT_ONCE):
        rows = OutboxRow.objects.filter(range__in=ids[start : start + RANGES_AT_ONCE])
        if queued_before:
            rows = rows.filter(queued_at__lt=queued_before)
        sending = rows.filter(state=OutboxRow.State.SENDING).order_by("pk")
        flying = list(sending.select_for_update().values_list("pk", flat=True))
        OutboxRow.objects.filter(pk__in=flying).update(stopped=reason)
        cancelled += _cancel(rows, reason, now)
    if not queued_before:  # those that are claimed are done when whoever holds them says so
        ready = OutboxRange.objects.filter(pk__in=ids, state=OutboxRange.State.READY)
        ready.update(state=OutboxRange.State.DONE)
    return cancelled


def _cancel(rows: OutboxQuerySet, reason: str, now: datetime) -> int:
    waiting = list(rows.waiting().only("entry_id", "step_id", "wave", "action", "detail"))
    for row in waiting:
        row.state, row.reason = OutboxRow.State.CANCELLED, reason
    rows.filter(pk__in=[row.pk for row in waiting]).update(
        state=OutboxRow.State.CANCELLED, reason=reason, settled_at=now
    )
    tell(waiting, now=now)
    return len(waiting)
