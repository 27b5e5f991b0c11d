"""Which time is meant: *in past 3 weeks*, *between* two days, *last month*; of a field or of an activity.

Days are those of this installation's zone. *In past* counts from the first moment of the day so long
ago up to now, hours to the moment. *In future* ends where the day so far ahead begins, and *in future
after* begins there, so that exactly 90 days ahead is *in future after 90 days* and *in future 91 days*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import durations
from .durations import NoDuration

Edge = date | datetime | None
"""A bound: the first moment of a day, a moment, or none at all."""
Edges = tuple[Edge, Edge]
"""From (with it) and to (without it)."""
FIRST, LAST = date(1800, 1, 1), date(2199, 12, 31)
INSTANT, DAY = timedelta(microseconds=1), timedelta(days=1)

LASTING = {
    "in_past": _("in past"),
    "in_past_before": _("in past before"),
    "in_future": _("in future"),
    "in_future_after": _("in future after"),
}
DATED = {
    "after": _("after"),
    "before": _("before"),
    "on_or_after": _("on or after"),
    "on_or_before": _("on or before"),
}
OPERATORS = {
    "is": _("is"),
    "is_not": _("is not"),
    "between": _("between"),
    **LASTING,
    "in_time_frame": _("in time frame"),
    **DATED,
}
NEEDED = {
    **{key: ["duration"] for key in LASTING},
    **{key: ["day"] for key in ["is", "is_not", *DATED]},
    "between": ["day", "to"],
    "in_time_frame": ["frame"],
}


@dataclass(frozen=True)
class Period:
    """What was chosen: an operator, and what it needs."""

    operator: str
    duration: str = ""
    day: date | None = None
    to: date | None = None
    frame: str = ""

    @property
    def words(self) -> str:
        """“in past 3 weeks”, “between 1 May and 3 May”."""
        said = str(OPERATORS[self.operator])
        if self.operator in LASTING:
            return f"{said} {durations.read(self.duration).words}"
        if self.operator == "in_time_frame":
            return f"{said} {FRAMES[self.frame][0]}"
        first, last = (formats.date_format(each) if each else "" for each in (self.day, self.to))
        return f"{said} {first}" + (
            f"{gettext(' and ')}{last}" if self.operator == "between" else ""
        )

    def edges(self, now: datetime) -> Edges:
        """Where it begins and ends. Of `is not`: those of what it is not."""
        today = timezone.localdate(now, timezone.get_default_timezone())
        if self.operator in LASTING:
            return _lasting(self.operator, durations.read(self.duration), now, today)
        if self.operator == "in_time_frame":
            return FRAMES[self.frame][1](today)
        assert self.day is not None
        after = self.day + DAY
        last = (self.to or self.day) + DAY
        return {
            "after": (after, None),
            "before": (None, self.day),
            "on_or_after": (self.day, None),
            "on_or_before": (None, after),
        }.get(self.operator, (self.day, last))


def _lasting(operator: str, duration: durations.Duration, now: datetime, today: date) -> Edges:
    is_past, is_hours = operator.startswith("in_past"), duration.unit == "hour"
    edge: Edge = duration.after(today, times=-1 if is_past else 1) if not is_hours else None
    if is_hours:
        long = timedelta(hours=duration.count)
        edge = now - long if is_past else now + long + INSTANT
    just_after_now = now + INSTANT
    return {
        "in_past": (edge, just_after_now),
        "in_past_before": (None, edge),
        "in_future": (just_after_now, edge),
        "in_future_after": (edge, None),
    }[operator]


# --- Time frames ----------------------------------------------------------------------------------


def _days(first: int, last: int) -> Callable[[date], Edges]:
    return lambda today: (today + first * DAY, today + last * DAY)


def _weeks(by: int) -> Callable[[date], Edges]:
    def edges(today: date) -> Edges:
        monday = today - today.weekday() * DAY + by * 7 * DAY
        return monday, monday + 7 * DAY

    return edges


def _months(by: int, length: int) -> Callable[[date], Edges]:
    """A month, a quarter or a year (3 or 12 months long), so many before or after this one."""

    def edges(today: date) -> Edges:
        month = today.year * 12 + (today.month - 1) // length * length + by * length
        return _first_of(month), _first_of(month + length)

    return edges


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


FRAMES: dict[str, tuple[Any, Callable[[date], Edges]]] = {
    "today": (_("today"), _days(0, 1)),
    "yesterday": (_("yesterday"), _days(-1, 0)),
    "tomorrow": (_("tomorrow"), _days(1, 2)),
    "this_week": (_("this week (from Monday)"), _weeks(0)),
    "last_week": (_("last week (from Monday)"), _weeks(-1)),
    "next_week": (_("next week (from Monday)"), _weeks(1)),
    "this_month": (_("this month"), _months(0, 1)),
    "last_month": (_("last month"), _months(-1, 1)),
    "next_month": (_("next month"), _months(1, 1)),
    "this_quarter": (_("this quarter"), _months(0, 3)),
    "last_quarter": (_("last quarter"), _months(-1, 3)),
    "next_quarter": (_("next quarter"), _months(1, 3)),
    "this_year": (_("this year"), _months(0, 12)),
    "last_year": (_("last year"), _months(-1, 12)),
    "next_year": (_("next year"), _months(1, 12)),
}

# --- Edges as columns have them -------------------------------------------------------------------


def moment(edge: date | datetime) -> datetime:
    """An edge as a moment in UTC. Where midnight does not exist, the day begins when clocks go forward."""
    if isinstance(edge, datetime):
        return edge
    begins = datetime.combine(edge, time(), tzinfo=timezone.get_default_timezone())
    try:
        return begins.astimezone(UTC)
    except OverflowError:
        return begins.replace(tzinfo=UTC)


def day(edge: date | datetime, *, is_end: bool) -> date:
    """An edge as a day. The only moment among dates is the one just after now: today counts either way."""
    if not isinstance(edge, datetime):
        return edge
    today = timezone.localdate(edge - INSTANT, timezone.get_default_timezone())
    return today + DAY if is_end else today


# --- Fields ---------------------------------------------------------------------------------------


class DurationField(forms.CharField):
    """A natural duration, cleaned to the way it is kept. `hours`: whether it may be of hours."""

    def __init__(self, *, hours: bool = True, **kwargs: Any) -> None:
        self.hours = hours
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return ""
        try:
            found = durations.read(str(text))
        except NoDuration as wrong:
            raise ValidationError(str(wrong)) from wrong
        if found.unit == "hour" and not self.hours:
            raise ValidationError(gettext("A date has no hours: write days or more."))
        return str(found)


class DayField(forms.DateField):
    """A day between the years 1800 and 2199."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = {"min": FIRST.isoformat(), "max": LAST.isoformat()}
        widget = forms.DateInput(attrs={"type": "date", **bounds}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not FIRST <= value <= LAST:
            raise ValidationError(gettext("Choose a day between the years 1800 and 2199."))


def fields(*, hours: bool = True) -> dict[str, forms.Field]:
    """What the operators need, by the names of `Period`."""
    durations_help = _("Such as 1 hour, 82 days, 3 weeks, 14 months or 1 year.")
    if not hours:
        durations_help = _("Such as 82 days, 3 weeks, 14 months or 1 year.")
    return {
        "duration": DurationField(
            hours=hours, label=_("Duration"), required=False, help_text=durations_help
        ),
        "day": DayField(label=_("Date"), required=False),
        "to": DayField(label=_("and"), required=False, help_text=_("Both days count.")),
        "frame": forms.ChoiceField(label=_("Time Frame"), choices=_choices(FRAMES), required=False),
    }


def _choices(frames: dict[str, tuple[Any, Any]]) -> Iterable[tuple[str, Any]]:
    return [(key, row[0]) for key, row in frames.items()]
