"""People who are requested into another campaign: what is done, and what is found after all went on."""

from __future__ import annotations

from collections import Counter
from typing import Any

from . import deeds
from .deeds import PEOPLE, Place

# --- Done -----------------------------------------------------------------------------------------


def launch_run(place: Place) -> int:
    """A run that requests an active campaign for everybody, who may enter it as often as they like."""
    return _launch(place, _target(place))


def launch_run_of_inactive(place: Place) -> int:
    """The same, of a campaign that is deactivated before anybody comes, but after the run has begun to ask."""
    from django.utils import timezone

    from campaigns import activating, launch, runner
    from campaigns.models import Request

    target, clock = _target(place), place.clock()
    run_id = _launch(place, target)
    launch.prepare(run_id, clock=clock)
    while not Request.objects.filter(run=run_id).exists():
        for cohort in runner.due(now=clock()):
            runner.advance(cohort, now=clock())
    activating.deactivate(target.runs.get().pk, by=None, now=timezone.now())
    return run_id


def launch_run_behind(place: Place) -> int:
    """The same, of an active campaign whose newest version has not taken over yet."""
    from django.utils import timezone

    from campaigns import versions
    from tests.campaigns import make

    target = _target(place)
    make.step(target, ("change_score", {"field": "score", "change": "=1"}))
    versions.publish(target, by=None, now=timezone.now())
    return _launch(place, target)


def _target(place: Place) -> Any:
    from campaigns.models import Campaign
    from tests.campaigns import make

    target = make.requestable(
        f"Welcome {place.number}",
        steps=[("change_score", {"field": "score", "change": "+1"})],
        enters=Campaign.Enters.ALWAYS,
    )
    make.active(target)
    return target


def _launch(place: Place, target: Any) -> int:
    from tests.campaigns import make

    deeds.populate(place)
    asking = make.campaign(
        f"Asking {place.number}",
        filters=[make.in_city(place.town)],
        steps=[make.request(target)],
    )
    return make.run(asking).pk


# --- Found ----------------------------------------------------------------------------------------


def judge(run_id: int, place: Place) -> list[str]:
    """What does not hold where everybody should have entered once, into the newest version."""
    from campaigns import results
    from campaigns.models import Entry, Run, Verdict
    from people.models import Person

    runs = Run.objects.filter(campaign__node__name=f"Welcome {place.number}")
    active = runs.get(deactivated_at=None)
    entries = Counter(Entry.objects.filter(run__in=runs).values_list("person", flat=True))
    scores = Counter(Person.objects.filter(city=place.town).values_list("score", flat=True))
    open_ = Verdict.objects.filter(run__in=runs, state__in=Verdict.OPEN)
    holds = {
        f"entered {sorted(entries.values())} times": sorted(entries.values()) == [1] * PEOPLE,
        f"{active.entered} counted in": active.entered == active.entries.count() == PEOPLE,
        "an older version lets in": not active.campaign.versions.filter(
            number__gt=active.version.number
        ).exists(),
        f"scores {dict(scores)}": scores == {1: PEOPLE},
        "a verdict is open": not open_.exists(),
        "tallies that do not agree": results.counts(active) == results.recount(active),
    }
    told = [words for words, is_so in holds.items() if not is_so]
    return told + _judge_asking(run_id, place, answered="entered", verdict="done")


def judge_refused(run_id: int, place: Place) -> list[str]:
    """What does not hold where nobody can have entered."""
    return _judge_asking(run_id, place, answered="refused", verdict="skipped")


def _judge_asking(run_id: int, place: Place, *, answered: str, verdict: str) -> list[str]:
    from campaigns import results
    from campaigns.models import Run
    from people.models import Activity, Person

    run = Run.objects.get(pk=run_id)
    requests = Counter(run.requests.values_list("state", flat=True))
    verdicts = Counter(run.verdicts.values_list("state", flat=True))
    people = Person.objects.filter(city=place.town).values("pk")
    lines = Activity.objects.filter(kind="request_campaign", person_id__in=people).count()
    holds = {
        f"it is {run.state}": run.state == "finished",
        f"requests {dict(requests)}": requests == {answered: PEOPLE},
        f"verdicts {dict(verdicts)}": verdicts == {verdict: PEOPLE},
        f"{lines} lines of history": lines == PEOPLE,
        "tallies of who asked that do not agree": results.counts(run) == results.recount(run),
    }
    return [words for words, is_so in holds.items() if not is_so]
