"""Filters on a box that is ticked or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm, FilterType
from people import keyed


class BooleanForm(ConfigForm):
    value = forms.ChoiceField(label=_("is"), choices=[("true", _("true")), ("false", _("false"))])


@dataclass(frozen=True)
class BooleanParams:
    value: str


class BooleanFilter(FilterType[BooleanParams]):
    """Asks whether a box is ticked."""

    field: ClassVar[str]
    key: ClassVar[str] = ""  # of a custom field
    Form = BooleanForm
    Params = BooleanParams

    def summary(self, params: BooleanParams) -> str:
        words = {"true": gettext("true"), "false": gettext("false")}
        said = gettext("%(field)s is %(value)s")
        return said % {"field": self.label, "value": words[params.value]}

    def q(self, params: BooleanParams, *, now: datetime) -> Q:
        wanted = params.value == "true"
        if not self.key:
            return Q(**{self.field: wanted})
        ticked = Q(keyed.Truth("custom", self.key))
        return ticked if wanted else ~ticked
