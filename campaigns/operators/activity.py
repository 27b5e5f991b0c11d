"""Filters on what happened to a person, as the activity log tells it; and those on what did not.

Each has *Date of Activity*, and constraints that narrow which lines of the log count. Of what happened,
*Min. Number of Times* says how often it must have.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm, FilterType
from people.models import Activity

from . import periods
from .constraints import Constraint
from .dates import from_days
from .forms import OperatorForm
from .periods import NEEDED, OPERATORS, Period

EVER = ""
OCCURS = {"yes": _("occurs"), "no": _("does not occur")}


class ActivityForm(OperatorForm):
    """Constraints, and the date of the activity; made for each filter by `_form`."""

    menu = "at"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = gettext("any")

    def depending(self) -> list[str]:
        also = ["times"] if "times" in self.fields else []
        return ["duration", "day", "to", "frame", *also]

    def needed(self, choice: str) -> list[str]:
        return NEEDED.get(choice, [])

    def _unneeded(self, choice: str) -> list[str]:
        happens = self.stored("operator") != "no"
        return [name for name in super()._unneeded(choice) if name != "times" or not happens]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("at") == "between":
            self.refuse_disorder(cleaned, "day")
        return cleaned


def _form(filter_: type[ActivityFilter]) -> type[ConfigForm]:
    happens = {"operator": forms.ChoiceField(label=_("Operator"), choices=[*OCCURS.items()])}
    often = forms.IntegerField(
        label=_("Min. Number of Times"), min_value=1, max_value=10_000, initial=1, required=False
    )
    zone_help = _("Days are those of the time zone of this installation.")
    fields: dict[str, Any] = {} if filter_.is_inactivity else happens
    fields |= {each.name: each.field() for each in filter_.constraints}
    fields["at"] = forms.ChoiceField(
        label=_("Date of Activity"),
        choices=[(EVER, _("at any time")), *OPERATORS.items()],
        required=False,
        initial=EVER,
        help_text=zone_help,
    )
    fields |= periods.fields()
    fields |= {} if filter_.is_inactivity else {"times": often}
    return type("ActivityForm", (*filter_.mixed_in(), ActivityForm), fields)


def _params(filter_: type[ActivityFilter]) -> type[Any]:
    happens: list[Any] = [] if filter_.is_inactivity else [("operator", str)]
    required = [(each.name, each.hint) for each in filter_.constraints if each.required]
    optional = [
        (each.name, each.hint, dataclasses.field(default=each.nothing))
        for each in filter_.constraints
        if not each.required
    ]
    period: list[Any] = [
        ("at", str, dataclasses.field(default=EVER)),
        ("duration", str, dataclasses.field(default="")),
        ("day", date | None, dataclasses.field(default=None)),
        ("to", date | None, dataclasses.field(default=None)),
        ("frame", str, dataclasses.field(default="")),
    ]
    often: list[Any] = [("times", int | None, dataclasses.field(default=None))]
    named = [*happens, *required, *optional, *period, *([] if filter_.is_inactivity else often)]
    return dataclasses.make_dataclass("Params", named, frozen=True)


class ActivityFilter(FilterType[Any]):
    """Asks whether something happened to people."""

    word: ClassVar[str]  # of the kind of activity
    constraints: ClassVar[tuple[Constraint, ...]] = ()
    needs_vibes: ClassVar[bool] = True
    is_inactivity: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.Form, cls.Params = _form(cls), _params(cls)

    @classmethod
    def mixed_in(cls) -> tuple[type[forms.Form], ...]:
        """What its form is besides."""
        return ()

    def renewed(self, config: Mapping[str, Any], *, exactly: bool = False) -> Mapping[str, Any]:
        """Days back from now were once the only date of an activity."""
        return from_days(config, operator="at", exactly=exactly)

    def summary(self, params: Any) -> str:
        """“Was Sent SMS Message (List Offers, in past 30 days, at least 2 times)”."""
        label = str(self.label)
        if not self.is_inactivity and params.operator == "no":
            label = gettext("NOT %(activity)s") % {"activity": label}
        said = [each.words(getattr(params, each.name)) for each in self._set(params)]
        if params.at:
            said.append(_period(params).words)
        if _times(params) > 1:
            said.append(_at_least(_times(params)))
        return f"{label} ({', '.join(said)})" if said else label

    def q(self, params: Any, *, now: datetime) -> Q:
        found = self.occurred(self.lines(params, now), params)
        is_negative = self.is_inactivity or params.operator == "no"
        return ~found if is_negative else found

    def occurred(self, lines: QuerySet[Activity], params: Any) -> Q:
        """That a person has one of these lines, or as many as are asked for."""
        if _times(params) < 2:
            return Q(Exists(lines.filter(person=OuterRef("pk"))))
        often = lines.values("person").annotate(often=Count("pk")).filter(often__gte=_times(params))
        return Q(pk__in=often.values("person"))

    def lines(self, params: Any, now: datetime) -> QuerySet[Activity]:
        """The lines of the log that count, whosever they are."""
        lines = Activity.objects.filter(kind=self.word).order_by()
        for each in self._set(params):
            lines = lines.filter(each.condition(getattr(params, each.name), params))
        return lines.filter(_within(params, now)) if params.at else lines

    def _set(self, params: Any) -> list[Constraint]:
        """The constraints that say something."""
        return [each for each in self.constraints if getattr(params, each.name) not in (None, "")]


class Inactivity(ActivityFilter):
    """Asks whether something did not happen to people."""

    is_inactivity = True


def _times(params: Any) -> int:
    return getattr(params, "times", None) or 1


def _at_least(times: int) -> str:
    return ngettext("at least %d time", "at least %d times", times) % times


def _period(params: Any) -> Period:
    return Period(params.at, params.duration, params.day, params.to, params.frame)


def _within(params: Any, now: datetime) -> Q:
    low, high = _period(params).edges(now)
    found = Q()
    if low is not None:
        found &= Q(happened_at__gte=periods.moment(low))
    if high is not None:
        found &= Q(happened_at__lt=periods.moment(high))
    return ~found if params.at == "is_not" else found
