"""What the advance bench measures: a campaign over many people, and one walk through it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.db import transaction

from campaigns import enrolling, runner, versions
from campaigns.audience import people as audience
from campaigns.content import BranchSpec, FilterSpec, FlowSpec, ListSpec, StepSpec, to_json
from campaigns.models import Campaign, FlowVersion, Run
from people.models import Person
from tests.campaigns import make
from vibes.models import OutboxRow, Subscription, VibesList

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
SLICE = 5_000


@dataclass(frozen=True)
class Seconds:
    enrol: float
    advance: float


def world(people: int, *, prefix: int) -> Run:
    """A run over this many people, every tenth without a number, all others members. Not enrolled yet."""
    town = f"Town {prefix}"
    message = make.approved_message(
        "Hi {{person.First Name:default=friend}}, 20% off", f"Text {prefix}"
    )
    vibes_list = make.vibes_list(f"List {prefix}")
    rows = _people(people, town, prefix)
    while chunk := list(islice(rows, SLICE)):
        Person.objects.bulk_create(chunk)
        _join(chunk, vibes_list)
    return _run(make.campaign(f"Bench {prefix}"), town, message.approved_id, vibes_list)


def _people(count: int, town: str, prefix: int) -> Iterator[Person]:
    for number in range(count):
        mobile = "" if number % 10 == 0 else f"+1{prefix}{number:07d}"
        yield Person(
            first_name=f"Person {number}",
            mobile=mobile,
            mobile_typed=mobile,
            mobile_region="US" if mobile else "",
            city=town,
            created_at=NOW,
            updated_at=NOW,
        )


def _join(people: list[Person], vibes_list: VibesList) -> None:
    Subscription.objects.bulk_create(
        Subscription(
            mobile=person.mobile,
            vibes_list=vibes_list,
            state=Subscription.State.SUBSCRIBED,
            source="bench",
            changed_at=NOW,
        )
        for person in people
        if person.mobile
    )


def _run(campaign: Campaign, town: str, message_id: int | None, vibes_list: VibesList) -> Run:
    flow = FlowSpec(
        ListSpec(filters=(FilterSpec("city", {"operator": "is", "value": [town]}),)),
        (
            StepSpec(
                1, "send_sms", (BranchSpec({"message": message_id, "vibes_list": vibes_list.pk}),)
            ),
        ),
    )
    version = FlowVersion.objects.create(
        campaign=campaign, number=1, content=to_json(flow), published_at=NOW
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
    flow = versions.flow_of(run.version)
    began = time.perf_counter()
    with transaction.atomic():
        enrolling.enrol(run, audience(flow.smart_list, now=NOW), now=NOW)
    enrolled = time.perf_counter()
    while cohorts := runner.due(now=NOW):
        for cohort in cohorts:
            runner.advance(cohort, now=NOW)
    ended = time.perf_counter()
    texts = OutboxRow.objects.filter(run_id=run.pk).count()
    return Seconds(enrolled - began, ended - enrolled), texts
