"""How people are created and changed; their history is written with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from people import activity, mobile
from people.activity import Changes, Happening
from people.models import Person, PersonQuerySet

Values = Mapping[str, Any]


def create(values: Values, *, by: str, now: datetime) -> Person:
    """A new person with these values of its fields; `by` is who did it, as the log shows it.

    Nobody is matched: two people may share an e-mail address or a number.
    """
    person = Person(created_at=now, updated_at=now)
    apply(person, values)
    with transaction.atomic():
        person.save(force_insert=True)
        activity.record(activity.NEW_PERSON, [Happening(person.pk, {"by": by})], at=now)
    return person


def change(person: Person, values: Values, *, by: str, now: datetime) -> Changes:
    """Set these values, write one Change Data Value line with all of them, and return what changed.

    The row is locked and read again first, so that the log tells what really stood there; `person`
    is then as the database has it. No change, no line.
    """
    with transaction.atomic():
        person.refresh_from_db(from_queryset=Person.objects.select_for_update(no_key=True))
        changes = apply(person, values)
        if changes:
            person.updated_at = now
            person.save(update_fields=[*values, "updated_at"])
            line = Happening(person.pk, {"changes": told(changes), "by": by})
            activity.record(activity.CHANGE_DATA_VALUE, [line], at=now)
    return changes


def apply(person: Person, values: Values) -> Changes:
    """Set these values in memory; return those that are new."""
    changes: Changes = {}
    for name, after in values.items():
        before = getattr(person, name)
        if before != after:
            setattr(person, name, after)
            changes[name] = [before, after]
    return changes


def told(changes: Changes) -> Changes:
    """The changes as the log tells them: a number once, as typed only where it is no number."""
    kept = {name: pair for name, pair in changes.items() if name != "mobile_region"}
    typed = kept.pop("mobile_typed", None) if "mobile" in kept else None
    if typed:
        pairs = zip(kept["mobile"], typed, strict=True)
        kept["mobile"] = [number or words for number, words in pairs]
    return kept


def number(typed: str, *, region: str) -> dict[str, str]:
    """The three values of Person that a typed number stands for."""
    found = mobile.parse(typed, region=region)
    return {
        "mobile_typed": typed.strip()[:64],
        "mobile": found.e164,
        "mobile_region": found.region,
    }


def change_many(people: PersonQuerySet, field: str, value: Any, *, by: str, now: datetime) -> int:
    """Set one field of many people, with a line of history for those it changes; say how many.

    Three statements for any number of people. Call it inside a transaction.
    """
    different = people.exclude(**{field: value})
    before = dict(different.values_list("pk", field))
    Person.objects.filter(pk__among=before).update(**{field: value}, updated_at=now)
    lines = [
        Happening(pk, {"changes": {field: [was, value]}, "by": by}) for pk, was in before.items()
    ]
    return activity.record(activity.CHANGE_DATA_VALUE, lines, at=now)
