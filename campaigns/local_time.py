"""Local times: what somebody means who writes a date and a time of day in a zone.

Twice a year that is not plain. Where clocks go forward, some times of day do not exist; where they go
back, some exist twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

SHAPE = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Moment:
    """The instant (UTC) that is meant; whether its wall time is another one, or comes twice that day."""

    at: datetime
    is_moved: bool
    is_first_of_two: bool


def resolve(local: datetime, zone: ZoneInfo) -> Moment:
    """What a naive local time means in a zone.

    One that does not exist moves forward by what the clocks were put forward; one that exists twice
    is the first.
    """
    # What zoneinfo reads from fold=0 is exactly that, in a gap and in an overlap.
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    at = first.astimezone(UTC)
    exists = at.astimezone(zone).replace(tzinfo=None) == local
    return Moment(at, not exists, exists and first.utcoffset() != second.utcoffset())


def to_text(local: datetime) -> str:
    """A naive local time as it is kept, to the minute."""
    return local.strftime(SHAPE)


def from_text(kept: str) -> datetime:
    """The naive local time that was kept."""
    return datetime.strptime(kept, SHAPE)  # noqa: DTZ007  # naive is the point


def words(at: datetime, zone: str) -> str:
    """An instant as the clocks of a zone show it, and the zone by its name."""
    shown = date_format(at.astimezone(ZoneInfo(zone)), "DATETIME_FORMAT")
    return _("%(time)s (%(zone)s)") % {"time": shown, "zone": zone}


def note(asked_for: str, zone: str) -> str:
    """What is to be said of a local time that is not plain; else ''."""
    local = from_text(asked_for)
    moment = resolve(local, ZoneInfo(zone))
    told = {"time": date_format(local, "TIME_FORMAT"), "zone": zone}
    if moment.is_moved:
        return _("Clocks go forward in %(zone)s: %(time)s does not exist on that day.") % told
    if moment.is_first_of_two:
        return _("Clocks go back in %(zone)s: %(time)s comes twice, this is the first.") % told
    return ""


def instance_zone() -> str:
    """The zone in which this instance plans, by its name."""
    return timezone.get_default_timezone_name()


@cache
def zones() -> tuple[str, ...]:
    """Every zone that can be planned in: those named for a place, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if _is_a_place(name)))


def _is_a_place(name: str) -> bool:
    return "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/"))
