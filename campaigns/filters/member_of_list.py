"""Member of List."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm, FilterType, filters
from people.models import StaticList, StaticListMember


@filters.register
class MemberOfList(FilterType["MemberOfList.Params"]):
    """People who are on a static list."""

    kind = "member_of_list"
    label = _("Member of List")
    group = _("Membership")

    class Form(ConfigForm):
        operator = forms.ChoiceField(
            label=_("Operator"), choices=[("in", _("in")), ("not_in", _("not in"))]
        )
        static_list = forms.ModelChoiceField(StaticList.objects.order_by("name"), label=_("List"))

    @dataclass(frozen=True)
    class Params:
        operator: str
        static_list: StaticList

    def summary(self, params: Params) -> str:
        words = _("Member of List in %s") if params.operator == "in" else None
        return str(words or _("Member of List not in %s")) % params.static_list

    def q(self, params: Params, *, now: datetime) -> Q:
        members = StaticListMember.objects.filter(
            static_list=params.static_list, person=OuterRef("pk")
        )
        found = Q(Exists(members))
        return found if params.operator == "in" else ~found
