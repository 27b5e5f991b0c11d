"""What the advance bench measures: a campaign over many people, and one walk through it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from campaigns import enrolling, runner, versions
from campaigns.audience import people as audience
from campaigns.content import BranchSpec, FilterSpec, FlowSpec, ListSpec, StepSpec, to_json
from campaigns.models import Campaign, FlowVersion, Run
from people import bulk
from people.models import Person
from tests.campaigns import make
from vibes.models import OutboxRow, Subscription, VibesList

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
AFTER_THE_WAIT = NOW + timedelta(days=2)
SLICE = 5_000
Flow = Callable[[int, VibesList], tuple[StepSpec, ...]]


@dataclass(frozen=True)
class Seconds:
    enrol: float
    advance: float


def sending(message_id: int, vibes_list: VibesList) -> tuple[StepSpec, ...]:
    """Send SMS Message."""
    config = {"message": message_id, "vibes_list": vibes_list.pk}
    return (StepSpec(1, "send_sms", (BranchSpec(config),)),)


def changing_sending_waiting(message_id: int, vibes_list: VibesList) -> tuple[StepSpec, ...]:
    """Change Data Value → Send SMS Message → Wait."""
    change, wait = {"field": "source", "value": "Spring"}, {"amount": 1, "unit": "days"}
    return (
        StepSpec(2, "change_data_value", (BranchSpec(change),)),
        *sending(message_id, vibes_list),
        StepSpec(3, "wait", (BranchSpec(wait),)),
    )


def world(people: int, *, prefix: int, flow: Flow = sending) -> Run:
    """A run over this many people, every tenth without a number, all others members. Not enrolled yet."""
    town = f"Town {prefix}"
    message = make.approved_message(
        "Hi {{person.First Name:default=friend}}, 20% off", f"Text {prefix}"
    )
    assert message.approved_id is not None
    vibes_list = make.vibes_list(f"List {prefix}")
    for start in range(0, people, SLICE):
        _people(range(start, min(people, start + SLICE)), town, prefix, vibes_list)
    look_over()
    steps = flow(message.approved_id, vibes_list)
    return _run(make.campaign(f"Bench {prefix}"), town, steps)


def _people(numbers: range, town: str, prefix: int, vibes_list: VibesList) -> None:
    mobiles = ["" if each % 10 == 0 else f"+1{prefix}{each:07d}" for each in numbers]
    columns: bulk.Columns = {
        "first_name": [f"Person {each}" for each in numbers],
        "mobile": mobiles,
        "mobile_typed": mobiles,
        "mobile_region": ["US" if each else "" for each in mobiles],
    }
    bulk.insert_rows(Person, columns, same={"city": town, "created_at": NOW, "updated_at": NOW})
    member = {"vibes_list": vibes_list.pk, "state": Subscription.State.SUBSCRIBED}
    bulk.insert_rows(
        Subscription,
        {"mobile": [each for each in mobiles if each]},
        same=member | {"source": "bench", "changed_at": NOW},
    )


def look_over() -> None:
    """What a database does by itself when it has time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _run(campaign: Campaign, town: str, steps: tuple[StepSpec, ...]) -> Run:
    filters = (FilterSpec("city", {"operator": "is", "value": [town]}),)
    version = FlowVersion.objects.create(
        campaign=campaign,
        number=1,
        content=to_json(FlowSpec(ListSpec(filters=filters), steps)),
        published_at=NOW,
    )
    return Run.objects.create(
        campaign=campaign,
        version=version,
        state=Run.State.RUNNING,
        token=f"bench-{campaign.pk}",
        started_at=NOW,
    )


def run_through(run: Run) -> tuple[Seconds, int]:
    """Enrol everybody and advance every cohort, one after the other; the texts it queued."""
    began = time.perf_counter()
    enrol(run)
    enrolled = time.perf_counter()
    advance(NOW)
    ended = time.perf_counter()
    texts = OutboxRow.objects.filter(run_id=run.pk).count()
    return Seconds(enrolled - began, ended - enrolled), texts


def enrol(run: Run) -> None:
    flow = versions.flow_of(run.version)
    with transaction.atomic():
        enrolling.enrol(run, audience(flow.smart_list, now=NOW), now=NOW)


def advance(now: datetime, *, cohorts: int | None = None) -> None:
    """Advance whatever is due, until nothing is; or only so many cohorts, as far as they go."""
    while due := runner.due(now=now)[:cohorts]:
        for cohort in due:
            while runner.advance(cohort, now=now) is runner.Next.CONTINUE:
                pass
        if cohorts is not None:
            return
