"""Filters on one field of a person, by the field's type (operators as Marketo names them)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .registry import ConfigForm, FilterType

EMPTY = {"is_empty": _("is empty"), "is_not_empty": _("is not empty")}


class ValuesField(forms.CharField):
    """One or more values in one box, separated by semicolons; cleaned to a tuple."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return tuple(part.strip() for part in str(text).split(";") if part.strip())


class _OperatorForm(ConfigForm):
    """An operator, and a value unless the operator needs none: what it does not need is not shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = {"operator", *self.needed(self.stored("operator"))}
        for name in self.fields.keys() - shown:
            self.fields[name].widget = self.fields[name].hidden_widget()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.needed(cleaned.get("operator", "")):
            if name not in self.errors and cleaned.get(name) in (None, "", ()):
                self.add_error(name, gettext("Enter a value."))
        return cleaned

    def needed(self, operator: str) -> list[str]:
        return [] if operator in EMPTY or not operator else ["value"]


# --- Text ---------------------------------------------------------------------------------------
_TEXT = {
    "is": (_("is"), "iexact", False),
    "is_not": (_("is not"), "iexact", True),
    "starts_with": (_("starts with"), "istartswith", False),
    "not_starts_with": (_("does not start with"), "istartswith", True),
    "contains": (_("contains"), "icontains", False),
    "not_contains": (_("does not contain"), "icontains", True),
}


class TextForm(_OperatorForm):
    operator = forms.ChoiceField(
        label=_("Operator"),
        choices=[(key, row[0]) for key, row in _TEXT.items()] + [*EMPTY.items()],
    )
    value = ValuesField(
        label=_("Value"),
        required=False,
        help_text=_("Several values: separate them by semicolons."),
    )


@dataclass(frozen=True)
class TextParams:
    operator: str
    value: tuple[str, ...]


class TextFilter(FilterType[TextParams]):
    """Compares a text field, ignoring case."""

    field: ClassVar[str]
    Form = TextForm
    Params = TextParams

    def summary(self, params: TextParams) -> str:
        if params.operator in EMPTY:
            return f"{self.label} {EMPTY[params.operator]}"
        return f"{self.label} {_TEXT[params.operator][0]} {_either(params.value)}"

    def q(self, params: TextParams, *, now: datetime) -> Q:
        if params.operator in EMPTY:
            return Q(**{self.field: ""}, _negated=params.operator == "is_not_empty")
        _label, lookup, negated = _TEXT[params.operator]
        any_of = [Q(**{f"{self.field}__{lookup}": value}) for value in params.value]
        found = reduce(or_, any_of)
        return ~found if negated else found


def _either(values: tuple[str, ...]) -> str:
    return str(gettext(" or ")).join(values)


# --- Numbers ------------------------------------------------------------------------------------
_NUMBER = {
    "is": (_("is"), "exact", False),
    "is_not": (_("is not"), "exact", True),
    "at_least": (_("at least"), "gte", False),
    "at_most": (_("at most"), "lte", False),
    "greater_than": (_("greater than"), "gt", False),
    "less_than": (_("less than"), "lt", False),
}


class NumberForm(_OperatorForm):
    operator = forms.ChoiceField(
        label=_("Operator"), choices=[(key, row[0]) for key, row in _NUMBER.items()]
    )
    value = forms.IntegerField(label=_("Value"))


@dataclass(frozen=True)
class NumberParams:
    operator: str
    value: int


class NumberFilter(FilterType[NumberParams]):
    """Compares a whole number."""

    field: ClassVar[str]
    Form = NumberForm
    Params = NumberParams

    def summary(self, params: NumberParams) -> str:
        return f"{self.label} {_NUMBER[params.operator][0]} {params.value}"

    def q(self, params: NumberParams, *, now: datetime) -> Q:
        _label, lookup, negated = _NUMBER[params.operator]
        found = Q(**{f"{self.field}__{lookup}": params.value})
        return ~found if negated else found


# --- Yes or no ----------------------------------------------------------------------------------
class BooleanForm(ConfigForm):
    value = forms.ChoiceField(label=_("is"), choices=[("true", _("true")), ("false", _("false"))])


@dataclass(frozen=True)
class BooleanParams:
    value: str


class BooleanFilter(FilterType[BooleanParams]):
    """Asks whether a box is ticked."""

    field: ClassVar[str]
    Form = BooleanForm
    Params = BooleanParams

    def summary(self, params: BooleanParams) -> str:
        words = {"true": gettext("true"), "false": gettext("false")}
        return gettext("%(field)s is %(value)s") % {
            "field": self.label,
            "value": words[params.value],
        }

    def q(self, params: BooleanParams, *, now: datetime) -> Q:
        return Q(**{self.field: params.value == "true"})


# --- Dates --------------------------------------------------------------------------------------
_DATE = {
    "in_past_days": _("in the past (days)"),
    "before": _("before"),
    "on_or_after": _("on or after"),
}


class DateForm(_OperatorForm):
    operator = forms.ChoiceField(label=_("Operator"), choices=[*_DATE.items()])
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=3_650, required=False)
    day = forms.DateField(
        label=_("Date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def needed(self, operator: str) -> list[str]:
        return ["days"] if operator == "in_past_days" else ["day"] if operator else []


@dataclass(frozen=True)
class DateParams:
    operator: str
    days: int | None
    day: date


class DateFilter(FilterType[DateParams]):
    """Compares a moment. Days are counted back from now in 24 hours; dates are in UTC."""

    field: ClassVar[str]
    Form = DateForm
    Params = DateParams

    def summary(self, params: DateParams) -> str:
        if params.operator == "in_past_days":
            return gettext("%(field)s in the past %(days)s days") % {
                "field": self.label,
                "days": params.days,
            }
        return f"{self.label} {_DATE[params.operator]} {formats.date_format(params.day)}"

    def q(self, params: DateParams, *, now: datetime) -> Q:
        if params.operator == "in_past_days":
            since = now - timedelta(days=params.days or 0)
            return Q(**{f"{self.field}__gte": since, f"{self.field}__lte": now})
        lookup = "lt" if params.operator == "before" else "gte"
        day = datetime.combine(params.day, datetime.min.time(), tzinfo=now.tzinfo)
        return Q(**{f"{self.field}__{lookup}": day})
