"""Put people into a run: entries and cohorts, by number, in a fixed number of statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, F, Value, When, Window
from django.db.models.functions import Rank

from people.models import PersonQuerySet

from .models import Cohort, Entry, Run

SIZE = 2_000  # people a cohort: one transaction of some tenths of a second


def enrol(run: Run, people: PersonQuerySet, *, now: datetime) -> int:
    """Freeze the audience: one entry a person, cohorts of about 2,000 in the order of numbers.

    A number is never split over two cohorts, so that one of its holders wins in one
    place: equal numbers have equal rank, and the rank says the cohort. Says how many entered. Call
    it inside a transaction.
    """
    count = people.count()
    if not count:
        return 0
    # One cohort to spare: somebody may come in between counting and inserting.
    numbers = range(count // SIZE + 2)
    Cohort.objects.bulk_create(Cohort(run=run, number=number) for number in numbers)
    entered = _insert_entries(run, people, now)
    Cohort.objects.filter(run=run, entries=None).delete()
    return entered


def _insert_entries(run: Run, people: PersonQuerySet, now: datetime) -> int:
    # People without a number must not tie, or they would all land in one cohort: their id parts them.
    apart = Case(When(mobile="", then=F("pk")), default=Value(0))
    rank = Window(Rank(), order_by=[F("mobile"), apart])
    ranked = people.order_by().annotate(who=F("pk"), place=rank).values_list("who", "place")
    sql, params = ranked.query.sql_with_params()
    # INSERT … SELECT over a join with what the ORM made: the ORM cannot say this, and 100,000 rows
    # must not travel through Python. Nothing here comes from outside but `params`.
    statement = f"""
        INSERT INTO {_table(Entry)} (run_id, person_id, cohort_id, entered_at)
        SELECT %s, found.who, cohort.id, %s
        FROM ({sql}) found
        JOIN {_table(Cohort)} cohort
          ON cohort.run_id = %s AND cohort.number = (found.place - 1) / {SIZE}
    """  # noqa: S608
    with connection.cursor() as cursor:
        moment = Entry._meta.get_field("entered_at").get_db_prep_value(now, connection)
        cursor.execute(statement, [run.pk, moment, *params, run.pk])
        return int(cursor.rowcount)


def _table(model: Any) -> str:
    return connection.ops.quote_name(model._meta.db_table)
