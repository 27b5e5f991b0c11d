"""The database counts along: at every moment the tallies say what counting the rows would."""

import random
from collections import Counter

import pytest
from django.db.models import Count, Sum

from campaigns import control, results
from campaigns.models import Run
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes import receipts
from vibes.models import OutboxRow, OutboxTally

pytestmark = pytest.mark.django_db
FINAL = ["accepted", "rejected", "unknown", "skipped", "deferred"]


@pytest.fixture
def run() -> Run:
    offers = make.vibes_list()
    make.subscribers(offers, 6, city="Chicago")
    text = make.approved_message()
    steps = [make.send(text, offers), make.change(), make.wait()]
    return runs.running(make.campaign(filters=[make.in_city()], steps=steps))


def rows(run: Run) -> Counter[tuple[int, str, str]]:
    grouped = (
        OutboxRow.objects.filter(run_id=run.pk).order_by().values_list("step_id", "action", "state")
    )
    return Counter(
        {tuple(key): (n, parts) for *key, n, parts in grouped.annotate(Count("pk"), Sum("parts"))}
    )


def tallied(run: Run) -> Counter[tuple[int, str, str]]:
    grouped = OutboxTally.objects.filter(run_id=run.pk).values_list("step_id", "action", "state")
    summed = grouped.annotate(n=Sum("debts"), all=Sum("parts"))
    return Counter({tuple(key): (n, parts) for *key, n, parts in summed if n})


def test_agree_with_the_rows_after_a_run_was_walked_through(run: Run) -> None:
    assert results.counts(run) == results.recount(run)
    assert tallied(run) == rows(run)
    assert sum(results.counts(run).values()) == 18


@pytest.mark.parametrize("seed", range(8))
def test_agree_whatever_moves(run: Run, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(4):
        runs.settle(run, dice.choice(FINAL), number=dice.randint(1, 2))
        OutboxRow.objects.filter(state="deferred").update(state=dice.choice(["ready", "deferred"]))
    if dice.random() < 0.5:
        control.stop(run.pk, by=None, now=runs.NOON)

    assert (results.counts(run), tallied(run)) == (results.recount(run), rows(run))


def test_a_receipt_moves_them_too(run: Run) -> None:
    runs.settle(run, "accepted", number=1)
    row = OutboxRow.objects.get(state="accepted")

    receipts.apply(str(row.event_id), "handset_dlr", "success", "", now=runs.NOON)

    assert (row.step_id, "text", "delivered") in tallied(run)
    assert tallied(run) == rows(run)
