"""How many of some people could be texted on a list now, and why not the others: counted in one statement.

The gate judges people one cohort at a time, as a step needs them. Here a million are counted: the same
reasons in the same order, but what we keep of numbers is joined rather than looked up person by person.
What a text says, once merged, and the frequency of texts are not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Case, Count, F, Value, When

from people.models import Person, PersonQuerySet
from vibes import gate
from vibes.gate import Reason
from vibes.models import Number, OutboxRow, Subscription, VibesList

Counts = dict[str, int]
"""Reason → how many; '' is those who would be texted, one for each number."""
TEXT = OutboxRow.Action.TEXT
GATHERED = "gathered_people"
_THEM = "SELECT pk, mobile, before FROM gathered_people"
_SHARED = "SELECT mobile FROM gathered_people WHERE before = '' GROUP BY mobile HAVING count(*) > 1"


def count(people: PersonQuerySet, *, vibes_list: VibesList) -> Counts:
    """How many of these people the gate would let be texted on the list, and how many not, by reason.

    Of those who share a number one is texted, the others are *same-number*. The sum is the number of people.
    """
    try:
        people_judged, params = judged(people, vibes_list=vibes_list, by=gate.house())
    except EmptyResultSet:
        return {}
    shared, more = _shared().query.sql_with_params()
    return _counts(people_judged, shared, [*params, *more])


def _shared() -> Any:
    """The numbers that several people hold."""
    held = Person.objects.with_mobile().order_by().values("mobile")
    return held.annotate(holders=Count("pk")).filter(holders__gt=1).values("mobile")


def _counts(judged: str, shared: str, params: list[Any]) -> Counts:
    """Of SQL that gives pk, mobile and why, and SQL that gives the numbers that several people hold."""
    # Only those whose number anybody shares are put together by number: few, where everybody are many.
    statement = f"""
        SELECT why, sum(holders), sum(CASE WHEN shared IS NULL THEN 0 ELSE holders - 1 END) FROM (
            SELECT judged.why AS why, shared.mobile AS shared, count(*) AS holders
            FROM ({judged}) judged
            LEFT JOIN ({shared}) shared ON judged.why = '' AND shared.mobile = judged.mobile
            GROUP BY judged.why, shared.mobile
        ) found GROUP BY why
    """  # noqa: S608
    found = {why: (int(people), int(more)) for why, people, more in _rows(statement, params)}
    counts = {why: people - more for why, (people, more) in found.items()}
    same = sum(more for _, more in found.values())
    return counts | ({Reason.SAME_NUMBER: same} if same else {})


@dataclass(frozen=True)
class Gathered:
    """Some people, written down with their numbers and with what stands against them wherever they are texted."""

    count: int

    def by_reason(self, vibes_list: VibesList) -> Counts:
        """What `count` says of them, who need not be looked for again; two statements, without those of who
        decided what. The sum is the number of people."""
        if everybody := gate.obstacle(action=TEXT, vibes_list=vibes_list, campaign=None):
            return {everybody: self.count} if self.count else {}
        people_judged, params = _on_list(_THEM, [], vibes_list)
        return _counts(people_judged, _SHARED, params)

    def unknown(self, vibes_list: VibesList) -> int:
        """How many numbers Vibes must be asked about before all who may be texted on the list can be; up to
        two statements."""
        if gate.obstacle(action=TEXT, vibes_list=vibes_list, campaign=None):
            return 0
        judged, params = _on_list(_THEM, [], vibes_list)
        statement = f"SELECT count(DISTINCT mobile) FROM ({judged}) judged WHERE why = %s"  # noqa: S608
        return int(_rows(statement, [*params, str(Reason.MEMBERSHIP_UNKNOWN)])[0][0])


@contextmanager
def gathered(people: PersonQuerySet) -> Iterator[Gathered]:
    """Write these people down, once, for as long as the block. One at a time, inside a transaction.

    Whoever freezes a run reads people many times: to count them, to put them in their order, to judge
    them on each list. They stand in a table of this transaction alone, `GATHERED`: pk, mobile, before ('' for
    nothing that stands against them).
    """
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {GATHERED} (pk bigint, mobile text, before text)")
    yield Gathered(_gather(people))
    with connection.cursor() as cursor:  # after an error it is gone with the transaction
        cursor.execute(f"DROP TABLE {GATHERED}")


def _gather(people: PersonQuerySet) -> int:
    try:
        sql, params = _by_themselves(people, gate.of_person(TEXT))
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {GATHERED} (pk, mobile, before) {sql}", params)
        return int(cursor.rowcount)


def judged(
    people: PersonQuerySet, *, vibes_list: VibesList, by: gate.House
) -> tuple[str, list[Any]]:
    """SQL that gives pk, mobile and why ('' for none) of each person, and its parameters.

    Raises EmptyResultSet where it is plain that there is nobody.
    """
    asked = [*gate.of_list(TEXT, vibes_list), *gate.of_person(TEXT, by=by)]
    return _on_list(*_by_themselves(people, asked), vibes_list)


def _by_themselves(people: PersonQuerySet, asked: list[When]) -> tuple[str, list[Any]]:
    """SQL that gives pk, mobile and the first of these reasons, or what is known of the line ('' for none).

    Raises EmptyResultSet. Each reason is named once (`coalesce`, not CASE): PostgreSQL pulls a subquery up, and
    would ask what is named twice two times of each person.
    """
    why = Case(*asked, default=Value(""), output_field=models.CharField())
    asked_of = people.order_by().annotate(who=F("pk"), number=F("mobile"), before=why)
    found = asked_of.values_list("who", "number", "before")
    sql, params = found.query.sql_with_params()
    lines, line_params = _words("barred.line", gate.LINE_REASONS)
    barred = ", ".join(["%s"] * len(gate.LINE_REASONS))
    statement = f"""
        SELECT found.who AS pk, found.number AS mobile, coalesce(
            nullif(found.before, ''), CASE WHEN barred.line IS NOT NULL THEN {lines} ELSE '' END
        ) AS before
        FROM ({sql}) found
        LEFT JOIN {_table(Number)} barred
            ON barred.mobile = found.number AND barred.line IN ({barred})
    """  # noqa: S608
    return statement, [*line_params, *params, *(str(each) for each in gate.LINE_REASONS)]


def _on_list(people: str, params: list[Any], vibes_list: VibesList) -> tuple[str, list[Any]]:
    """SQL that gives pk, mobile and why, of SQL that gives pk, mobile and before."""
    states, state_params = _words("kept.state", gate.MEMBERSHIP_REASONS)
    statement = f"""
        SELECT someone.pk, someone.mobile, coalesce(
            nullif(someone.before, ''), CASE WHEN kept.state IS NULL THEN %s ELSE {states} END
        ) AS why
        FROM ({people}) someone
        LEFT JOIN {_table(Subscription)} kept
            ON kept.mobile = someone.mobile AND kept.vibes_list_id = %s
    """  # noqa: S608
    unknown = str(Reason.MEMBERSHIP_UNKNOWN)
    return statement, [unknown, *state_params, *params, vibes_list.pk]


def _rows(statement: str, params: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _words(column: str, reasons: Mapping[Any, str]) -> tuple[str, list[str]]:
    """A CASE that gives the reason for what a column says, '' for none."""
    whens = " ".join(["WHEN %s THEN %s"] * len(reasons))
    params = [str(each) for pair in reasons.items() for each in pair]
    return f"CASE {column} {whens} ELSE '' END", params


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
