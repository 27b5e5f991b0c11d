"""The parts of the record bench: texts settled two ways, and ranges claimed among few and among many."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import transaction

from campaigns.models import Verdict
from people.models import Activity
from tests.bench import advance_world as world
from tests.bench.cost import Cost, measured
from tests.campaigns import make
from tests.people.make import person
from vibes import claiming, outbox, receipts, settling
from vibes.models import Account, OutboxRange, OutboxRow, VibesList
from vibes.outbox import Order, Visit
from vibes.sending import Answer

State = OutboxRow.State
Figures = dict[str, float]
BATCH = 500
CLAIMS, LIMIT = 100, 200
SLICE = 2_000


def record(texts: int) -> Figures:
    """Both ways take turns, six times each, so that whoever else is busy disturbs both alike."""
    run = world.world(-(-2 * texts * 10 // 9) + 10, prefix=200)
    world.run_through(run)
    OutboxRow.objects.filter(run_id=run.pk).update(
        state=State.SENDING, sending_at=world.NOW, lease_no=1
    )
    world.look_over()
    rows = OutboxRow.objects.filter(run_id=run.pk).select_related("vibes_list").order_by("pk")
    batches = _batches(list(rows[: 2 * texts]))
    ours, usual = Cost(), Cost()
    for _ in range(6):
        for way, cost in ((_ours, ours), (_usual, usual)):
            _add(cost, way, [next(batches) for _ in range(texts // BATCH // 6)])
    return _compared(ours, usual, texts // BATCH // 6 * 6 * BATCH)


def _batches(rows: list[OutboxRow]) -> Iterator[list[OutboxRow]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _add(
    cost: Cost, way: Callable[[list[OutboxRow]], None], batches: list[list[OutboxRow]]
) -> None:
    with measured() as one:
        for rows in batches:
            way(rows)
    cost.clock, cost.ours = cost.clock + one.clock, cost.ours + one.ours
    cost.database += one.database


def _ours(rows: list[OutboxRow]) -> None:
    settling.settle([(row, Answer(State.ACCEPTED)) for row in rows], now=world.NOW)


def _usual(rows: list[OutboxRow]) -> None:
    """The same rows and columns as most would write them in bulk."""
    with transaction.atomic():
        for row in rows:
            row.state, row.reason, row.detail, row.settled_at = State.ACCEPTED, "", "", world.NOW
        OutboxRow.objects.bulk_update(rows, ["state", "reason", "detail", "settled_at"])
        verdicts = list(Verdict.objects.filter(entry__in=[row.entry_id for row in rows]))
        for verdict in verdicts:
            verdict.state, verdict.reason, verdict.detail = Verdict.State.SENT, "", ""
            verdict.at = world.NOW
        Verdict.objects.bulk_update(verdicts, ["state", "reason", "detail", "at"])
        Activity.objects.bulk_create(_line(row) for row in rows)


def _line(row: OutboxRow) -> Activity:
    details = {
        "message": row.message_name,
        "vibes_list": row.vibes_list.name,
        "text": row.text,
        "parts": row.parts,
        "outbox_id": row.pk,
    }
    return Activity(
        person_id=row.person_id,
        kind=receipts.SENT.word,
        happened_at=world.NOW,
        campaign_id=row.campaign_id,
        run_id=row.run_id,
        step_id=row.step_id,
        details=details,
    )


def _compared(ours: Cost, usual: Cost, rows: int) -> Figures:
    def each(cost: Cost) -> float:
        return round(cost.processor * 1e6 / rows, 1)

    return {
        "rows_each_way": rows,
        "ours_us": each(ours),
        "ours_database_us": round(ours.database * 1e6 / rows, 1),
        "ours_a_second": round(rows / ours.clock),
        "usual_us": each(usual),
        "usual_a_second": round(rows / usual.clock),
        "ours_to_usual_by_clock": round(usual.clock / ours.clock, 1),
        "ours_to_usual": round(usual.processor / ours.processor, 1),
    }


# --- Claims ---------------------------------------------------------------------------------------


def claims(waiting: int) -> Figures:
    """Claim the same number among a tenth of the texts and among all of them."""
    to = make.vibes_list("Claimed")
    OutboxRange.objects.update(state=OutboxRange.State.DONE)  # what the other part left
    few, times = waiting // 10, min(CLAIMS, waiting // 10 // LIMIT // 2)
    _owe(range(few), to)
    at_few = _claim(to.account, times)
    _owe(range(few, waiting), to)
    at_many = _claim(to.account, times)
    rows = times * LIMIT
    return {
        "claimed": rows,
        "few_us": round(at_few.processor * 1e6 / rows, 2),
        "many_us": round(at_many.processor * 1e6 / rows, 2),
        "few_a_second": round(rows / at_few.clock),
        "many_a_second": round(rows / at_many.clock),
        "many_to_few_by_clock": round(at_few.clock / at_many.clock, 2),
        "many_to_few": round(at_few.processor / at_many.processor, 2),
    }


def _owe(numbers: range, to: VibesList) -> None:
    """Owe a text to each of these numbers, all of them one person's."""
    somebody = person().pk
    for start in range(numbers.start, numbers.stop, SLICE):
        part = range(start, min(numbers.stop, start + SLICE))
        orders = [Order(somebody, each, f"+1400{each:07d}", "Hi", 1) for each in part]
        visit = Visit(campaign_id=1, run_id=1, step_id=1, wave=0, now=world.NOW)
        with transaction.atomic():
            outbox.queue_texts(orders, vibes_list=to, visit=visit, message_name="Offer")
    world.look_over()


def _claim(account: Account, times: int) -> Cost:
    taken = 0
    actions = [OutboxRow.Action.TEXT]
    claiming.claim(account, actions=actions, limit=LIMIT, now=world.NOW)  # what is asked once
    with measured() as cost:
        for _ in range(times):
            taken += len(claiming.claim(account, actions=actions, limit=LIMIT, now=world.NOW))
    assert taken == times * LIMIT, taken
    return cost
