"""Duplicate Fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Concat, Trim
from django.db.models.lookups import In
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm, FilterType, filters
from people.folding import Fold
from people.models import Person

FIELDS: dict[str, tuple[Any, Any]] = {
    "email": (_("Email Address"), Fold(F("email"))),
    "full_name": (_("Full Name"), Fold(Trim(Concat(F("first_name"), Value(" "), F("last_name"))))),
    "last_name": (_("Last Name"), Fold(F("last_name"))),
    "mobile": (_("Mobile Phone Number"), F("mobile")),  # digits have no case
    "updated_at": (_("Updated At"), F("updated_at")),  # the very moment: changed together
}
NEVER_EMPTY = {"updated_at"}


@filters.register
class DuplicateFields(FilterType["DuplicateFields.Params"]):
    """People who have the same in a field as somebody else, ignoring case. Empty is not the same as empty."""

    kind = "duplicate_fields"
    label = _("Duplicate Fields")
    group = _("Special")

    class Form(ConfigForm):
        field = forms.ChoiceField(
            label=_("Field"), choices=[(key, row[0]) for key, row in FIELDS.items()]
        )

    @dataclass(frozen=True)
    class Params:
        field: str

    def summary(self, params: Params) -> str:
        return gettext("Duplicate %(field)s") % {"field": FIELDS[params.field][0]}

    def q(self, params: Params, *, now: datetime) -> Q:
        key = FIELDS[params.field][1]
        values = Person.objects.present().order_by().annotate(same=key)
        said = values if params.field in NEVER_EMPTY else values.exclude(same="")
        twice = said.values("same").annotate(often=Count("pk")).filter(often__gt=1)
        return Q(In(key, twice.values("same")))
