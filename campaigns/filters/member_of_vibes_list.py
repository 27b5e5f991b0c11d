"""Member of Vibes List."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.operators import MembershipFilter
from campaigns.operators.membership import MembershipForm
from campaigns.registry import filters
from vibes.models import Subscription, VibesList


@filters.register
class MemberOfVibesList(MembershipFilter["MemberOfVibesList.Params"]):
    """People whose number is subscribed to a Vibes list now.

    As we last heard from Vibes. It is the number that is a member: two people who share one are
    both found.
    """

    kind = "member_of_vibes_list"
    label = _("Member of Vibes List")
    group = _("Membership")
    needs_vibes = True
    thing = "vibes_list"

    class Form(MembershipForm):
        vibes_list = forms.ModelChoiceField(VibesList.objects.offered(), label=_("Vibes List"))

    @dataclass(frozen=True)
    class Params:
        operator: str
        vibes_list: VibesList

    def members(self, params: Params) -> QuerySet[Any]:
        return Subscription.objects.members().filter(
            vibes_list=params.vibes_list, mobile=OuterRef("mobile")
        )
