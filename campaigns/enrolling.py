"""Put people into a run: entries and cohorts, by number, in a fixed number of statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from people.models import PersonQuerySet
from vibes import census
from vibes.census import Gathered

from .models import Cohort, Entry, Run

SIZE = 2_000  # people a cohort: one transaction of some tenths of a second

# People without a number must not tie, or they would all land in one cohort; they come last, in any order.
# Apart, since one sort by number and id costs a third more than one by number.
_PLACES = f"""
    SELECT pk, rank() OVER (ORDER BY {{plainly}}) AS place FROM {census.GATHERED} WHERE mobile <> ''
    UNION ALL
    SELECT pk, row_number() OVER () + (SELECT count(*) FROM {census.GATHERED} WHERE mobile <> '')
    FROM {census.GATHERED} WHERE mobile = ''
"""  # noqa: S608


def enrol(run: Run, people: PersonQuerySet, *, now: datetime) -> int:
    """Freeze the audience: as `enter`, with these people."""
    with census.gathered(people) as gathered:
        return enter(run, gathered, now=now)


def enter(run: Run, gathered: Gathered, *, now: datetime) -> int:
    """One entry a person, cohorts of about 2,000 in the order of numbers. Says how many entered.

    A number is never split over two cohorts, so that one of its holders wins in one
    place: equal numbers have equal rank, and the rank says the cohort. Call it where the people are
    gathered.
    """
    if not gathered.count:
        return 0
    numbers = range((gathered.count - 1) // SIZE + 1)
    Cohort.objects.bulk_create(Cohort(run=run, number=number) for number in numbers)
    entered = _insert_entries(run, now)
    Cohort.objects.filter(run=run, entries=None).delete()
    return entered


def _insert_entries(run: Run, now: datetime) -> int:
    # INSERT … SELECT, for 100,000 rows must not travel through Python. CROSS has SQLite look for each
    # person's cohort, not the reverse. Nothing here comes from outside but the parameters.
    statement = f"""
        INSERT INTO {_table(Entry)} (run_id, person_id, cohort_id, entered_at, wave)
        SELECT %s, found.pk, cohort.id, %s, 0
        FROM ({_PLACES.format(plainly=_plainly("mobile"))}) found
        CROSS JOIN {_table(Cohort)} cohort
        WHERE cohort.run_id = %s AND cohort.number = (found.place - 1) / {SIZE}
    """  # noqa: S608
    with connection.cursor() as cursor:
        moment = Entry._meta.get_field("entered_at").get_db_prep_value(now, connection)
        cursor.execute(statement, [run.pk, moment, run.pk])
        return int(cursor.rowcount)


def _plainly(column: str) -> str:
    """In the order of its bytes: numbers are digits, and a language's order costs PostgreSQL more."""
    return f'{column} COLLATE "C"' if connection.vendor == "postgresql" else column


def _table(model: Any) -> str:
    return connection.ops.quote_name(model._meta.db_table)
