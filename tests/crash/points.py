"""Fall at named places, go on, and judge: `python -m tests.crash.points SIMULATOR_URL [--every] [PLACE …]`.

Each place once with SIGKILL; with --every the first, the middle and the last time it is reached, with
each way to fall. Prints a line of JSON for each: `{"point", "nth", "how", "died", "faults": [what does
not hold]}`. Deeds run in children forked from here; who goes on has a clock past every lease of whoever fell.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from . import deeds, forks, found, outside, requested
from .deeds import Place

LEASES_OVER = timedelta(minutes=5)
LATE = {"first-byte": 4, "request-written": 4, "response-read": 4}  # in the middle of the texts
OF_EFFECTS = ("effect", "inside-effect")  # how the names of these places begin
OF_REQUESTS = ("requests", "listener", "inside-entry", "entry", "inside-takeover")
WAYS = ("KILL", "TERM", "STOP", "CUT")
FROZEN = 2.0  # seconds, longer than the permit of whoever is frozen (SEND_PERMIT_SECONDS)
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Story:
    """What is done at a place. `prepare` gives what `deed` and `judge` are about, such as a run's id."""

    prepare: Callable[[], Any]
    deed: Callable[[Any, Clock], object]
    judge: Callable[[Any], list[str]]


def story_of(place: Place) -> Story:
    """The deed in which this place is reached."""
    if place.point.startswith(OF_EFFECTS):
        return _story_of_effects(place)
    if place.point.startswith(OF_REQUESTS):
        return _story_of_requests(place)
    return _story_of_texts(place)


def _story_of_texts(place: Place) -> Story:
    """Texts, and what comes before and between them."""
    if place.point in ("callback-kept", "before-callback"):
        return Story(
            partial(deeds.launch_run, place),
            lambda _, clock: deeds.hear_stop(place, clock),
            lambda _: found.judge_stop(place),
        )
    if place.point == "inside-import":
        return Story(
            lambda: None,
            lambda _, clock: deeds.take_file(place, clock),
            lambda _: found.judge_file(place),
        )
    if place.point == "slot-taken":
        return Story(partial(deeds.plan_run, place), _start_and_work, partial(_judge_slot, place))
    if place.point == "inside-stop":
        judge = partial(found.judge_stopped, numbers=place.numbers())
        return Story(partial(_queued, place), _stop_for_good, judge)
    if place.point in ("inside-pause", "inside-resume"):
        judge = partial(found.judge_run, place=place, most_unknown=0)
        return Story(partial(_queued, place), _pause_resume_and_work, judge)
    if place.point == "inside-move":
        judge = partial(_judge_moved, place)
        return Story(partial(deeds.wait_in_old_version, place), _move_and_work, judge)
    prepare = _abandoned if place.point == "inside-sweep" else deeds.launch_run
    judge = partial(found.judge_run, place=place, most_unknown=_in_flight(place))
    return Story(partial(prepare, place), deeds.work, judge)


def _story_of_effects(place: Place) -> Story:
    """How many of a person's call and mail may be in the middle, depends on where it fell."""
    nothing_claimed = ("effects-owed", "inside-effect-claim", "effects-settled")
    is_certain = place.how != "STOP" and place.point in nothing_claimed
    most = 0 if is_certain else 2 * deeds.PEOPLE
    prepare = _left_behind if place.point == "inside-effect-sweep" else outside.launch_run
    judge = partial(outside.judge, place=place, most_unknown=most)
    return Story(partial(prepare, place), outside.work, judge)


def _left_behind(place: Place) -> int:
    """A run whose worker died with calls and mails claimed, longer ago than its lease."""
    run_id = outside.launch_run(place)
    forks.died(partial(outside.work, run_id, place.clock(-LEASES_OVER)), at="effects-claimed")
    return run_id


def _story_of_requests(place: Place) -> Story:
    judge = requested.judge
    prepare = requested.launch_run
    if place.point == "requests-refused":
        prepare, judge = requested.launch_run_of_inactive, requested.judge_refused
    elif place.point == "inside-takeover":
        prepare = requested.launch_run_behind
    return Story(partial(prepare, place), deeds.work, partial(judge, place=place))


def _queued(place: Place) -> int:
    """A run of which nothing has left."""
    run_id = deeds.launch_run(place)
    forks.died(partial(deeds.work, run_id, place.clock()), at="before-claim")
    return run_id


