"""Die at every named place, start again, and judge: `python -m tests.crash.points SIMULATOR_URL [PLACE …]`.

Prints a line of JSON for each place: `{"point", "died", "faults": [what does not hold]}`. Deeds run in
children forked from here; the next child's clock is past every lease of the one that died.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

PEOPLE = 12  # ten numbers: one is shared, and one person has none
NUMBERS = 10
APART = timedelta(minutes=20)  # between the clocks of two places
LEASES_OVER = timedelta(minutes=5)
LATE = {"first-byte": 4, "request-written": 4, "response-read": 4}  # in the middle of the texts
SECONDS = 30.0


@dataclass(frozen=True)
class Place:
    """A place to die at; `number` keeps its world apart from the others'."""

    point: Any
    number: int

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


def plan_run(place: Place) -> int:
    """A run planned ten minutes ago for a few minutes ago; the id of its slot."""
    from tests.campaigns import make

    return make.slot(_campaign(place), place.clock(timedelta(minutes=-5))()).pk


def _campaign(place: Place) -> Any:
    from tests.campaigns import make
    from vibes.models import VibesList

    offers = VibesList.objects.get()
    _populate(place, offers)
    return make.campaign(
        f"Campaign {place.number}",
        filters=[make.in_city(place.town)],
        steps=[
            make.send(make.approved_message(name=f"Text {place.number}"), offers),
            make.change("score", "1"),
        ],
    )


def _populate(place: Place, offers: Any) -> None:
    from config.demo_world.in_step import Controls
    from people.models import Person
    from tests.people.make import NOON
    from vibes.models import Subscription

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
    from campaigns import launch, runner
    from campaigns.models import Run
    from vibes import delivery

    ends = monotonic() + SECONDS
    while Run.objects.get(pk=run_id).is_open and monotonic() < ends:
        delivery.sweep(now=clock())
        for each in launch.to_prepare(now=clock()):
            launch.prepare(each, clock=clock)
        for cohort in runner.due(now=clock()):
            runner.advance(cohort, now=clock())
        for account in delivery.accounts_with_work(now=clock()):
            delivery.deliver(account, clock=clock, budget=3)
        launch.finish_runs(now=clock())


def start_slots(clock: Callable[[], datetime]) -> None:
    from campaigns import schedule

    for slot_id in schedule.due(now=clock()):
        schedule.start(slot_id, now=clock())


def stop(run_id: int, clock: Callable[[], datetime]) -> None:
    from campaigns import launch
    from campaigns.models import Run

    launch.stop(Run.objects.get(pk=run_id), now=clock())


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
    for callback_id in callbacks.decisions().values_list("pk", flat=True):
        callbacks.apply(callback_id, clock())


def take_file(place: Place, clock: Callable[[], datetime]) -> None:
    """Import a file of ten people, begun once and gone on with until it is done."""
    from people import importing
    from people.models import ImportJob

    name = f"{place.number}.csv"
    job = ImportJob.objects.filter(file_name=name).first()
    if job is None:
        rows = "".join(f"p{each}.{place.number}@example.com\n" for each in range(NUMBERS))
        job = importing.upload(name, f"Email Address\n{rows}".encode(), user=None, now=clock())
        importing.start(job, mapping=job.mapping, region="US", static_list=None)
    while importing.take_slices(job.pk, now=clock()):
        pass


# --- Judged ---------------------------------------------------------------------------------------


def judge_run(run_id: int, numbers: list[str], *, most_unknown: int) -> list[str]:
    """What does not hold of a run: by the simulator's ledger first, and then by our own tables."""
    from campaigns.models import Run, Verdict
    from vibes.models import OutboxRow

    run, sent = Run.objects.get(pk=run_id), _ledger(numbers)
    rows = OutboxRow.objects.filter(run_id=run_id).values_list("mobile", "state")
    by_state = {state: {mobile for mobile, its in rows if its == state} for _, state in rows}
    unknown = by_state.get("unknown", set())
    verdicts = Verdict.objects.filter(run=run)
    by_step = Counter(verdicts.values_list("step_id", flat=True))
    twice = [number for number, count in sent.items() if count > 1]
    holds = {
        f"it is {run.state}": run.state == "finished",
        f"texted twice: {twice}": not twice,
        "called sent and not texted": by_state.get("accepted", set()) <= set(sent),
        "texted and called neither sent nor unknown": set(sent)
        <= by_state.get("accepted", set()) | unknown,
        f"{len(unknown)} unknown": len(unknown) <= most_unknown,
        f"rows in {sorted(by_state)}": set(by_state) <= {"accepted", "unknown"},
        f"{len(rows)} texts owed": len(rows) == NUMBERS,
        f"verdicts by step {dict(by_step)}": sorted(by_step.values()) == [PEOPLE, PEOPLE],
        "a verdict is open": not verdicts.filter(state__in=Verdict.OPEN).exists(),
    }
    return [words for words, is_so in holds.items() if not is_so]


def run_of(slot_id: int) -> int:
    """The one run of a slot."""
    from campaigns.models import Slot

    slot = Slot.objects.select_related("run").get(pk=slot_id)
    assert slot.run
    assert slot.campaign.runs.get() == slot.run
    return slot.run.pk


