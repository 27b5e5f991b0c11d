"""Filters on a number, by the type of its field. Nothing is not nought: `is 0` does not find the empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.db.models import DecimalField, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.registry import FilterType
from people import keyed
from people.field_types import TYPES
from people.models import Person

from .forms import EMPTY, AmountField, OperatorForm

EQUALITY = {"is": (_("is"), "exact"), "is_not": (_("is not"), "exact")}
ORDER = {
    "at_least": (_("at least"), "gte"),
    "at_most": (_("at most"), "lte"),
    "greater_than": (_("greater than"), "gt"),
    "less_than": (_("less than"), "lt"),
    "between": (_("between"), "range"),
}
NUMBER = EQUALITY | ORDER
ABOUT = _(
    "No value is not 0: “is 0” does not find people without one, only “is empty” and “is not” do."
)
ABOUT_ORDER = _("No value is not 0: “at most 0” does not find people without one, “is empty” does.")


class NumberForm(OperatorForm):
    """For whole numbers and amounts; `number_form` makes that of each type."""

    operator: forms.ChoiceField
    value: AmountField
    to: AmountField

    def needed(self, choice: str) -> list[str]:
        return ["value", "to"] if choice == "between" else super().needed(choice)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("operator") == "between":
            self.refuse_disorder(cleaned, "value")
        return cleaned


@cache
def number_form(word: str) -> type[NumberForm]:
    """The form for numbers of this type. Of a Float nobody can say that it *is* a number."""
    offered = ORDER if word == "float" else NUMBER
    choices = [(key, row[0]) for key, row in offered.items()] + [*EMPTY.items()]
    made: dict[str, Any] = {
        "operator": forms.ChoiceField(
            label=_("Operator"),
            choices=choices,
            help_text=ABOUT if offered is NUMBER else ABOUT_ORDER,
        ),
        "value": AmountField(word, label=_("Value"), required=False),
        "to": AmountField(word, label=_("and"), required=False),
    }
    return type("NumberForm", (NumberForm,), made)


@dataclass(frozen=True)
class NumberParams:
    operator: str
    value: Decimal | None
    to: Decimal | None = None


class NumberFilter(FilterType[NumberParams]):
    """Compares a number."""

    field: ClassVar[str]
    key: ClassVar[str] = ""  # of a custom field
    type: ClassVar[str] = "integer"  # a word of `field_types.TYPES`
    Params = NumberParams

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.Form = number_form(cls.type)

    def summary(self, params: NumberParams) -> str:
        if params.operator in EMPTY:
            return f"{self.label} {EMPTY[params.operator]}"
        label, value = NUMBER[params.operator][0], TYPES[self.type].shown(params.value)
        if params.operator != "between":
            return f"{self.label} {label} {value}"
        said = gettext("%(field)s between %(low)s and %(high)s")
        high = TYPES[self.type].shown(params.to)
        return said % {"field": self.label, "low": value, "high": high}

    def q(self, params: NumberParams, *, now: datetime) -> Q:
        if params.operator in EMPTY:
            return self._is_there(params.operator == "is_not_empty")
        lookup, value = NUMBER[params.operator][1], self._number(params.value)
        if params.operator == "between":
            value = (value, self._number(params.to))
        found = self._is_there(True) & self._compared(lookup, value)
        return ~found if params.operator == "is_not" else found

    def _is_there(self, wanted: bool) -> Q:
        if self.key:
            return Q(IsNull(self._custom, not wanted))
        return Q(**{f"{self.field}__isnull": not wanted})

    def _compared(self, lookup: str, value: Any) -> Q:
        if not self.key:
            return Q(**{f"{self.field}__{lookup}": value})
        made = self._custom.output_field.get_lookup(lookup)
        assert made is not None
        return Q(made(self._custom, value))

    @property
    def _custom(self) -> keyed.Number:
        return keyed.Number("custom", self.key)

    def _number(self, value: Decimal | None) -> Any:
        """The value as the column has it."""
        assert value is not None
        if self.key:
            return float(value)
        is_exact = isinstance(Person._meta.get_field(self.field), DecimalField)
        return value if is_exact else int(value)
