"""What we owe Vibes: rows written in the transaction of their reason. Sending is delivery's job."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from people.models.setting import instance_id

from .models import AcquisitionCampaign, Number, OutboxRow, VibesList

Action = OutboxRow.Action


@dataclass(frozen=True)
class Visit:
    """The step visit that owes: plain ids, since vibes knows no campaigns."""

    campaign_id: int
    run_id: int
    step_id: int
    wave: int
    now: datetime


@dataclass(frozen=True)
class Order:
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
    orders: Iterable[Order], *, vibes_list: VibesList, visit: Visit, message_name: str
) -> Queued:
    """Owe a text to each order's number; the first order of a number wins (lowest person id)."""
    return _queue(
        orders,
        OutboxRow(action=Action.TEXT, vibes_list=vibes_list, message_name=message_name),
        visit,
    )


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
    # In the order in which everybody makes and locks them: two must not wait for each other.
    missing = [Number(mobile=each) for each in sorted(winners)]
    Number.objects.bulk_create(missing, ignore_conflicts=True)
    OutboxRow.objects.bulk_create(
        [_row(order, like, visit) for order in winners.values()], ignore_conflicts=True
    )
    return _queued(orders, holders(winners, visit))


def _queued(orders: Sequence[Order], held: Mapping[str, int]) -> Queued:
    holder = {each.person_id: held[each.mobile] for each in orders}
    return Queued(
        frozenset(person for person, who in holder.items() if who == person),
        {person: who for person, who in holder.items() if who != person},
    )


def _row(order: Order, like: OutboxRow, visit: Visit) -> OutboxRow:
    return OutboxRow(
        account_id=like.vibes_list.account_id,
        action=like.action,
        vibes_list=like.vibes_list,
        acquisition_campaign=like.acquisition_campaign,
        message_name=like.message_name,
        person_id=order.person_id,
        entry_id=order.entry_id,
        mobile=order.mobile,
        text=order.text,
        parts=order.parts,
        campaign_id=visit.campaign_id,
        run_id=visit.run_id,
        step_id=visit.step_id,
        wave=visit.wave,
        event_id=event_id(visit, order.mobile),
        queued_at=visit.now,
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


def cancel_run(run_id: int, *, reason: str, now: datetime) -> int:
    """Cancel what a run owes and has not begun to send; say how many rows that were.

    What is on the wire is marked, so that it is not tried again. Call it in a transaction.
    """
    # All of them, in the order in which whoever settles them locks them too.
    owed = OutboxRow.objects.open().filter(run_id=run_id).order_by("pk")
    rows = list(owed.select_for_update())
    flying = [row.pk for row in rows if row.state == OutboxRow.State.SENDING]
    OutboxRow.objects.filter(pk__in=flying).update(stopped=reason)
    waiting = [row for row in rows if row.state != OutboxRow.State.SENDING]
    for row in waiting:
        row.state, row.reason, row.settled_at = OutboxRow.State.CANCELLED, reason, now
    OutboxRow.objects.filter(pk__in=[row.pk for row in waiting]).update(
        state=OutboxRow.State.CANCELLED, reason=reason, settled_at=now
    )
    tell(waiting, now=now)
    return len(waiting)
