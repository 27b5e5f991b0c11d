"""Holding ranges of the outbox: leases that others respect, and what becomes of a range put back.

A lease is (range id, lease number). Whoever lost it, because it ran out or the run was over, gets
nothing by it any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q

from .models import OutboxRange, OutboxRangeQuerySet, OutboxRow

State = OutboxRange.State
Lease = tuple[int, int]  # the range, the number of the lease
# Longer than permit 5 + connect 5 + read 20, with a margin, whenever it was renewed.
LEASE = timedelta(seconds=settings.SEND_LEASE_SECONDS)


def leases(rows: Iterable[OutboxRow]) -> dict[int, int]:
    """The leases by which rows are held, as `claim` left them."""
    return {row.range_id: row.lease_no for row in rows}


def lock(held: Collection[Lease], *, now: datetime) -> set[Lease]:
    """Lock those ranges that are still ours and not paused, in their order, with the lease renewed; the
    leases that hold.

    Of two leases of one range the older is lost, also where both were ours: whoever was frozen, lost a
    range and claimed it again has its rows in hand twice. Call it in a transaction: until it ends nobody
    pauses, cancels or takes them.
    """
    ids = {pk for pk, _ in held}
    claimed = OutboxRange.objects.filter(pk__among=ids, state=State.CLAIMED).order_by("pk")
    found = list(claimed.select_for_update().values_list("pk", "lease_no", "held", "lease_until"))
    ours = {(pk, lease) for pk, lease, paused, _ in found if not paused} & {*held}
    soon, kept = now + LEASE * 2 / 3, {pk for pk, _ in ours}
    old = [pk for pk, *_, until in found if pk in kept and (until is None or until < soon)]
    if old:
        OutboxRange.objects.filter(pk__among=old).update(lease_until=now + LEASE)
    return ours


def renew(held: Mapping[int, int], *, now: datetime) -> None:
    """Keep ranges from which nothing is taken just now. One that is lost stays lost."""
    for pk, lease in held.items():
        _as_it_is(pk, lease).update(lease_until=now + LEASE)


def put_back(held: Mapping[int, int]) -> None:
    """Let others have them, or nobody when all their rows are over.

    A range of which a row is on the wire, with nobody to wait for its answer, is kept: when the lease
    runs out that row is called unknown.
    """
    with transaction.atomic():
        claimed = OutboxRange.objects.filter(pk__among=held, state=State.CLAIMED).order_by("pk")
        found = claimed.select_for_update().values_list("pk", "lease_no")
        ours = {pk for pk, lease in found if lease == held[pk]}
        sending = OutboxRow.objects.filter(range__among=ours, state=OutboxRow.State.SENDING)
        open_up(ours - set(sending.values_list("range", flat=True)))


def open_up(ids: Collection[int]) -> None:
    """Bring locked ranges to where their rows are: ready when the first of them is due, or done."""
    if not ids:
        return
    waiting = OutboxRow.objects.filter(range__among=ids).waiting().order_by().values("range")
    at_once = Count("pk", filter=Q(not_before=None))
    times = {
        each["range"]: None if each["at_once"] else each["first"]
        for each in waiting.annotate(first=Min("not_before"), at_once=at_once)
    }
    done = [pk for pk in ids if pk not in times]
    if done:
        OutboxRange.objects.filter(pk__among=done).update(state=State.DONE, lease_until=None)
    for pk, not_before in times.items():
        OutboxRange.objects.filter(pk=pk).update(
            state=State.READY, not_before=not_before, lease_until=None
        )


def _as_it_is(pk: int, lease: int) -> OutboxRangeQuerySet:
    return OutboxRange.objects.filter(pk=pk, lease_no=lease, state=State.CLAIMED)
