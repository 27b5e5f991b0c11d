"""The fields of a person in the groups of the screens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people import restrictions
from people.fields import Field

FLAGS = tuple(restrictions.WHY)
NAMED = {
    _("Name"): ("salutation", "first_name", "middle_name", "last_name"),
    _("Contact"): (
        *("email", "mobile_typed", "phone", "language", "time_zone", "date_of_birth", "website"),
    ),
    _("Work"): ("company", "job_title", "department", "industry", "employees", "annual_revenue"),
    _("Address"): ("address", "city", "state", "postal_code", "country"),
    _("Marketing"): ("score", "source"),
    _("Permission"): (
        *FLAGS,
        *("block_listed_reason", "marketing_suspended_reason", "unsubscribed_reason"),
    ),
}


@dataclass(frozen=True)
class Group:
    """A heading, and the names of the fields under it."""

    title: str | Promise
    names: tuple[str, ...]

    @property
    def slug(self) -> str:
        """A word for its id on the page: that of its first field."""
        return self.names[0]


def of(fields: Iterable[Field], *, but: Iterable[str] = ()) -> list[Group]:
    """The fields in their groups, in the order of the screen, without the empty groups."""
    known = {each.name: each for each in fields if each.name not in set(but)}
    placed = [name for names in NAMED.values() for name in names]
    rest = [name for name, each in known.items() if name not in placed and not each.key]
    own = [name for name, each in known.items() if each.key]
    named = {**NAMED, _("More"): rest, _("Fields of your own"): own}
    found = {
        title: tuple(name for name in names if name in known) for title, names in named.items()
    }
    return [Group(title, names) for title, names in found.items() if names]
