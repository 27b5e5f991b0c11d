"""What is found at a place after all went on: each answer lists, in words, what does not hold."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .deeds import APART, NUMBERS, PEOPLE, Place

BEGUN = ("first-byte", "request-written")
SLACK = 1.2  # seconds between a clock that is read and the call, on a busy machine

# --- Judged ---------------------------------------------------------------------------------------


def judge_run(run_id: int, *, place: Place, most_unknown: int) -> list[str]:
    """What does not hold of a run: by the simulator's ledger first, and then by our own tables."""
    from campaigns import results
    from campaigns.models import Run, Verdict
    from vibes.models import OutboxRow

    run, sent = Run.objects.get(pk=run_id), _ledger(place.numbers())
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
        "tallies that do not agree": results.counts(run) == results.recount(run),
    }
    return [words for words, is_so in holds.items() if not is_so] + list(_too_late(run_id, place))


def _too_late(run_id: int, place: Place) -> Iterator[str]:
    """Texts that began longer after they were permitted than a permission lasts."""
    from django.conf import settings

    from vibes.models import OutboxRow

    # The rest of what had begun to leave comes when whoever began it wakes; while one of many connects,
    # another may be in the middle of it.
    if place.point in BEGUN or (place.point == "connected" and place.nth > 1):
        return
    granted = dict(OutboxRow.objects.filter(run_id=run_id).values_list("event_id", "sending_at"))
    told = {str(event_id): at for event_id, at in granted.items()}
    for each in _events(place.numbers()):
        permitted_at = told.get(each["event_id"])
        if permitted_at is None:
            continue
        waited = datetime.fromisoformat(each["at"]) - (permitted_at - APART * place.number)
        # Whoever goes on has a clock some whole minutes ahead.
        if waited.total_seconds() % 60 > settings.SEND_PERMIT_SECONDS + SLACK:
            yield f"begun {waited.total_seconds() % 60:.2f} s after it was permitted"


def run_of(slot_id: int) -> int:
    """The one run of a slot."""
    from campaigns.models import Slot

    slot = Slot.objects.select_related("run").get(pk=slot_id)
    assert slot.run
    assert slot.campaign.runs.get() == slot.run
    return slot.run.pk


def judge_stopped(run_id: int, numbers: list[str]) -> list[str]:
    from campaigns import results
    from campaigns.models import Run, Verdict

    run = Run.objects.get(pk=run_id)
    states = Counter(Verdict.objects.filter(run=run_id).values_list("state", flat=True))
    holds = {
        "it is not stopped": run.state == "cancelled",
        "tallies that do not agree": results.counts(run) == results.recount(run),
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
    return Counter(each["mdn"] for each in _events(numbers))


def _events(numbers: list[str]) -> list[dict[str, Any]]:
    """What the simulator took for these numbers."""
    from config.demo_world.in_step import Controls

    taken = Controls(os.environ["SIMULATOR_URL"]).get("ledger", limit=100_000)["events"]
    return [each for each in taken if each["mdn"] in set(numbers)]
