"""Wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people.models import PersonQuerySet

UNITS = {
    "minutes": (gettext_lazy("minutes"), timedelta(minutes=1)),
    "hours": (gettext_lazy("hours"), timedelta(hours=1)),
    "days": (gettext_lazy("days"), timedelta(days=1)),
    "weeks": (gettext_lazy("weeks"), timedelta(weeks=1)),
}


@steps.register
class Wait(StepType["Wait.Params"]):
    """Keep people here for a while, then let them go on.

    The time is counted from when they reach the step; a day is 24 hours.
    """

    kind = "wait"
    label = gettext_lazy("Wait")
    group = gettext_lazy("Flow")
    icon = "hourglass-split"
    waits = True

    class Form(ConfigForm):
        amount = forms.IntegerField(label=gettext_lazy("Wait for"), min_value=1, max_value=1_000)
        unit = forms.ChoiceField(
            label=gettext_lazy("Unit"),
            choices=[(key, row[0]) for key, row in UNITS.items()],
            initial="days",
        )

    @dataclass(frozen=True)
    class Params:
        amount: int
        unit: str

    def summary(self, params: Params) -> str:
        words = {
            "minutes": ngettext("Wait %d minute", "Wait %d minutes", params.amount),
            "hours": ngettext("Wait %d hour", "Wait %d hours", params.amount),
            "days": ngettext("Wait %d day", "Wait %d days", params.amount),
            "weeks": ngettext("Wait %d week", "Wait %d weeks", params.amount),
        }
        return words[params.unit] % params.amount

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        return self.execute(people, params, context)

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        until = context.now + params.amount * UNITS[params.unit][1]
        return Outcome(parked={until: set(people.values_list("pk", flat=True))})