def judge_stopped(run_id: int, numbers: list[str]) -> list[str]:
    from campaigns.models import Run, Verdict

    states = Counter(Verdict.objects.filter(run=run_id).values_list("state", flat=True))
    holds = {
        "it is not stopped": Run.objects.get(pk=run_id).state == "cancelled",
        "somebody was texted": not _ledger(numbers),
        f"verdicts {dict(states)}": states == {"cancelled": NUMBERS, "skipped": PEOPLE - NUMBERS},
    }
    return [words for words, is_so in holds.items() if not is_so]


def judge_stop(place: Place) -> list[str]:
    from vibes.models import Callback, ConsentEntry, Subscription

    number = place.numbers()[0]
    ends = ConsentEntry.objects.filter(mobile=number, became="unsubscribed").count()
    holds = {
        "still a member": Subscription.objects.get(mobile=number).state == "unsubscribed",
        f"{ends} ends in the ledger": ends == 1,
        "a callback waits": not Callback.objects.filter(applied_at=None).exists(),
        "it was kept twice": Callback.objects.filter(event_id=f"stop of {place.town}").count() == 1,
    }
    return [words for words, is_so in holds.items() if not is_so]


def judge_file(place: Place) -> list[str]:
    from people.models import Activity, ImportJob, Person

    people = Person.objects.filter(email__endswith=f".{place.number}@example.com")
    lines = Activity.objects.filter(kind="new_person", person_id__in=people.values("pk"))
    holds = {
        f"{people.count()} people": people.count() == NUMBERS,
        f"{lines.count()} lines of history": lines.count() == NUMBERS,
        "the job is not done": ImportJob.objects.get(file_name=f"{place.number}.csv").state
        == "done",
    }
    return [words for words, is_so in holds.items() if not is_so]


def _ledger(numbers: list[str]) -> Counter[str]:
    from config.demo_world.in_step import Controls

    events = Controls(os.environ["SIMULATOR_URL"]).get("ledger", limit=100_000)["events"]
    return Counter(each["mdn"] for each in events if each["mdn"] in set(numbers))


# --- One place after the other --------------------------------------------------------------------


def die_and_go_on(place: Place) -> dict[str, Any]:
    from tests.crash import forks

    first, then = place.clock(), place.clock(LEASES_OVER)
    if place.point in ("callback-kept", "before-callback"):
        forks.ask(partial(launch_run, place))
        died = forks.died(partial(hear_stop, place, first), at=place.point)
        forks.ask(partial(hear_stop, place, first))
        return _told(place, died, forks.ask(partial(judge_stop, place)))
    if place.point == "inside-import":
        died = forks.died(partial(take_file, place, first), at=place.point)
        forks.ask(partial(take_file, place, then))
        return _told(place, died, forks.ask(partial(judge_file, place)))
    if place.point == "slot-taken":
        slot_id = forks.ask(partial(plan_run, place))
        died = forks.died(partial(start_slots, first), at=place.point)
        forks.ask(partial(start_slots, then))
        run_id = forks.ask(partial(run_of, slot_id))
        forks.ask(partial(work, run_id, then))
        judge = partial(judge_run, run_id, place.numbers(), most_unknown=0)
        return _told(place, died, forks.ask(judge))
    run_id = forks.ask(partial(launch_run, place))
    if place.point == "inside-stop":
        forks.died(partial(work, run_id, first), at="before-claim")
        died = forks.died(partial(stop, run_id, first), at=place.point)
        forks.ask(partial(stop, run_id, then))
        forks.ask(partial(work, run_id, then))
        return _told(place, died, forks.ask(partial(judge_stopped, run_id, place.numbers())))
    if place.point == "inside-sweep":
        forks.died(partial(work, run_id, first), at="permitted")
        first = place.clock(LEASES_OVER)
        then = place.clock(2 * LEASES_OVER)
    nth = LATE.get(place.point, 1)
    died = forks.died(partial(work, run_id, first), at=place.point, nth=nth)
    forks.ask(partial(work, run_id, then))
    judge = partial(judge_run, run_id, place.numbers(), most_unknown=_in_flight(place.point))
    return _told(place, died, forks.ask(judge))


def _in_flight(point: str) -> int:
    """How many texts may have been on the wire when it died."""
    certain = ("run-", "cohort-", "before-claim", "inside-claim", "claimed", "inside-permit")
    return 0 if point.startswith(certain) else NUMBERS


def _told(place: Place, died: bool, faults: list[str]) -> dict[str, Any]:
    return {"point": place.point, "died": died, "faults": faults}


def sweep(points: list[Any]) -> Iterator[dict[str, Any]]:
    from tests.crash import forks

    forks.ask(set_up)
    for number, point in enumerate(points, 1):
        yield die_and_go_on(Place(point, number))


def main() -> None:
    os.environ["SIMULATOR_URL"], *wanted = sys.argv[1:]
    import django

    django.setup()
    from people.crashpoint import POINTS

    for told in sweep(wanted or list(POINTS)):
        print(json.dumps(told), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
