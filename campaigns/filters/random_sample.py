"""Random Sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django import forms
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import lots
from campaigns.registry import ConfigForm, FilterType, filters


@filters.register
class RandomSample(FilterType["RandomSample.Params"]):
    """A share of people by lot. The same draw finds the same people again; another draw, others.

    Within the other filters it is a share of those they find, nearly. It cannot be asked from within
    another smart list. In a choice there is Random instead, whose shares add up.
    """

    kind = "random_sample"
    label = _("Random Sample")
    group = _("Special")
    nestable = False
    stands = "list"

    class Form(ConfigForm):
        percent = forms.DecimalField(
            label=_("Percent"),
            min_value=Decimal("0.01"),
            max_value=100,
            decimal_places=2,
            initial=10,
        )
        draw = forms.IntegerField(
            label=_("Draw"),
            min_value=1,
            max_value=1_000_000,
            initial=1,
            help_text=_("Another number draws other people."),
        )

    @dataclass(frozen=True)
    class Params:
        percent: Decimal
        draw: int

    def summary(self, params: Params) -> str:
        said = gettext("Random Sample of %(percent)s %% (draw %(draw)d)")
        return said % {"percent": number_format(params.percent.normalize()), "draw": params.draw}

    def q(self, params: Params, *, now: datetime) -> Q:
        return lots.first(params.percent, draw=f"draw {params.draw}")
