"""Filters on a date or a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, Value
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from campaigns.registry import FilterType
from people import keyed
from people.field_types import TYPES

from . import periods
from .forms import EMPTY, OperatorForm
from .periods import NEEDED, OPERATORS, Period

ABOUT = gettext_noop(
    "Days are those of %(zone)s. Where there is no date, only “is empty” and “is not” find it: "
    "no date is not before any other."
)
SECOND = timedelta(seconds=1)


class DateForm(OperatorForm):
    """For dates and moments; `date_form` makes that of each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = {"zone": timezone.get_default_timezone_name()}
        self.fields["operator"].help_text = gettext(ABOUT) % zone

    def needed(self, choice: str) -> list[str]:
        return NEEDED.get(choice, [])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("operator") == "between":
            self.refuse_disorder(cleaned, "day")
        return cleaned


@cache
def date_form(word: str) -> type[DateForm]:
    """The form for a date, or for a moment (`datetime`)."""
    choices = [*OPERATORS.items(), *EMPTY.items()]
    operator = forms.ChoiceField(label=_("Operator"), choices=choices)
    made = {"operator": operator, **periods.fields(hours=word == "datetime")}
    return type("DateForm", (DateForm,), made)


@dataclass(frozen=True)
class DateParams:
    operator: str
    duration: str = ""
    day: date | None = None
    to: date | None = None
    frame: str = ""


class DateFilter(FilterType[DateParams]):
    """Compares a date or a moment."""

    field: ClassVar[str]
    key: ClassVar[str] = ""  # of a custom field
    type: ClassVar[str] = "datetime"  # or "date"
    Params = DateParams

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.Form = date_form(cls.type)

    def summary(self, params: DateParams) -> str:
        if params.operator in EMPTY:
            return f"{self.label} {EMPTY[params.operator]}"
        return f"{self.label} {_period(params).words}"

    def renewed(self, config: Mapping[str, Any], *, exactly: bool = False) -> Mapping[str, Any]:
        """Days back from now were once counted by 24 hours, in a field of their own."""
        return from_days(config, operator="operator", exactly=exactly)

    def q(self, params: DateParams, *, now: datetime) -> Q:
        if params.operator in EMPTY:
            there = self._is_there()
            return there if params.operator == "is_not_empty" else ~there
        low, high = _period(params).edges(now)
        found = self._is_there()
        for edge, lookup in ((low, "gte"), (high, "lt")):
            if edge is not None:
                found &= self._compared(lookup, self._value(edge, lookup))
        return ~found if params.operator == "is_not" else found

    def _is_there(self) -> Q:
        if self.key:
            return ~Q(Exact(self._custom, Value("")))
        return Q(**{f"{self.field}__isnull": False})

    def _compared(self, lookup: str, value: Any) -> Q:
        if not self.key:
            return Q(**{f"{self.field}__{lookup}": value})
        made = GreaterThanOrEqual if lookup == "gte" else LessThan
        return Q(made(self._custom, TYPES[self.type].to_json(value)))

    @property
    def _custom(self) -> keyed.Sortable:
        return keyed.Sortable("custom", self.key)

    def _value(self, edge: date | datetime, lookup: str) -> date | datetime:
        """An edge as the column has it. In JSON moments are whole seconds."""
        if self.type == "date":
            return periods.day(edge, is_end=lookup == "lt")
        found = periods.moment(edge)
        return _whole(found) if self.key else found


def from_days(config: Mapping[str, Any], *, operator: str, exactly: bool) -> Mapping[str, Any]:
    """A config that says `days`, as one that says a duration."""
    if "days" not in config:
        return config
    said = {name: value for name, value in config.items() if name != "days"}
    if said.get(operator) in ("in_past_days", None):
        said[operator] = "in_past"
    if said[operator] == "in_past" and config["days"]:
        days = int(config["days"]) if str(config["days"]).isdecimal() else 0
        unit = "hours" if exactly else "days" if days != 1 else "day"
        said["duration"] = f"{days * 24 if exactly else days} {unit}" if days else ""
    return said


def _period(params: DateParams) -> Period:
    return Period(params.operator, params.duration, params.day, params.to, params.frame)


def _whole(at: datetime) -> datetime:
    """The first whole second from then on."""
    at = at.astimezone(UTC)
    return at if not at.microsecond else at.replace(microsecond=0) + SECOND
