"""claim → gate again: who may send which row now, decided under locks, committed before it is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from people.crashpoint import crashpoint

from . import gate, settling
from .models import Account, AcquisitionCampaign, Number, OutboxRow, VibesList

State = OutboxRow.State
Action = OutboxRow.Action
LEASE = timedelta(seconds=60)  # > permit 5 + connect 5 + read 20 + margin
HOPELESS_AT_ONCE = 1_000


def claim(
    account: Account,
    *,
    actions: Sequence[str],
    limit: int,
    now: datetime,
    except_texts_to: Collection[int] = (),
) -> list[OutboxRow]:
    """Take up to `limit` due rows: nobody else will until the lease runs out. Nothing has left yet.

    `except_texts_to` are lists whose texts wait.
    """
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        due = OutboxRow.objects.filter(account=account, action__in=actions).due(now).order_by("id")
        due = due.exclude(action=Action.TEXT, vibes_list__in=except_texts_to)
        with_names = due.select_related("vibes_list", "acquisition_campaign")
        rows = list(with_names.select_for_update(skip_locked=skip, of=("self",))[:limit])
        OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.CLAIMED, lease_no=F("lease_no") + 1, lease_until=now + LEASE
        )
        crashpoint("inside-claim")
    for row in rows:
        row.state, row.lease_no = State.CLAIMED, row.lease_no + 1
    return rows


def permit(rows: Sequence[OutboxRow], *, now: datetime) -> list[OutboxRow]:
    """Ask the gate a last time and commit `sending`; give the rows that may go on the wire now."""
    if not rows:
        return []
    with transaction.atomic():
        _lock_numbers(row.mobile for row in rows)
        ours = _still_claimed(rows)
        refused = _refused(ours)
        _settle([row for row in ours if row.pk in refused], refused, now)
        permitted = _begin([row for row in ours if row.pk not in refused], now)
        crashpoint("inside-permit")
        return permitted


def _still_claimed(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Lock these rows and give those that are still ours: not stopped, not swept, not claimed again."""
    leases = {row.pk: row.lease_no for row in rows}
    claimed = OutboxRow.objects.filter(pk__in=leases, state=State.CLAIMED).order_by("pk")
    held = dict(claimed.select_for_update().values_list("pk", "lease_no"))
    return [row for row in rows if held.get(row.pk) == row.lease_no]


def _lock_numbers(mobiles: Iterable[str]) -> None:
    # In order, so that two senders cannot wait for each other. SQLite has locked all by BEGIN IMMEDIATE.
    rows = Number.objects.filter(mobile__in=set(mobiles)).order_by("mobile")
    list(rows.select_for_update().values_list("pk"))


def _refused(rows: Sequence[OutboxRow]) -> dict[int, str]:
    """Why, by row, for those against which the gate has something."""
    alike = defaultdict(list)
    for row in rows:
        alike[row.action].append(row.pk)
    refused: dict[int, str] = {}
    for action, ids in alike.items():
        refused |= gate.against(ids, action=action)
    return refused


def _settle(rows: list[OutboxRow], why: Mapping[int, str], now: datetime) -> None:
    """Skip them; where the whole step cannot work, it failed."""
    alike = defaultdict(list)
    for row in rows:
        alike[why[row.pk]].append(row)
    for reason, found in alike.items():
        state = State.REJECTED if reason in gate.OBSTACLES else State.SKIPPED
        settling.move(found, state, reason=reason, now=now)


def _begin(rows: list[OutboxRow], now: datetime) -> list[OutboxRow]:
    """Write `sending` for rows that are locked and ours; it holds once the transaction commits."""
    OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.SENDING, sending_at=now, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    for row in rows:
        row.state, row.attempts, row.sending_at = State.SENDING, row.attempts + 1, now
    return rows


def settle_hopeless(account: Account, *, now: datetime) -> int:
    """Settle some due rows whose list or acquisition campaign is closed, without a call; how many.

    The gate would refuse each anyway. This spares the rate, and a list of 100,000 an hour.
    """
    lists = VibesList.objects.filter(account=account, gone_at__isnull=False)
    campaigns = AcquisitionCampaign.objects.filter(account=account).exclude(status="active")
    closed = Q(vibes_list__in=list(lists)) | Q(acquisition_campaign__in=list(campaigns))
    with transaction.atomic():
        due = OutboxRow.objects.filter(closed, account=account).due(now).order_by("id")
        rows = list(due.select_for_update(of=("self",))[:HOPELESS_AT_ONCE])
        refused = _refused(rows)
        _settle([row for row in rows if row.pk in refused], refused, now)
    return len(refused)
