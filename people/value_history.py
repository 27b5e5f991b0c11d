"""What one field of a person was, newest first, as the activity log tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from people import activity, fields
from people.models import Activity, Person

SHOWN = 50
# A number is in the log once, under the number it stands for (`editing.told`).
_NUMBER = ("mobile", "mobile_typed")
_ALSO = {"mobile_typed": _NUMBER}


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
    """Of each name who set it last to what it is; of those never changed, who made the person. One query.

    The history of others who were merged into the person is among the lines: what they had, and it is
    not now, nobody set, and of several who were made the first counts.
    """
    made = Q(kind=activity.NEW_PERSON.word)
    lines = Activity.objects.filter(made | _changed(names), person=person)
    found: dict[str, Setting] = {}
    otherwise: dict[str, Setting] = {}
    for line in lines.order_by("-happened_at", "-id").iterator(chunk_size=200):
        setting = Setting(str(line.details.get("by", "")), line.happened_at)
        if line.kind == activity.NEW_PERSON.word:
            otherwise |= dict.fromkeys(names, setting)
            continue
        for name, (_before, after) in line.details["changes"].items():
            if name in names:
                (found if _is_so(person, name, after) else otherwise).setdefault(name, setting)
        if len(found) == len(names):
            break
    return otherwise | found


def _is_so(person: Person, name: str, told: Any) -> bool:
    """Whether a field holds what a line told of it."""
    if name in _NUMBER:
        return told in {getattr(person, each) for each in _NUMBER}
    return bool(fields.kept(name, fields.get(name).value(person)) == told)


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
