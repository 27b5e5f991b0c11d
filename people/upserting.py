"""From rows that were read to people: who is known is changed, everybody else is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models.functions import Lower

from people import activity, editing
from people.activity import Changes, Happening
from people.columns import Reading
from people.models import Person


class Upsert:
    """What rows do to people: gathered in memory row by row, then written in bulk.

    `new` are the people made, `touched` the person of each row.
    """

    def __init__(self, readings: list[Reading], *, now: datetime) -> None:
        self.now = now
        self.readings = readings
        self.people: dict[str, Person] = {}
        self.new: list[Person] = []
        self.changes: dict[int, tuple[Person, Changes]] = {}
        self.touched: list[Person] = []

    def write(self, *, by: str) -> None:
        """Find who is known, then write new people, changed people and the history of both.

        A fixed number of statements; call it in the transaction of the deed.
        """
        self._find()
        self._place()
        Person.objects.bulk_create(self.new)
        happenings = [Happening(person.pk, {"by": by}) for person in self.new]
        activity.record(activity.NEW_PERSON, happenings, at=self.now)
        self._write_changes(by=by)

    def _find(self) -> None:
        """Lock and remember everybody the slice's addresses already belong to: one query."""
        known = Person.objects.present().annotate(key=Lower("email"))
        keys = {_key(reading) for reading in self.readings} - {""}
        for person in (
            known.filter(key__in=keys).select_for_update(of=("self",), no_key=True).order_by("-pk")
        ):
            self.people[person.email.lower()] = person

    def _place(self) -> None:
        """Give each row its person, in the order of the file."""
        for reading in self.readings:
            person = self.people.get(_key(reading))
            if person is None:
                person = self._make(reading)
            else:
                self._change(person, reading.values)
            self.touched.append(person)

    def _make(self, reading: Reading) -> Person:
        person = Person(created_at=self.now, updated_at=self.now)
        editing.apply(person, reading.values)
        self.new.append(person)
        if key := _key(reading):
            self.people[key] = person
        return person

    def _change(self, person: Person, values: dict[str, Any]) -> None:
        changes = editing.apply(person, _worth_taking(person, values))
        _person, before = self.changes.setdefault(id(person), (person, {}))
        for name, (old, new) in changes.items():
            before[name] = [before.get(name, [old])[0], new]

    def _write_changes(self, *, by: str) -> None:
        told = ((person, _really(changes)) for person, changes in self.changes.values())
        changed = [(person, changes) for person, changes in told if changes]
        self._store(changed)
        lines = [
            Happening(person.pk, {"changes": editing.told(changes), "by": by})
            for person, changes in changed
        ]
        activity.record(activity.CHANGE_DATA_VALUE, lines, at=self.now)

    def _store(self, changed: list[tuple[Person, Changes]]) -> None:
        """One upsert by id: SQL has no UPDATE of many rows, each to its own values."""
        new = {id(person) for person in self.new}  # these were inserted as they are now
        stored = [person for person, _changes in changed if id(person) not in new]
        if not stored:
            return
        for person in stored:
            person.updated_at = self.now
        fields = sorted({name for _person, changes in changed for name in changes})
        Person.objects.bulk_create(
            stored,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*fields, "updated_at"],
        )


def _key(reading: Reading) -> str:
    return str(reading.values.get("email", "")).lower()


def _worth_taking(person: Person, values: dict[str, Any]) -> dict[str, Any]:
    """Without the address (it matched) and without a number that is no news, or none."""
    dropped = {"email"}
    if person.mobile and values.get("mobile") in ("", person.mobile):
        dropped |= {"mobile", "mobile_region", "mobile_typed"}
    return {name: value for name, value in values.items() if name not in dropped}


def _really(changes: Changes) -> Changes:
    """Without what a later row put back."""
    return {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
