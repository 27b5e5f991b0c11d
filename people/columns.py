"""From a row of a file to what it says of a person: which column is which field, what is a reject.

A mapping is {column index as text: name of a field}; columns that are ignored are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from people import editing, spreadsheet
from people.csv_file import Row
from people.fields import WRITABLE, Unreadable, shown

Mapped = Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """What a row says: values of fields of Person, or why it is rejected (then `values` is empty).

    `invalid_number` is what stood there for a number and is none; such a row is still taken.
    """

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    rejected: str = ""
    invalid_number: str = ""

    @property
    def said(self) -> str:
        """What stands in the row, for the eye."""
        return " · ".join(cell for cell in self.row.cells if cell.strip())


def suggest(columns: list[str]) -> dict[str, str]:
    """The mapping that the headers suggest; each field once, the first column that fits."""
    names = {_plain(word): each.name for each in WRITABLE.values() for word in each.synonyms}
    mapping: dict[str, str] = {}
    for index, column in enumerate(columns):
        name = names.get(_plain(column))
        if name and name not in mapping.values():
            mapping[str(index)] = name
    return mapping


def complaint(mapping: Mapped) -> str:
    """Why nothing can be imported with this mapping; empty when it is good."""
    taken = list(mapping.values())
    twice = next((name for name in taken if taken.count(name) > 1), None)
    if twice:
        said = _("Two columns are mapped to %(field)s. Ignore one of them.")
        return said % {"field": WRITABLE[twice].label}
    if not {"email", "mobile_typed", "first_name", "last_name"} & set(taken):
        return _("Map at least one column to an e-mail address, a phone number or a name.")
    return ""


def read(row: Row, mapping: Mapped, *, region: str) -> Reading:
    """What the row says, as it would be taken. Never raises.

    Empty cells say nothing. Rejected is a row that
    - has the wrong number of cells, or a cell over 10 KB (`row.broken`);
    - is empty, or empty in all columns that are mapped;
    - has a cell its field cannot take (a malformed e-mail address, a score that is no number, …);
    - has neither an e-mail address, nor a valid number, nor a name: nobody could be told by it.
    A number that is not valid does not reject a row that has an address or a name: the person is
    taken without a number, and what was typed is kept.
    """
    if row.broken:
        return Reading(row, rejected=row.broken)
    try:
        values = _values(row, mapping, region=region)
    except Unreadable as error:
        return Reading(row, rejected=str(error))
    typed = values.get("mobile_typed", "")
    wrong = typed if typed and not values["mobile"] else ""
    rejected = _nobody(row, values, wrong)
    return Reading(row, {} if rejected else values, rejected, wrong)


def _values(row: Row, mapping: Mapped, *, region: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for index, name in mapping.items():
        cell = spreadsheet.plain(row.cells[int(index)]).strip() if row.cells else ""
        if cell:
            values[name] = WRITABLE[name].read(WRITABLE[name], cell)
    if "mobile_typed" in values:
        values |= editing.number(values["mobile_typed"], region=region)
    return values


def _nobody(row: Row, values: dict[str, Any], wrong: str) -> str:
    if any(values.get(name) for name in ("email", "mobile", "first_name", "last_name")):
        return ""
    if not any(cell.strip() for cell in row.cells):
        return _("The row is empty.")
    if wrong:
        said = _("%(typed)s is not a valid number, and there is no e-mail address or name.")
        return said % {"typed": shown(wrong)}
    return _("There is no e-mail address, no phone number and no name.")


def _plain(header: str) -> str:
    return "".join(letter for letter in header.casefold() if letter.isalnum())
