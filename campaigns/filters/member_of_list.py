"""Member of List."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models.named_list import static_lists
from campaigns.operators import MembershipFilter
from campaigns.operators.membership import MembershipForm
from campaigns.registry import filters
from people.models import StaticList, StaticListMember


@filters.register
class MemberOfList(MembershipFilter["MemberOfList.Params"]):
    """People who are on a static list."""

    kind = "member_of_list"
    label = _("Member of List")
    group = _("Membership")
    thing = "static_list"

    class Form(MembershipForm):
        static_list = forms.ModelChoiceField(static_lists(), label=_("List"))

    @dataclass(frozen=True)
    class Params:
        operator: str
        static_list: StaticList

    def asks(self, params: Params) -> frozenset[str]:
        return frozenset({f"list {params.static_list.pk}"})

    def members(self, params: Params) -> QuerySet[Any]:
        return StaticListMember.objects.filter(
            static_list=params.static_list, person=OuterRef("pk")
        )
