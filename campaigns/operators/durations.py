"""Natural durations: `1 hour`, `82 days`, `3 weeks`, `14 months`, `1 year`."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, ngettext

DAYS, MONTHS = {"day": 1, "week": 7}, {"month": 1, "year": 12}
UNITS = ["hour", *DAYS, *MONTHS]
MOST_DAYS = 73_000  # 200 years
_WRITTEN = re.compile(r"([0-9]{1,5})\s*([a-z]+)", re.IGNORECASE)


class NoDuration(ValueError):
    """It is none; the message says what one looks like, in words for the screen."""


@dataclass(frozen=True)
class Duration:
    """So many of a unit (hour, day, week, month, year)."""

    count: int
    unit: str

    def __str__(self) -> str:
        """As it is kept, and may be typed: `3 weeks`."""
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    @property
    def words(self) -> str:
        said = {
            "hour": ngettext("%d hour", "%d hours", self.count),
            "day": ngettext("%d day", "%d days", self.count),
            "week": ngettext("%d week", "%d weeks", self.count),
            "month": ngettext("%d month", "%d months", self.count),
            "year": ngettext("%d year", "%d years", self.count),
        }
        return said[self.unit] % self.count

    def after(self, day: date, *, times: int = 1) -> date:
        """The day so much later (`times=-1`: earlier), for units of days and more.

        Where a month has no such day, its last one: a month before 31 March is 28 February.
        """
        if self.unit in DAYS:
            return date.fromordinal(day.toordinal() + times * self.count * DAYS[self.unit])
        months = day.year * 12 + day.month - 1 + times * self.count * MONTHS[self.unit]
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def read(typed: str) -> Duration:
    """What was typed. Raises NoDuration."""
    found = _WRITTEN.fullmatch(typed.strip())
    unit = found[2].lower().removesuffix("s") if found else ""
    if not found or unit not in UNITS:
        raise NoDuration(
            gettext("Write a number and a unit: 1 hour, 82 days, 3 weeks, 14 months, 1 year.")
        )
    duration = Duration(int(found[1]), unit)
    if not duration.count:
        raise NoDuration(gettext("Write at least 1."))
    if duration.count * ({"hour": 1 / 24, "month": 31, "year": 366} | DAYS)[unit] > MOST_DAYS:
        raise NoDuration(gettext("This is more than 200 years. Write less."))
    return duration
