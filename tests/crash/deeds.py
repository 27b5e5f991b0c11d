"""The small world of a place, and what is done there that may be interrupted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

PEOPLE = 12  # ten numbers: one is shared, and one person has none
NUMBERS = 10
APART = timedelta(minutes=20)  # between the clocks of two places
SECONDS = 30.0


@dataclass(frozen=True)
class Place:
    """A place at which something befalls a deed; `number` keeps its world apart from the others'.

    `nth`: the how manieth time it comes there. `how`: KILL, TERM, STOP (frozen beyond lease and
    permit) or CUT (its connections to the database are ended).
    """

    point: Any
    number: int
    nth: int = 1
    how: str = "KILL"

    def clock(self, ahead: timedelta = timedelta()) -> Callable[[], datetime]:
        from django.utils import timezone

        return lambda: timezone.now() + APART * self.number + ahead

    @property
    def town(self) -> str:
        return f"Town {self.number}"

    def numbers(self) -> list[str]:
        return [f"+1312{2_000_000 + 100 * self.number + each:07d}" for each in range(NUMBERS)]


# --- A world for each place -----------------------------------------------------------------------


def set_up() -> None:
    """A migrated database, an account, a list with its sender."""
    from django.core.management import call_command
    from django.utils import timezone

    from tests.vibes import make
    from vibes import senders
    from vibes.client import Client

    call_command("migrate", verbosity=0)
    account = make.account(base_url=os.environ["SIMULATOR_URL"])
    with Client(account) as client:
        senders.ensure_sender(make.vibes_list(account), client, timezone.now())


def launch_run(place: Place) -> int:
    from tests.campaigns import make

    return make.run(_campaign(place)).pk


def wait_in_old_version(place: Place) -> int:
    """A run in which everybody waits for a week; the version that was published since has no wait."""
    from django.utils import timezone

    from campaigns import editor, launch, runner, versions
    from campaigns.models import Run
    from tests.campaigns import make

    campaign, clock = _campaign(place), place.clock()
    change = campaign.steps.all()[1]
    editor.delete_step(change, by=None, now=timezone.now())
    wait = make.step(campaign, make.wait(1, "weeks"))
    editor.move_step(wait, to=0, by=None, now=timezone.now())
    run = make.run(campaign)
    while launch.prepare(run.pk, clock=clock) != Run.State.RUNNING:
        pass
    for cohort in runner.due(now=clock()):
        runner.advance(cohort, now=clock())
    editor.delete_step(wait, by=None, now=timezone.now())
    versions.publish(campaign, by=None, now=timezone.now())
    return run.pk


def plan_run(place: Place) -> int:
    """A run planned ten minutes ago for a few minutes ago; the id of its slot."""
    from tests.campaigns import make

    return make.slot(_campaign(place), place.clock(timedelta(minutes=-5))()).pk


def _campaign(place: Place) -> Any:
    from tests.campaigns import make
    from vibes.models import VibesList

    offers = VibesList.objects.get()
    populate(place)
    return make.campaign(
        f"Campaign {place.number}",
        filters=[make.in_city(place.town)],
        steps=[
            make.send(make.approved_message(name=f"Text {place.number}"), offers),
            make.change("score", "1"),
        ],
    )


def populate(place: Place) -> None:
    """Its people, and its numbers as members of the list, at Vibes and with us."""
    from config.demo_world.in_step import Controls
    from people.models import Person
    from tests.people.make import NOON
    from vibes.models import Subscription, VibesList

    offers = VibesList.objects.get()
    numbers = place.numbers()
    Person.objects.bulk_create(
        Person(
            first_name=f"Person {each}",
            city=place.town,
            mobile=number,
            mobile_typed=number,
            mobile_region="US" if number else "",
            created_at=NOON,
            updated_at=NOON,
        )
        for each, number in enumerate([*numbers, numbers[0], ""])
    )
    members = [{"mdn": each, "list_id": offers.vibes_id, "state": "subscribed"} for each in numbers]
    Controls(os.environ["SIMULATOR_URL"]).put("world", {"memberships": members})
    Subscription.objects.bulk_create(
        Subscription(
            mobile=each, vibes_list=offers, state="subscribed", source="test", changed_at=NOON
        )
        for each in numbers
    )


# --- What workers do ------------------------------------------------------------------------------


def work(run_id: int, clock: Callable[[], datetime]) -> None:
    """All that workers do for a run, one thing after the other, until it is over."""
    from campaigns import effects, launch, listener, runner
    from campaigns.models import Run
    from vibes import delivery

    def is_over() -> bool:
        """Whom it requested elsewhere is through there, too."""
        return not (Run.objects.get(pk=run_id).is_open or runner.due(now=clock()))

    ends = monotonic() + SECONDS
    while not is_over() and monotonic() < ends:
        delivery.sweep(now=clock())
        for each in launch.to_prepare(now=clock()):
            launch.prepare(each, clock=clock)
        for cohort in runner.due(now=clock()):
            runner.advance(cohort, now=clock())
        for account in delivery.accounts_with_work(now=clock()):
            delivery.deliver(account, clock=clock, budget=3)
        for campaign in listener.due(now=clock()):
            listener.listen(campaign, clock=clock)
        effects.deliver(clock=clock)
        launch.finish_runs(now=clock())


def start_slots(clock: Callable[[], datetime]) -> None:
    from campaigns import schedule

    for slot_id in schedule.due(now=clock()):
        schedule.start(slot_id, now=clock())


def stop(run_id: int, clock: Callable[[], datetime]) -> None:
    from campaigns import control

    control.stop(run_id, by=None, now=clock())


def pause_and_resume(run_id: int, clock: Callable[[], datetime]) -> None:
    from campaigns import control

    control.pause(run_id, by=None, now=clock())
    control.resume(run_id, cancel_late=False, by=None, now=clock())


def move(run_id: int, clock: Callable[[], datetime]) -> None:
    from campaigns import moving
    from campaigns.models import Run

    version = Run.objects.get(pk=run_id).version
    plan = moving.plan(version, by=None)
    if plan.people:
        moving.move(version, seen=plan.seen, by=None, now=clock())


def hear_stop(place: Place, clock: Callable[[], datetime]) -> None:
    """Vibes tells that somebody left; it tells again until it was answered."""
    from vibes import callbacks, intake
    from vibes.models import Account, VibesList

    offers, at = VibesList.objects.get(), f"{clock():%Y-%m-%dT%H:%M:%SZ}"
    person = {"mobile_phone": {"mdn": place.numbers()[0]}}
    body = {
        "event_id": f"stop of {place.town}",
        "callback_type": "subscription_removed",
        "event_date": at,
        "subscription": {
            "subscription_list": {"id": offers.vibes_id},
            "opt_out_reason": "keyword_opt_out",
            "opt_out_date": at,
            "person": person,
        },
    }
    intake.store(Account.objects.get().pk, json.dumps(body).encode(), clock())
    for callback_id in callbacks.noes().values_list("pk", flat=True):
        callbacks.apply(callback_id, clock())


def take_file(place: Place, clock: Callable[[], datetime]) -> None:
    """Import a file of ten people, begun once and gone on with until it is done."""
    from io import BytesIO

    from people import checking, importing, receiving
    from people.models import ImportJob

    name = f"{place.number}.csv"
    job = ImportJob.objects.filter(file_name=name).first()
    if job is None:
        rows = "".join(f"p{each}.{place.number}@example.com\n" for each in range(NUMBERS))
        file = BytesIO(f"Email Address\n{rows}".encode())
        job = receiving.upload(name, file, user=None, now=clock())
        checking.begin(job)
        checking.look_through(job.pk, now=clock())
        importing.start(job, now=clock())
    while importing.take_slices(job.pk, now=clock()):
        pass


def cut_connections() -> None:
    """End every other connection to this database, as a restart of it would."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
