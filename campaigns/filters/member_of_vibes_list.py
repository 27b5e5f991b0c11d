"""Member of Vibes List."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm, FilterType, filters
from vibes import working
from vibes.models import Subscription, VibesList


@filters.register
class MemberOfVibesList(FilterType["MemberOfVibesList.Params"]):
    """People whose number is subscribed to a Vibes list now.

    As we last heard from Vibes. It is the number that is a member: two people who share one are
    both found.
    """

    kind = "member_of_vibes_list"
    label = _("Member of Vibes List")
    group = _("Membership")

    class Form(ConfigForm):
        operator = forms.ChoiceField(
            label=_("Operator"), choices=[("in", _("in")), ("not_in", _("not in"))]
        )
        vibes_list = forms.ModelChoiceField(VibesList.objects.offered(), label=_("Vibes List"))

    @dataclass(frozen=True)
    class Params:
        operator: str
        vibes_list: VibesList

    def available(self) -> bool:
        return working.is_there()

    def summary(self, params: Params) -> str:
        words = _("Member of Vibes List in %s") if params.operator == "in" else None
        return str(words or _("Member of Vibes List not in %s")) % params.vibes_list

    def q(self, params: Params, *, now: datetime) -> Q:
        members = Subscription.objects.members().filter(
            vibes_list=params.vibes_list, mobile=OuterRef("mobile")
        )
        found = Q(Exists(members))
        return found if params.operator == "in" else ~found
