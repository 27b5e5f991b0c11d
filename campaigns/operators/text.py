"""Filters on a text: case does not count, and several values may be given."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import F, Q, Value
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm, FilterType
from people import keyed
from people.among import Among, Begins, Holds
from people.folding import Fold, fold

from .forms import EMPTY, OperatorForm, ValuesField

TEXT: dict[str, tuple[Any, type[Any], bool]] = {
    "is": (_("is"), Among, False),
    "is_not": (_("is not"), Among, True),
    "starts_with": (_("starts with"), Begins, False),
    "not_starts_with": (_("does not start with"), Begins, True),
    "contains": (_("contains"), Holds, False),
    "not_contains": (_("does not contain"), Holds, True),
}
SHOWN = 3  # values in a sentence


class TextForm(OperatorForm):
    operator = forms.ChoiceField(
        label=_("Operator"),
        choices=[(key, row[0]) for key, row in TEXT.items()] + [*EMPTY.items()],
    )
    value = ValuesField(
        label=_("Value"),
        required=False,
        help_text=_("One of several is enough: one a line, up to 1,000."),
    )


@dataclass(frozen=True)
class TextParams:
    operator: str
    value: tuple[str, ...]


class TextFilter(FilterType[TextParams]):
    """Compares a text field, ignoring case."""

    field: ClassVar[str]
    key: ClassVar[str] = ""  # of a custom field
    # Whether values that people have are offered: not where each has their own.
    suggests: ClassVar[bool] = True
    Form = TextForm
    Params = TextParams

    def form(self, config: Mapping[str, Any], *, prefix: str = "") -> ConfigForm:
        form = super().form(config, prefix=prefix)
        if self.suggests:
            url = reverse("campaigns:filter-values", args=[self.kind])
            form.fields["value"].widget.attrs["data-values"] = url
        return form

    def column(self) -> Any:
        """The text in SQL, never NULL."""
        return keyed.Text("custom", self.key) if self.key else F(self.field)

    def summary(self, params: TextParams) -> str:
        if params.operator in EMPTY:
            return f"{self.label} {EMPTY[params.operator]}"
        return f"{self.label} {TEXT[params.operator][0]} {either(params.value)}"

    def q(self, params: TextParams, *, now: datetime) -> Q:
        return text_q(self.column(), params.operator, params.value)


def text_q(column: Any, operator: str, values: tuple[str, ...]) -> Q:
    """Whether a text (an expression that is never NULL) is as the operator says of these values."""
    if operator in EMPTY:
        empty = Q(Exact(column, Value("")))
        return ~empty if operator == "is_not_empty" else empty
    _label, lookup, is_negative = TEXT[operator]
    words = [fold(unicodedata.normalize("NFC", each)) for each in values]
    found = Q(lookup(Fold(column), words))
    return ~found if is_negative else found


def either(values: tuple[str, ...]) -> str:
    """“a or b or c”, and how many more."""
    said = gettext(" or ").join(values[:SHOWN])
    rest = len(values) - SHOWN
    if rest <= 0:
        return said
    return said + ngettext(" or one more", " or %(count)d more", rest) % {"count": rest}
