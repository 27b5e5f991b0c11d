"""From rows that were read to people: who is known is changed, everybody else is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from people import activity, bulk, editing, matching, proof, restrictions, suppression
from people.activity import Changes, Happening
from people.columns import Reading
from people.matching import Key
from people.models import Person

Changed = tuple[Person, Changes]


class Upsert:
    """What rows do to people: gathered in memory row by row, then written by the column.

    `new` are the people made, `touched` the person of each row, `changed` who else was changed, in what.
    """

    def __init__(self, readings: list[Reading], *, key: Key, now: datetime) -> None:
        self.now, self.key = now, key
        self.readings = readings
        self.people: dict[str, Person] = {}
        self.new: list[Person] = []
        self.touched: list[Person] = []
        self.changed: list[Changed] = []
        self._changes: dict[int, Changed] = {}
        self._filled: set[str] = set()
        self._again: dict[str, set[int]] = {}

    def write(self, *, told: Mapping[str, Any]) -> None:
        """Find who is known, then write new people, changed people and the history of both.

        A fixed number of statements; call it in the transaction of the deed. `told` is what each line
        of history says besides: by whom, and of which import.
        """
        self._find()
        self._place()
        self._insert()
        happenings = [Happening(person.pk, told) for person in self.new]
        activity.record(activity.NEW_PERSON, happenings, at=self.now)
        self._change_all(told)
        restrictions.said_again(self._again, by_import=told.get("import", 0))
        given = [(person.pk, each.evidence) for person, each in self._placed() if each.evidence]
        proof.record(given, told, at=self.now)
        if numbers := {person.mobile for person in self.touched} - {""}:
            suppression.recognise(numbers, now=self.now)

    def _placed(self) -> Iterable[tuple[Person, Reading]]:
        return zip(self.touched, self.readings, strict=True)

    def _find(self) -> None:
        """Lock and remember everybody whom the slice's keys already tell: one query."""
        keys = {reading.key for reading in self.readings} - {""}
        if not keys:
            return
        known = matching.among(keys, self.key).select_for_update(of=("self",), no_key=True)
        for person in known.order_by("-pk"):
            self.people[person.key] = person  # type: ignore[attr-defined]

    def _place(self) -> None:
        """Give each row its person, in the order of the file."""
        for reading in self.readings:
            person = self.people.get(reading.key)
            if person is None:
                person = self._make(reading)
            else:
                self._change(person, reading.values)
            self.touched.append(person)

    def _make(self, reading: Reading) -> Person:
        person = Person(created_at=self.now, updated_at=self.now)
        self._filled |= editing.apply(person, reading.values).keys()
        self.new.append(person)
        if reading.key:
            self.people[reading.key] = person
        return person

    def _change(self, person: Person, values: dict[str, Any]) -> None:
        changes = editing.apply(person, self._worth_taking(person, values))
        for name in editing.restricting(values):
            if name not in changes and person.pk:
                self._again.setdefault(name, set()).add(person.pk)
        _person, before = self._changes.setdefault(id(person), (person, {}))
        for name, (old, new) in changes.items():
            before[name] = [before.get(name, [old])[0], new]

    def _worth_taking(self, person: Person, values: dict[str, Any]) -> dict[str, Any]:
        """Without what told the person, and without a number that is no news, or none."""
        dropped = {*self.key.of_person}
        if person.mobile and values.get("mobile") in ("", person.mobile):
            dropped |= {"mobile", "mobile_region", "mobile_typed"}
        return {name: value for name, value in values.items() if name not in dropped}

    def _insert(self) -> None:
        if not self.new:
            return
        for person, pk in zip(self.new, bulk.draw_ids(Person, len(self.new)), strict=True):
            person.pk = pk
        made = self._made()
        later = (changes for person, changes in self._changes.values() if person in made)
        self._filled.update(*later)
        names = ["id", *editing.columns(sorted(self._filled))]
        columns = {name: [getattr(person, name) for person in self.new] for name in names}
        bulk.insert_rows(Person, columns, same={"created_at": self.now, "updated_at": self.now})

    def _made(self) -> set[Person]:
        return set(self.new)

    def _change_all(self, told: Mapping[str, Any]) -> None:
        gathered = ((person, _really(changes)) for person, changes in self._changes.values())
        changed = [(person, changes) for person, changes in gathered if changes]
        made = self._made()
        self.changed = [each for each in changed if each[0] not in made]
        store(self.changed, now=self.now)
        record(changed, told, now=self.now)


def store(changed: list[Changed], *, now: datetime) -> None:
    """Write the columns in which these people, locked before, were changed: one statement."""
    if not changed:
        return
    people = [person for person, _changes in changed]
    names = editing.columns(sorted({name for _, changes in changed for name in changes}))
    each = {name: [getattr(person, name) for person in people] for name in names}
    ids = [person.pk for person in people]
    bulk.update_rows(Person, match={"id": ids}, each=each, same={"updated_at": now})


def record(changed: list[Changed], told: Mapping[str, Any], *, now: datetime) -> None:
    """A Change Data Value line for each of them."""
    lines = [
        Happening(person.pk, {"changes": editing.told(changes), **told})
        for person, changes in changed
    ]
    activity.record(activity.CHANGE_DATA_VALUE, lines, at=now)


def _really(changes: Changes) -> Changes:
    """Without what a later row put back."""
    return {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