def _stop_for_good(run_id: int, clock: Clock) -> None:
    deeds.stop(run_id, clock)
    deeds.work(run_id, clock)


def _pause_resume_and_work(run_id: int, clock: Clock) -> None:
    deeds.pause_and_resume(run_id, clock)
    deeds.work(run_id, clock)


def _move_and_work(run_id: int, clock: Clock) -> None:
    deeds.move(run_id, clock)
    deeds.work(run_id, clock)


def _judge_moved(place: Place, run_id: int) -> list[str]:
    from campaigns.models import Intervention

    lines = Intervention.objects.filter(run=run_id).count()
    faults = found.judge_run(run_id, place=place, most_unknown=0)
    return faults + ([f"it was written down {lines} times"] if lines != 1 else [])


def _start_and_work(slot_id: int, clock: Clock) -> None:
    deeds.start_slots(clock)
    deeds.work(found.run_of(slot_id), clock)


def _judge_slot(place: Place, slot_id: int) -> list[str]:
    return found.judge_run(found.run_of(slot_id), place=place, most_unknown=0)


def _abandoned(place: Place) -> int:
    """A run whose sender died with texts permitted, longer ago than its lease."""
    run_id = deeds.launch_run(place)
    forks.died(partial(deeds.work, run_id, place.clock(-LEASES_OVER)), at="permitted")
    return run_id


def _in_flight(place: Place) -> int:
    """How many texts may have been on the wire when it fell. When ranges are claimed anew, some may be."""
    claims = ("before-claim", "inside-claim", "claimed")
    certain = place.point.startswith(("run-", "cohort-"))
    return 0 if certain or (place.point in claims and place.nth == 1) else deeds.NUMBERS


# --- Falling --------------------------------------------------------------------------------------


def fall_and_go_on(place: Place) -> dict[str, Any]:
    story = story_of(place)
    about = forks.ask(story.prepare)
    died = _fall(place, story, about)
    forks.ask(partial(story.deed, about, place.clock(2 * LEASES_OVER)))
    faults = forks.ask(partial(story.judge, about))
    told = {"point": place.point, "nth": place.nth, "how": place.how}
    return told | {"died": died, "faults": faults}


def _fall(place: Place, story: Story, about: Any) -> bool:
    deed = partial(story.deed, about, place.clock())
    here: dict[str, Any] = {"at": place.point, "nth": place.nth}
    if place.how == "KILL":
        return forks.died(deed, **here)
    if place.how == "TERM":
        return forks.ended(deed, **here)
    if place.how == "CUT":
        return forks.frozen(deed, **here, meanwhile=deeds.cut_connections, seconds=0.2)
    others = partial(story.deed, about, place.clock(LEASES_OVER))
    return forks.frozen(deed, **here, meanwhile=others, seconds=FROZEN)


def once(points: list[Any]) -> Iterator[dict[str, Any]]:
    """Each place once, by SIGKILL."""
    for number, point in enumerate(points, 1):
        yield fall_and_go_on(Place(point, number, LATE.get(point, 1)))


def every(points: list[Any]) -> Iterator[dict[str, Any]]:
    """Each place × the first, middle and last time it is reached × each way to fall."""
    numbers = count(1)
    for point in points:
        seen = _reached(Place(point, next(numbers)))
        for nth in sorted({1, (seen + 1) // 2, seen}):
            for how in WAYS if _is_server() else WAYS[:-1]:
                yield _fall_at_last(Place(point, next(numbers), nth, how), numbers)


def _fall_at_last(place: Place, numbers: Iterator[int]) -> dict[str, Any]:
    """How often a place is reached is a matter of chance: one that is reached less often falls earlier."""
    told = fall_and_go_on(place)
    while not told["died"] and place.nth > 1:
        place = replace(place, number=next(numbers), nth=place.nth - 1)
        told = fall_and_go_on(place)
    return told


def _reached(place: Place) -> int:
    story = story_of(place)
    about = forks.ask(story.prepare)
    return forks.reached(partial(story.deed, about, place.clock()), at=place.point)


def _is_server() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


def main() -> None:
    os.environ["SIMULATOR_URL"], *wanted = sys.argv[1:]
    import django

    django.setup()
    from people.crashpoint import POINTS

    points = [each for each in wanted if each != "--every"] or list(POINTS)
    forks.ask(deeds.set_up)
    with outside.reachable():
        for told in every(points) if "--every" in wanted else once(points):
            print(json.dumps(told), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
