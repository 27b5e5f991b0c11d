"""What a crash test asks of a site's database. Run as `python -m tests.crash.world` within it (asking.Asker).

Each line that comes in is a question with its arguments, as JSON; its answer is a line too.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.crash.asking import ANSWER

TEXTABLE_OF_TEN = 8  # of ten people: one shares a number, one has none


def build(people: str) -> dict[str, int]:
    """A migrated database, a connected account, so many people, and a run of all of them, launched."""
    found()
    expected = populate(int(people))
    return {"run": _launch(), "expected": expected}


def found() -> None:
    """A migrated database and a connected account."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _connect()


def launch(people: str) -> int:
    """So many people more, and a run of all of them."""
    populate(int(people))
    return _launch()


def again() -> int:
    """Another run of the campaign there is."""
    from campaigns.models import Campaign
    from tests.campaigns import make

    return make.run(Campaign.objects.get()).pk


def wire() -> int:
    """How many texts are held to be on the wire."""
    from vibes.models import OutboxRow

    return OutboxRow.objects.filter(state="sending").count()


def door() -> str:
    """Where Vibes calls back."""
    from vibes.models import Account

    return f"/vibes/callbacks/{Account.objects.get().callback_token}/"


def _connect() -> None:
    from django.utils import timezone

    from tests.vibes import make
    from vibes import connection

    account = make.account(base_url=os.environ["SIMULATOR_URL"])
    connection.sync(account, now=timezone.now())


def populate(count: int) -> int:
    """People of whom eight in ten can be texted; says how many numbers that makes."""
    from people.models import Person
    from tests.people.make import NOON

    people = []
    for place in range(count):
        number = "" if place % 10 == 9 else f"+1312{2_000_000 + place - (place % 10 == 8):07d}"
        people.append(
            Person(
                first_name=f"Person {place}",
                city="Chicago",
                mobile=number,
                mobile_typed=number,
                mobile_region="US" if number else "",
                created_at=NOON,
                updated_at=NOON,
            )
        )
    Person.objects.bulk_create(people)
    numbers = sorted({person.mobile for person in people} - {""})
    _make_members(numbers)
    return len(numbers)


def _make_members(numbers: list[str]) -> None:
    """Members at the simulator and, as if they had been asked, with us."""
    import requests

    from tests.people.make import NOON
    from vibes.models import Subscription, VibesList

    requests.put(
        f"{os.environ['SIMULATOR_URL']}/_sim/world",
        headers={"Authorization": f"Bearer {os.environ['SIM_TOKEN']}"},
        json={
            "memberships": [
                {"mdn": number, "list_id": "1234", "state": "subscribed"} for number in numbers
            ]
        },
        timeout=60,
    ).raise_for_status()
    offers = VibesList.objects.get(vibes_id="1234")
    Subscription.objects.bulk_create(
        Subscription(
            mobile=number, vibes_list=offers, state="subscribed", source="test", changed_at=NOON
        )
        for number in numbers
    )


def _launch() -> int:
    from tests.campaigns import make
    from vibes.models import VibesList

    offers = VibesList.objects.get(vibes_id="1234")
    campaign = make.campaign(
        filters=[make.in_city()],
        steps=[make.send(make.approved_message(), offers), make.change("score", "1")],
    )
    return make.run(campaign).pk


def plan(count: str) -> None:
    """So many planned runs, one a second from five seconds ahead, of nobody."""
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    from campaigns.models import Slot
    from tests.campaigns import make

    call_command("migrate", verbosity=0)
    campaign = make.campaign(
        f"{count} runs", filters=[make.in_city("Nowhere")], steps=[make.wait()]
    )
    first = timezone.now() + timedelta(seconds=5)
    for number in range(int(count)):
        slot = make.slot(campaign, first + timedelta(minutes=number))
        Slot.objects.filter(pk=slot.pk).update(scheduled_for=first + timedelta(seconds=number))


def slots() -> dict[str, Any]:
    """How the planned runs stand, how many runs there are, and by how many seconds each was late."""
    from campaigns.models import Run, Slot

    found = Slot.objects.select_related("run")
    runs = [(slot, slot.run) for slot in found if slot.run]
    return {
        "states": dict(Counter(slot.state for slot in found)),
        "runs": Run.objects.count(),
        "late": [(run.started_at - slot.scheduled_for).total_seconds() for slot, run in runs],
    }


def judge(run: str) -> dict[str, Any]:
    """How the run stands: its state, the ledger's counts, and the numbers behind each verdict."""
    from campaigns.models import Run, Verdict
    from vibes.models import OutboxRow

    found = Run.objects.get(pk=run)
    steps = [step["id"] for step in found.version.content["steps"]]
    verdicts = Verdict.objects.filter(run=found)
    rows = OutboxRow.objects.filter(run_id=found.pk)

    def numbers(*states: str) -> list[str]:
        return sorted(rows.filter(state__in=states).values_list("mobile", flat=True))

    return {
        "state": found.state,
        "entered": found.entered,
        "entries": found.entries.count(),
        "by_step": [
            dict(Counter(verdicts.filter(step_id=step).values_list("state", flat=True)))
            for step in steps
        ],
        "numbers": {
            "sent": numbers("accepted", "delivered", "undelivered"),
            "unknown": numbers("unknown"),
        },
    }


def hearts() -> dict[str, Any]:
    """How many processes of each role live."""
    from django.utils import timezone

    from vibes import heartbeats

    return dict(Counter(heartbeats.alive(timezone.now()).values_list("role", flat=True)))


def outdate() -> None:
    """Have the database come from a version of tomorrow."""
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.create(app="vibes", name="9999_of_tomorrow")


def deafen() -> list[str]:
    """Have every worker listen to no queue, as one does that came back deaf from a lost connection."""
    from config.celery import app
    from config.processes import QUEUES

    return [str(app.control.cancel_consumer(each, reply=True, timeout=1)) for each in QUEUES]


QUESTIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        *(build, found, launch, again, door, wire, judge, hearts, outdate, deafen, plan, slots),
    )
}


def main() -> None:
    import django

    django.setup()
    for line in sys.stdin:
        print(ANSWER + json.dumps(_answer(*json.loads(line))), flush=True)  # noqa: T201


def _answer(question: str, *arguments: str) -> dict[str, Any]:
    from django.db import connections

    try:
        return {"answer": QUESTIONS[question](*arguments)}
    except Exception:  # noqa: BLE001  # whoever asked is told
        return {"wrong": traceback.format_exc()}
    finally:
        connections.close_all()  # the database may be copied, dropped and put back meanwhile


if __name__ == "__main__":
    main()
