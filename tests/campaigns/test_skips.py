"""Whoever is passed over by delivery has the same line in the history as whom the step passed over."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaigns import audience, skips, verdicts
from campaigns.content import FilterSpec, ListSpec
from campaigns.models import Run
from people.models import Activity, Person
from tests.campaigns import make
from tests.campaigns.test_runner import run_all, start
from vibes import outbox, receipts
from vibes.gate import Reason
from vibes.models import OutboxRow, VibesList
from vibes.outbox import Moved

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


@pytest.fixture
def ana(offers: VibesList) -> Person:
    return make.subscriber(offers, first_name="Ana", city="Chicago")


@pytest.fixture
def run(offers: VibesList, ana: Person) -> Run:
    run = start(make.send(make.approved_message(), offers))
    run_all()
    return run


def skip(reason: str = Reason.OPTED_OUT, detail: str = "") -> None:
    """As delivery does it."""
    row = OutboxRow.objects.get()
    row.state, row.reason, row.detail = OutboxRow.State.SKIPPED, reason, detail
    row.save()
    outbox.tell([row], now=NOON)


def lines() -> list[Activity]:
    return list(Activity.objects.filter(kind=skips.SKIPPED.word))


def test_a_text_that_the_gate_stops_at_the_last_moment_is_told_in_the_history(
    run: Run, ana: Person
) -> None:
    skip(detail="by STOP")

    [line] = lines()
    assert (line.person_id, line.run_id, line.campaign_id) == (ana.pk, run.pk, run.campaign_id)
    assert line.details == {
        "step": "Send SMS Message",
        "reason": "opted-out",
        "why": verdicts.why("opted-out", "by STOP"),
    }


def test_the_filter_finds_whom_delivery_passed_over(run: Run, ana: Person) -> None:
    skip()
    was = FilterSpec("was_skipped", {"operator": "yes", "reason": "opted-out"})

    assert [*audience.people(ListSpec(filters=(was,)), now=NOON)] == [ana]


def test_a_receipt_that_says_no_member_is_told_too(run: Run, ana: Person) -> None:
    OutboxRow.objects.update(state=OutboxRow.State.ACCEPTED)
    text = str(OutboxRow.objects.get().event_id)

    for _heard_twice in range(2):
        receipts.apply(text, "routing", "failed", "person_not_subscribed", now=NOON)

    assert [(each.person_id, each.details["reason"]) for each in lines()] == [
        (ana.pk, "not-a-member-at-vibes")
    ]


def test_what_is_told_twice_is_written_once(run: Run) -> None:
    skip()
    skip()

    assert len(lines()) == 1


def test_a_step_that_is_gone_has_no_name_but_its_line(run: Run) -> None:
    moved = Moved(0, 0, 0, "text", "skipped", "opted-out", "")
    entry = run.entries.get()
    visit = run.verdicts.get()
    visit.step_id = 0
    visit.save()

    skips.follow_outbox([replace(moved, entry_id=entry.pk)], NOON)

    assert [each.details["step"] for each in lines()] == [""]


def test_others_cost_no_question(run: Run, django_assert_num_queries: object) -> None:
    sent = Moved(1, 1, 0, "text", "accepted", "", "")
    with django_assert_num_queries(0):  # type: ignore[operator]
        skips.follow_outbox([sent], NOON)
