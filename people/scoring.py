"""Points: a score raised or lowered by so many, for many people at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from people import activity, bulk, fields
from people.activity import Happening
from people.models import Person, PersonQuerySet

MOST = (1 << 31) - 1  # what the column of a score holds


def add(people: PersonQuerySet, name: str, points: int, *, by: str, now: datetime) -> int:
    """Add points (below nought: take) to a Score field of people, each with a line of history; say how many.

    Nothing in the field counts as nought; a score stays at plus or minus `MOST` once there. Three statements
    for any number of people. Call it inside a transaction: the rows are locked, in the order of their ids,
    so that points which another adds at the same time are not lost. Raises UnknownField.
    """
    field = fields.get(name)
    them = people.order_by("pk").select_for_update(no_key=True, of=("self",))
    lines: dict[int, Happening] = {}
    columns: list[Any] = []
    for person in them.only("pk", field.column):
        before = field.value(person) or 0
        after = max(-MOST, min(MOST, before + points))
        if after != before:
            field.put(person, after)
            columns.append(getattr(person, field.column))
            told = {"changes": {name: [before, after]}, "by": by}
            lines[person.pk] = Happening(person.pk, told)
    match, each = {"id": [*lines]}, {field.column: columns}
    bulk.update_rows(Person, match=match, each=each, same={"updated_at": now})
    return activity.record(activity.CHANGE_DATA_VALUE, [*lines.values()], at=now)


def offered() -> list[fields.Field]:
    """The fields of type Score there are, as they were at most two seconds ago."""
    return [each for each in fields.recent().values() if each.type.word == "score"]
