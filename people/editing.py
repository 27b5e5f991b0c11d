"""How people are created and changed; their history is written with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from people import activity, bulk, fields, keyed, mobile, restrictions, suppression
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
        if person.mobile:
            suppression.recognise([person.mobile], now=now)
    return person


def change(person: Person, values: Values, *, by: str, now: datetime) -> Changes:
    """Set these values, write one Change Data Value line with all of them, and return what changed.

    The row is locked and read again first, so that the log tells what really stood there; `person`
    is then as the database has it. No change, no line.
    """
    with transaction.atomic():
        person.refresh_from_db(from_queryset=Person.objects.select_for_update(no_key=True))
        changes = apply(person, values)
        again = [name for name in restricting(values) if name not in changes]
        restrictions.said_again({name: [person.pk] for name in again})
        if changes:
            person.updated_at = now
            person.save(update_fields=[*columns(values), "updated_at"])
            line = Happening(person.pk, {"changes": told(changes), "by": by})
            activity.record(activity.CHANGE_DATA_VALUE, [line], at=now)
        if "mobile" in changes and person.mobile:
            suppression.recognise([person.mobile], now=now)
    return changes


def restricting(values: Values) -> list[str]:
    """The restrictions that these values put on somebody."""
    return [name for name in restrictions.WHY if values.get(name) is True]


def apply(person: Person, values: Values) -> Changes:
    """Set these values in memory; return those that are new."""
    changes: Changes = {}
    for name, after in values.items():
        field = fields.find(name)
        before = field.value(person) if field else getattr(person, name)
        if before != after:
            field.put(person, after) if field else setattr(person, name, after)
            changes[name] = [before, after]
    return changes


def columns(names: Iterable[str]) -> list[str]:
    """The columns of Person in which these fields are, each once."""
    found = ((fields.find(name), name) for name in names)
    return list(dict.fromkeys(field.column if field else name for field, name in found))


def told(changes: Changes) -> Changes:
    """The changes as the log tells them: a number once, as typed only where it is no number."""
    kept = {name: pair for name, pair in changes.items() if name != "mobile_region"}
    typed = kept.pop("mobile_typed", None) if "mobile" in kept else None
    if typed:
        pairs = zip(kept["mobile"], typed, strict=True)
        kept["mobile"] = [number or words for number, words in pairs]
    return {name: [fields.kept(name, value) for value in pair] for name, pair in kept.items()}


def number(typed: str, *, region: str) -> dict[str, str]:
    """The three values of Person that a typed number stands for."""
    found = mobile.parse(typed, region=region)
    return {
        "mobile_typed": typed.strip()[:64],
        "mobile": found.e164,
        "mobile_region": found.region,
    }


def change_many(people: PersonQuerySet, name: str, value: Any, *, by: str, now: datetime) -> int:
    """Set one field of many people, with a line of history for those it changes; say how many.

    Three statements for any number of people (some more where a restriction is put on who has it
    already). Call it inside a transaction.
    """
    field = fields.get(name)
    after = fields.kept(name, value)
    found = {pk: fields.kept(name, kept) for pk, kept in people.values_list("pk", field.name)}
    before = {pk: was for pk, was in found.items() if was != after}
    Person.objects.filter(pk__among=before).update(**_set(field, value), updated_at=now)
    _say_again(dict.fromkeys(found.keys() - before.keys(), after), name)
    lines = [
        Happening(pk, {"changes": {name: [was, after]}, "by": by}) for pk, was in before.items()
    ]
    return activity.record(activity.CHANGE_DATA_VALUE, lines, at=now)


def change_each(
    people: PersonQuerySet, name: str, values: Mapping[int, Any], *, by: str, now: datetime
) -> int:
    """As `change_many`, each of them to a value of their own, by id; whoever has none there is left alone."""
    field = fields.get(name)
    them = people.filter(pk__among=values).order_by("pk")
    lines: dict[int, Happening] = {}
    columns: list[Any] = []
    seen: list[int] = []
    for person in them.select_for_update(no_key=True, of=("self",)).only("pk", field.column):
        seen.append(person.pk)
        was, after = (fields.kept(name, each) for each in (field.value(person), values[person.pk]))
        if was != after:
            field.put(person, values[person.pk])
            columns.append(getattr(person, field.column))
            lines[person.pk] = Happening(person.pk, {"changes": {name: [was, after]}, "by": by})
    match, each = {"id": [*lines]}, {field.column: columns}
    bulk.update_rows(Person, match=match, each=each, same={"updated_at": now})
    _say_again({pk: values[pk] for pk in seen if pk not in lines}, name)
    return activity.record(activity.CHANGE_DATA_VALUE, [*lines.values()], at=now)


def _say_again(unchanged: Mapping[int, Any], name: str) -> None:
    barred = [pk for pk, value in unchanged.items() if restricting({name: value})]
    restrictions.said_again({name: barred})


def _set(field: fields.Field, value: Any) -> dict[str, Any]:
    if not field.key:
        return {field.name: value}
    if field.is_blank(value):
        return {"custom": keyed.Drop("custom", field.key)}
    return {"custom": keyed.Put("custom", field.key, field.type.to_json(value))}
