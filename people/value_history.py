"""What one field of a person was, newest first, as the activity log tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q

from people import activity, fields
from people.models import Activity, Person

SHOWN = 50
# A number is in the log once, under the number it stands for (`editing.told`).
_ALSO = {"mobile_typed": ("mobile", "mobile_typed")}


@dataclass(frozen=True)
class Change:
    """One change: when, by whom, and the words for what was there before and after."""

    at: datetime
    by: str
    before: str
    after: str


@dataclass(frozen=True)
class Setting:
    """Who brought a field to what it is now, and when."""

    by: str
    at: datetime


def of(person: Person, name: str) -> list[Change]:
    """The newest changes of a field: one query over the index of the person."""
    names = _ALSO.get(name, (name,))
    lines = _changes(person, names).order_by("-happened_at", "-id")[:SHOWN]
    return [_change(line, names) for line in lines]


def latest(person: Person, names: tuple[str, ...]) -> dict[str, Setting]:
    """Of each name who set it last and when; of those never changed, who made the person. One query."""
    made = Q(kind=activity.NEW_PERSON.word)
    lines = Activity.objects.filter(made | _changed(names), person=person)
    found: dict[str, Setting] = {}
    for line in lines.order_by("-happened_at", "-id").iterator(chunk_size=200):
        for name in line.details.get("changes", names):
            if name in names:
                found.setdefault(name, Setting(str(line.details.get("by", "")), line.happened_at))
        if len(found) == len(names):
            break
    return found


def _changes(person: Person, names: tuple[str, ...]) -> models.QuerySet[Activity]:
    return Activity.objects.filter(_changed(names), person=person)


def _changed(names: tuple[str, ...]) -> Q:
    kind = activity.CHANGE_DATA_VALUE.word
    return Q(kind=kind, details__changes__has_any_keys=list(names))


def _change(line: Activity, names: tuple[str, ...]) -> Change:
    changes = line.details["changes"]
    name = next(each for each in names if each in changes)
    before, after = (fields.shown(name, value) for value in changes[name])
    return Change(line.happened_at, str(line.details.get("by", "")), before, after)
