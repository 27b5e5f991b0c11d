"""Member of Smart List."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import BooleanField, Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from campaigns import audience, content, nesting
from campaigns.models import NamedList
from campaigns.nesting import Nested
from campaigns.registry import ConfigForm, FilterType, filters


@filters.register
class MemberOfSmartList(FilterType["MemberOfSmartList.Params"]):
    """People whom another smart list finds, or does not find.

    The list is asked for its rule as it stands now; publishing keeps that rule, so that a version
    finds what it was made to find. What is changed in the list later counts from the next version.
    """

    kind = "member_of_smart_list"
    label = _("Member of Smart List")
    group = _("Membership")
    nests = "smart_list"

    class Form(ConfigForm):
        nothing_offered = {
            "smart_list": _("No smart list stands alone yet. Make one: New › Smart list."),
        }
        operator = forms.ChoiceField(
            label=_("Operator"), choices=[("in", _("in")), ("not_in", _("not in"))]
        )
        smart_list = forms.ModelChoiceField(
            NamedList.objects.offered(),
            label=_("Smart List"),
        )

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if self.stored("smart_list"):
                self.fields["smart_list"].help_text = _(
                    "Its rule as it stands now. Publishing keeps it; later changes to the list count"
                    " from the next version."
                )

        def clean_smart_list(self) -> Nested:
            try:
                return nesting.read(self.cleaned_data["smart_list"])
            except nesting.CannotNest as refused:
                raise forms.ValidationError(str(refused)) from refused

    @dataclass(frozen=True)
    class Params:
        operator: str
        smart_list: Nested

    def freeze(self, params: Params) -> dict[str, Any]:
        nested = params.smart_list
        kept = {"id": nested.id, "name": nested.name, "rule": content.list_to_json(nested.rule)}
        return {"operator": params.operator, "smart_list": kept}

    def thaw(self, frozen: Mapping[str, Any]) -> Params:
        kept = frozen["smart_list"]
        nested = Nested(kept["id"], kept["name"], content.list_from_json(kept["rule"]))
        return self.Params(frozen["operator"], nested)

    def inner(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        rule: Mapping[str, Any] = config["smart_list"]["rule"]
        return rule

    def summary(self, params: Params) -> str:
        words = _("Member of Smart List in %s") if params.operator == "in" else None
        return str(words or _("Member of Smart List not in %s")) % params.smart_list

    def q(self, params: Params, *, now: datetime) -> Q:
        found = audience.condition(params.smart_list.rule, now=now)
        return found if params.operator == "in" else _not(found)


def _not(found: Q) -> Q:
    """Everybody else, also those of whom the rule knows nothing: NOT would leave out what is NULL."""
    return Q(Case(When(found, then=Value(False)), default=Value(True), output_field=BooleanField()))
