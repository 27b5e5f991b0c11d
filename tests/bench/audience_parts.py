"""The parts of the audience bench: its people, and the four ways to look at them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction

from campaigns import enrolling
from campaigns.audience import people as audience
from campaigns.content import FilterSpec, ListSpec
from campaigns.models import Cohort, Entry, Run
from people import bulk
from people.models import Person, PersonQuerySet
from tests.bench import advance_world
from tests.bench.advance_world import NOW, look_over
from tests.bench.cost import Cost, measured
from tests.campaigns import make
from vibes import census, gate
from vibes.models import Number, Subscription, VibesList

Figures = dict[str, float]
SLICE, CHUNK = 5_000, 500
WANTED = ListSpec(
    filters=(
        FilterSpec("score", {"operator": "at_least", "value": 36}),
        FilterSpec("state", {"operator": "is_not", "value": ["S19"]}),
    )
)


def measure(people: int, *, usual: int, times: int) -> Figures:
    """Each way so many times, taking turns; the cheapest of each counts."""
    offers = make.vibes_list("Offers")
    for start in range(0, people, SLICE):
        _people(range(start, min(people, start + SLICE)), offers)
    look_over()
    alone()
    ways: dict[str, Callable[[], int]] = {
        "scan": lambda: _scan(offers),
        "count": lambda: sum(census.count(_found(), vibes_list=offers).values()),
        "freeze": lambda: _freeze(offers),
        "usual": lambda: _usual(offers, usual),
    }
    best: dict[str, tuple[Cost, int]] = {}
    for _ in range(times):
        for name, way in ways.items():
            with measured() as cost:
                found = way()
            if name not in best or cost.processor < best[name][0].processor:
                best[name] = (cost, found)
    return _figures(best)


def alone() -> None:
    """One backend does the work: parallel ones would not be counted."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")


def _figures(best: dict[str, tuple[Cost, int]]) -> Figures:
    each = {name: cost.processor * 1e6 / found for name, (cost, found) in best.items()}
    figures = {f"{name}_us": round(value, 2) for name, value in each.items()}
    figures |= {f"{name}_s": round(cost.clock, 2) for name, (cost, _) in best.items()}
    ours = [best[name][0].grown_mb for name in ("count", "freeze")]
    return figures | {
        "found": best["count"][1],
        "memory_mb": round(max(ours), 1),
        "count_to_scan": round(each["count"] / each["scan"], 2),
        "freeze_to_scan": round(each["freeze"] / each["scan"], 2),
        "usual_to_freeze": round(each["usual"] / each["freeze"], 1),
    }


# --- People ---------------------------------------------------------------------------------------


def _people(numbers: range, offers: VibesList) -> None:
    """Of a hundred: two blocked, three suspended, five without a number, two with a bad one, five who
    share one; of the numbers half are subscribed, one in fifty is a landline."""
    mobiles = [_mobile(each) for each in numbers]
    typed = ["call me" if each % 100 in (5, 6) else mobiles[at] for at, each in enumerate(numbers)]
    columns: bulk.Columns = {
        "first_name": [f"Person {each}" for each in numbers],
        "mobile": mobiles,
        "mobile_typed": typed,
        "mobile_region": ["US" if each else "" for each in mobiles],
        "state": [f"S{each % 20}" for each in numbers],
        "score": [each * 7919 % 100 for each in numbers],
        "block_listed": [each * 31 % 100 in (10, 11) for each in numbers],
        "marketing_suspended": [each * 31 % 100 in (12, 13, 14) for each in numbers],
    }
    bulk.insert_rows(Person, columns, same={"created_at": NOW, "updated_at": NOW})
    known = sorted({each for each in mobiles if each})
    lines = ["landline" if int(each[-4:]) % 50 == 0 else "mobile" for each in known]
    bulk.insert_rows(Number, {"mobile": known, "line": lines}, ignore_conflicts=True)
    states = ["subscribed" if int(each[-5:]) % 2 else "never" for each in known]
    member = {"vibes_list": offers.pk, "source": "bench", "changed_at": NOW}
    columns = {"mobile": known, "state": states}
    bulk.insert_rows(Subscription, columns, same=member, ignore_conflicts=True)


def _mobile(number: int) -> str:
    place = number % 100
    if place < 7:
        return ""
    return f"+1312{(number - 1 if place in (20, 40, 60, 80, 99) else number):07d}"


def _found() -> PersonQuerySet:
    return audience(WANTED, now=NOW)


# --- Ways -----------------------------------------------------------------------------------------


def _scan(offers: VibesList) -> int:
    sql, params = _found().order_by().values_list("pk", "mobile").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(kept.state) FROM ({sql}) found"  # noqa: S608
            " LEFT JOIN vibes_subscription kept"
            " ON kept.mobile = found.mobile AND kept.vibes_list_id = %s",
            [*params, offers.pk],
        )
        found: int = cursor.fetchone()[0]
    return found


def _freeze(offers: VibesList) -> int:
    with transaction.atomic():
        with census.gathered(_found()) as gathered:
            entered = enrolling.enter(_run(), gathered, now=NOW)
            assert sum(gathered.by_reason(offers).values()) == entered
        return entered


def _usual(offers: VibesList, most: int) -> int:
    """As a careful hand writes it: no query a person, and rows in bulk."""
    run, written = _run(), 0
    cohort = Cohort.objects.create(run=run, number=0)
    people = iter(_found().order_by("mobile", "pk")[:most].iterator(chunk_size=CHUNK))
    seen: set[str] = set()
    reasons: dict[str, int] = {}
    while chunk := list(islice(people, CHUNK)):
        mobiles = {each.mobile for each in chunk}
        kept = Subscription.objects.filter(vibes_list=offers, mobile__in=mobiles)
        states = dict(kept.values_list("mobile", "state"))
        barred = Number.objects.filter(mobile__in=mobiles, line__in=list(gate.LINE_REASONS))
        lines = dict(barred.values_list("mobile", "line"))
        for each in chunk:
            why = _why(each, states, lines, seen)
            reasons[why] = reasons.get(why, 0) + 1
        entries = [Entry(run=run, person=each, cohort=cohort, entered_at=NOW) for each in chunk]
        Entry.objects.bulk_create(entries)
        written += len(chunk)
    return written


def _why(person: Person, states: dict[str, str], lines: dict[str, str], seen: set[str]) -> str:
    if person.block_listed or person.marketing_suspended:
        return "flags"
    if not person.mobile or person.mobile in lines:
        return "number"
    if states.get(person.mobile) != "subscribed":
        return "not a member"
    if person.mobile in seen:
        return "same number"
    seen.add(person.mobile)
    return ""


def _run() -> Run:
    _run.number += 1  # type: ignore[attr-defined]
    number = 500 + _run.number  # type: ignore[attr-defined]
    run = advance_world._run(make.campaign(f"Bench {number}"), "Nowhere", ())
    Run.objects.filter(pk=run.pk).update(started_at=NOW + timedelta(seconds=number))
    return run


_run.number = 0  # type: ignore[attr-defined]
