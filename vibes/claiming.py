"""claim → gate again: who may send which row now, decided under locks, committed before it is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from people.crashpoint import crashpoint
from people.models import Person

from . import following, gate, ranges, settling
from .models import Account, AcquisitionCampaign, Number, OutboxRange, OutboxRow, VibesList
from .models.outbox_range import OutboxRangeQuerySet
from .ranges import LEASE

State = OutboxRow.State
Action = OutboxRow.Action
RANGES_AT_ONCE = 32  # small ones; one of full size is enough by itself
HOPELESS_AT_ONCE = 5


def claim(
    account: Account,
    *,
    actions: Sequence[str],
    limit: int,
    now: datetime,
    except_texts_to: Collection[int] = (),
    only_urgent: bool = False,
) -> list[OutboxRow]:
    """Take ranges with `limit` rows or more between them, and give their due rows; nobody else will
    until the lease runs out. Nothing has left yet.

    `except_texts_to` are lists whose texts wait. Each row carries the lease it is held by.
    """
    due = OutboxRange.objects.filter(account=account, action__in=actions).due(now)
    due = due.exclude(action=Action.TEXT, vibes_list__in=except_texts_to)
    if only_urgent:
        due = due.filter(lane=OutboxRange.Lane.URGENT)
    with transaction.atomic():
        found = {each.pk: each for each in _enough(due.order_by("lane", "id"), limit)}
        OutboxRange.objects.filter(pk__among=found).update(
            state=OutboxRange.State.CLAIMED, lease_no=F("lease_no") + 1, lease_until=now + LEASE
        )
        crashpoint("inside-claim")
        rows = _due_rows(found, now)
        ranges.open_up(found.keys() - {row.range_id for row in rows})
    return rows


def _enough(due: OutboxRangeQuerySet, limit: int) -> list[OutboxRange]:
    """The first that hold so many rows together, locked."""
    skip = connection.features.has_select_for_update_skip_locked
    due = due.select_related("vibes_list", "acquisition_campaign")
    due = due.select_for_update(skip_locked=skip, of=("self",))
    found = list(due[:1])
    missing = limit - sum(each.size for each in found)
    if not found or missing < 1:
        return found
    for each in due.exclude(pk=found[0].pk)[: min(missing, RANGES_AT_ONCE)]:
        found.append(each)
        missing -= each.size
        if missing < 1:
            break
    return found


def _due_rows(found: Mapping[int, OutboxRange], now: datetime) -> list[OutboxRow]:
    """In the order of the ranges, each with its range's list, and the lease it is held by."""
    rows = list(OutboxRow.objects.filter(range__among=found).due(now).order_by("pk"))
    for row in rows:
        within = found[row.range_id]
        row.vibes_list, row.acquisition_campaign = within.vibes_list, within.acquisition_campaign
        row.lease_no = within.lease_no + 1
    place = {pk: place for place, pk in enumerate(found)}
    return sorted(rows, key=lambda row: place[row.range_id])


def permit(rows: Sequence[OutboxRow], *, now: datetime) -> list[OutboxRow]:
    """Ask the gate a last time and commit `sending`; give the rows that may go on the wire now.

    The ranges are locked first, then people and numbers, then the gate is asked: whoever pauses or stops a run
    waits for this, and so does an opt-out, or has been here before.
    """
    if not rows:
        return []
    with transaction.atomic():
        ours = _still_ours(rows, now)
        ours = _lock_people(ours)
        house = gate.house()
        if house.paused:
            return []
        refused = _refused(ours, house)
        handed_on = _hand_on(ours, refused)  # their turn comes again, under the survivor's name
        ours = [row for row in ours if row.pk not in handed_on]
        _settle([row for row in ours if row.pk in refused], refused, now)
        permitted = _begin([row for row in ours if row.pk not in refused], now)
        crashpoint("inside-permit")
        return permitted


