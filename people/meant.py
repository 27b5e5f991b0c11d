"""What goes without saying where something is typed: the country of a number, the zone of a time.

A time without a zone means one moment, whoever reads it: that of this installation's zone, on a page
and in a worker. Only a form in which somebody sees the value in their own zone says so, and then it
is settled at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils import timezone
from django.utils.translation import gettext as _

from people.models.setting import declared


@dataclass(frozen=True)
class Meant:
    """Left empty, both are those of this installation."""

    region: str = ""
    zone: tzinfo | None = None

    @property
    def country(self) -> str:
        """Of a number without a country code. A query where it is not said."""
        return self.region or str(declared["default_region"].get())

    def moment(self, local: datetime) -> datetime:
        """What a naive local time means: as a planned run reads it (`campaigns.local_time.resolve`).

        One that does not exist moves forward by what the clocks were put forward; one that exists
        twice is the first. That is what zoneinfo reads from fold=0.
        """
        return local.replace(tzinfo=self.zone or timezone.get_default_timezone(), fold=0)


HERE = Meant()


def by_the_reader() -> Meant:
    """Who types into a form that shows them values in their own zone means that one. One query."""
    return Meant(str(declared["default_region"].get()), timezone.get_current_timezone())


def told() -> str:
    """What is said beside a box whose times are of this installation's zone."""
    said = _("A time without a zone is one of %(zone)s, such as 2026-03-31 14:30.")
    return said % {"zone": timezone.get_default_timezone_name()}
