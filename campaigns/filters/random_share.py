"""Random, in a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import lots
from campaigns.registry import ConfigForm, FilterType, filters


@filters.register
class RandomShare(FilterType["RandomShare.Params"]):
    """A share, by lot, of all people who reach the step: for trying out two texts, say.

    The shares of several choices are cut one after the other out of the same whole: 30 % and then 30 %
    are 30 % and another 30 %, and 40 % are left for the default. A person has one lot at a step for good,
    and so comes to the same choice in the forecast, in a retry and in a later run, while the choices
    are as they were. At another step the same people are mixed anew.

    First match wins as always: whom an earlier choice took for another reason is missing from this
    share. Copy the step to draw other people.
    """

    kind = "random_share"
    label = _("Random")
    group = _("Special")
    nestable = False
    stands = "choice"

    class Form(ConfigForm):
        percent = forms.DecimalField(
            label=_("Percent of people"),
            min_value=Decimal("0.01"),
            max_value=100,
            decimal_places=2,
            initial=50,
            help_text=_(
                "Percent of all people who reach the step, after the shares of the choices above."
            ),
        )

    @dataclass(frozen=True)
    class Params:
        percent: Decimal

    def summary(self, params: Params) -> str:
        percent = number_format(params.percent.normalize())
        return gettext("Random: %(percent)s %% of people") % {"percent": percent}

    def share(self, config: Mapping[str, Any]) -> Decimal:
        return Decimal(config["percent"])

    def q(self, params: Params, *, now: datetime) -> Q:
        return lots.next_share(params.percent)