def _still_ours(rows: Sequence[OutboxRow], now: datetime) -> list[OutboxRow]:
    """Lock the ranges of these rows and give those that are still ours and have not been cancelled."""
    held = ranges.lock({(row.range_id, row.lease_no) for row in rows}, now=now)
    ours = {row.pk: row for row in rows if (row.range_id, row.lease_no) in held}
    waiting = dict(OutboxRow.objects.filter(pk__among=ours).waiting().values_list("pk", "person"))
    for pk, person_id in waiting.items():
        ours[pk].person_id = person_id  # may have changed since it was claimed: people are merged
    return [row for pk, row in ours.items() if pk in waiting]


def _lock_people(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Whoever ends a number's consent or bars a person waits for this, or has been here before. Rows of
    people who are being changed just now are left out: their turn comes again, and nobody waits.

    SQLite has locked all by BEGIN IMMEDIATE.
    """
    ids = {row.person_id for row in rows}
    people = Person.objects.filter(pk__among=ids)
    skip = connection.features.has_select_for_update_skip_locked
    locked = people.select_for_update(no_key=True, skip_locked=skip)
    missing = ids - set(locked.values_list("pk", flat=True))
    busy = set(people.filter(pk__among=missing).values_list("pk", flat=True)) if missing else set()
    free = [row for row in rows if row.person_id not in busy]
    # In order, so that two senders cannot wait for each other.
    numbers = Number.objects.filter(mobile__among={row.mobile for row in free}).order_by("mobile")
    list(numbers.select_for_update().values_list("pk"))
    return free


def _refused(rows: Sequence[OutboxRow], by: gate.House) -> dict[int, str]:
    """Why, by row, for those against which the gate has something."""
    alike = defaultdict(list)
    for row in rows:
        alike[row.action].append(row.pk)
    refused: dict[int, str] = {}
    for action, ids in alike.items():
        refused |= gate.against(ids, action=action, by=by)
    return refused


def _hand_on(rows: Sequence[OutboxRow], refused: Mapping[int, str]) -> set[int]:
    gone = [row for row in rows if refused.get(row.pk) == gate.Reason.PERSON_DELETED]
    return following.hand_on(gone) if gone else set()


def _settle(rows: list[OutboxRow], why: Mapping[int, str], now: datetime) -> None:
    """Skip them; where the whole step cannot work, it failed."""
    alike = defaultdict(list)
    for row in rows:
        alike[why[row.pk]].append(row)
    for reason, found in alike.items():
        state = State.REJECTED if reason in gate.OBSTACLES else State.SKIPPED
        settling.move(found, state, reason=reason, now=now)


def _begin(rows: list[OutboxRow], now: datetime) -> list[OutboxRow]:
    """Write `sending` for rows of ranges that are locked and ours; it holds once the transaction commits."""
    for lease in {row.lease_no for row in rows}:
        ids = [row.pk for row in rows if row.lease_no == lease]
        OutboxRow.objects.filter(pk__among=ids).update(
            state=State.SENDING, sending_at=now, lease_no=lease, attempts=F("attempts") + 1
        )
    for row in rows:
        row.state, row.attempts, row.sending_at = State.SENDING, row.attempts + 1, now
    return rows


def settle_hopeless(account: Account, *, now: datetime) -> int:
    """Settle some waiting rows whose list or acquisition campaign is closed, without a call; how many.

    The gate would refuse each anyway. This spares the rate, and a list of 100,000 an hour.
    """
    lists = VibesList.objects.filter(account=account, gone_at__isnull=False)
    campaigns = AcquisitionCampaign.objects.filter(account=account).exclude(status="active")
    closed = Q(vibes_list__in=list(lists)) | Q(acquisition_campaign__in=list(campaigns))
    due = OutboxRange.objects.filter(closed, account=account).due(now).order_by("id")
    with transaction.atomic():
        ids = [each.pk for each in due.select_for_update(of=("self",))[:HOPELESS_AT_ONCE]]
        rows = list(OutboxRow.objects.filter(range__among=ids).waiting().order_by("pk"))
        refused = _refused(rows, gate.house())
        _settle([row for row in rows if row.pk in refused], refused, now)
        ranges.open_up(ids)
    return len(refused)
