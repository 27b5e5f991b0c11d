"""Filters on belonging to something: in, or not in."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Any, TypeVar

from django import forms
from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm, FilterType

P = TypeVar("P")


class MembershipForm(ConfigForm):
    """In or not in; what, the filter adds in a field of its own."""

    operator = forms.ChoiceField(
        label=_("Operator"), choices=[("in", _("in")), ("not_in", _("not in"))]
    )


class MembershipFilter(FilterType[P]):
    """Asks whether people belong to something. Its params are an operator and one thing."""

    thing: str  # the field that names it

    @abstractmethod
    def members(self, params: P) -> QuerySet[Any]:
        """A row for each belonging of the person that `OuterRef` means."""

    def summary(self, params: P) -> str:
        said = {"in": gettext("%(filter)s in %(thing)s"), "not_in": gettext("%(filter)s not in %(thing)s")}  # fmt: skip
        named = {"filter": self.label, "thing": getattr(params, self.thing)}
        return said[params.operator] % named  # type: ignore[attr-defined]

    def q(self, params: P, *, now: datetime) -> Q:
        found = Q(Exists(self.members(params)))
        return found if params.operator == "in" else ~found  # type: ignore[attr-defined]
