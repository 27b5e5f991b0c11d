"""From a row of a file to what it says of a person: which column is which field, what is a reject.

A mapping is {column index as text: name of a field}; columns that are ignored are not in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from people import editing, matching, proof, spreadsheet
from people.csv_file import Row
from people.field_types import Compares, Unreadable, quoted
from people.fields import Field
from people.matching import Key
from people.meant import Meant

Mapped = Mapping[str, str]
Known = Mapping[str, Field]
"""Every field there is, by name (`fields.everything`)."""
NOTHING = {"NULL", "\\N", "#N/A"}  # what programs write where they have nothing
NAMES = ("first_name", "middle_name", "last_name")
_SHORT_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?!\d)", re.ASCII)


@dataclass(frozen=True)
class Plan:
    """How the rows of one file are read, and by what they tell people. `now`: consent is not of tomorrow."""

    mapping: Mapped
    known: Known
    key: Key
    now: datetime
    region: str = "US"
    is_day_first: bool = False

    @cached_property
    def meant(self) -> Meant:
        """What its cells do not say: numbers are of the file's country, times of our zone."""
        return Meant(region=self.region)


@dataclass(frozen=True)
class Reading:
    """What a row says: values of fields of Person, or why it is rejected (then `values` is empty).

    `invalid_number` is what stood there for a number and is none; such a row is still taken. `key` is
    by what the person is told, empty where the row does not say. `evidence` is proof of consent.
    """

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    rejected: str = ""
    invalid_number: str = ""
    key: str = ""
    evidence: Mapping[str, Any] | None = None

    @property
    def said(self) -> str:
        """What stands in the row, for the eye."""
        return " · ".join(cell for cell in self.row.cells if cell.strip())

    @property
    def is_fixed(self) -> bool:
        """Whether its number was put into the one form that numbers have here."""
        number = self.values.get("mobile")
        return bool(number) and number != self.values.get("mobile_typed")


def choices(known: Known) -> Known:
    """Everything that a column may be mapped to."""
    return {**known, **proof.COLUMNS}


def suggest(columns: list[str], known: Known) -> dict[str, str]:
    """The mapping that the headers suggest; each field once, the first column that fits."""
    # Standard fields come first: a custom one of the same name does not take their columns away.
    every = [*known.values(), *proof.COLUMNS.values()]
    names = {_plain(word): each.name for each in reversed(every) for word in each.synonyms}
    mapping: dict[str, str] = {}
    for index, column in enumerate(columns):
        name = names.get(_plain(column))
        if name and name not in mapping.values():
            mapping[str(index)] = name
    return mapping


def complaint(mapping: Mapped, known: Known, *, key: str = "") -> str:
    """Why nothing can be imported with this mapping; empty when it is good."""
    taken = list(mapping.values())
    twice = next((name for name in taken if taken.count(name) > 1), None)
    if twice:
        said = _("Two columns are mapped to %(field)s. Ignore one of them.")
        return said % {"field": choices(known)[twice].label}
    if not {"email", "mobile_typed", *NAMES[::2]} & set(taken):
        return _("Map at least one column to an e-mail address, a phone number or a name.")
    if key and key not in taken:
        said = _("People are told by %(field)s: map a column to it, or choose otherwise below.")
        return said % {"field": known[key].label if key in known else key}
    return proof.complaint(taken)


def read(row: Row, plan: Plan) -> Reading:
    """What the row says, as it would be taken. Never raises.

    Empty cells say nothing, nor do those in which a program wrote NULL. Rejected is a row that
    - has the wrong number of cells, a cell over 10 KB, an unreadable letter, … (`row.broken`);
    - has a cell its field cannot take (a malformed e-mail address, a score that is no number, …);
    - claims consent without its proof;
    - has neither an e-mail address, nor a valid number, nor a name: nobody could be told by it.
    A number that is not valid does not reject a row that has an address or a name: the person is
    taken without a number, and what was typed is kept.
    """
    if row.broken:
        return Reading(row, rejected=row.broken)
    try:
        values = _values(row, plan)
        proof.check(values, now=plan.now)
    except Unreadable as error:
        return Reading(row, rejected=str(error))
    evidence = values.pop(proof.CONSENT, None)
    typed = values.get("mobile_typed", "")
    wrong = typed if typed and not values["mobile"] else ""
    rejected = _nobody(values, wrong)
    if rejected:
        return Reading(row, rejected=rejected, invalid_number=wrong)
    return Reading(row, values, "", wrong, matching.of(values, plan.key), evidence)


def _values(row: Row, plan: Plan) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for index, name in plan.mapping.items():
        cell = spreadsheet.plain(row.cells[int(index)]).strip()
        if cell and (cell not in NOTHING or name in NAMES):
            values[name] = _read(cell, plan.known[name], plan)
    if "mobile_typed" in values:
        values |= editing.number(values["mobile_typed"], region=plan.region)
    return values


def _read(cell: str, field: Field, plan: Plan) -> Any:
    if field.type.compares in (Compares.DATE, Compares.MOMENT):
        cell = in_order(cell, is_day_first=plan.is_day_first)
    return field.read(cell, plan.meant)


def in_order(typed: str, *, is_day_first: bool) -> str:
    """A date of three numbers as ISO 8601 has it; what is none stays as it is."""
    found = _SHORT_DATE.match(typed)
    if not found:
        return typed
    first, second, year = found.groups()
    day, month = (first, second) if is_day_first else (second, first)
    return f"{year}-{int(month):02}-{int(day):02}{typed[found.end() :]}"


def _nobody(values: dict[str, Any], wrong: str) -> str:
    if any(values.get(name) for name in ("email", "mobile", "first_name", "last_name")):
        return ""
    if wrong:
        said = _("%(typed)s is not a valid number, and there is no e-mail address or name.")
        return said % {"typed": quoted(wrong)}
    return _("There is no e-mail address, no phone number and no name.")


def _plain(header: str) -> str:
    return "".join(letter for letter in header.casefold() if letter.isalnum())
