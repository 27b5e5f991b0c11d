"""Change Score."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people import editing, fields, scoring
from people.models import PersonQuerySet

# Up to nine digits, which any score can take. The last kind of minus is what word processors make of it.
CHANGE = re.compile(r"\s*(?:([-+−])\s*(\d{1,9})|(=)\s*([-−]?\d{1,9}))\s*")


def offered() -> list[tuple[str, str]]:
    return [(each.name, str(each.label)) for each in scoring.offered()]


@steps.register
class ChangeScore(StepType["ChangeScore.Params"]):
    """Add points to a score, take points from it, or set it.

    Write +5 to add five, -5 to take five, =5 to set it to five. Who has no score yet starts from nought. Only
    those whose score really changes get a line in their history, with the score before.
    """

    kind = "change_score"
    label = gettext_lazy("Change Score")
    group = gettext_lazy("Data")
    icon = "graph-up-arrow"

    class Form(ConfigForm):
        field = forms.ChoiceField(label=gettext_lazy("Score"), choices=offered)
        change = forms.CharField(
            label=gettext_lazy("Change"),
            max_length=20,
            widget=forms.TextInput(attrs={"placeholder": "+5"}),
            validators=[
                RegexValidator(
                    re.compile(rf"^{CHANGE.pattern}$"),
                    gettext_lazy("Write +5 to add five, -5 to take five, or =5 to set it to five."),
                )
            ],
            help_text=gettext_lazy("+5 adds, -5 takes, =5 sets."),
        )

    @dataclass(frozen=True)
    class Params:
        field: str
        change: str

    def summary(self, params: Params) -> str:
        sign, points = read(params.change)
        words = {
            "+": _("Add %(points)d to %(field)s"),
            "-": _("Take %(points)d from %(field)s"),
            "=": _("Set %(field)s to %(points)d"),
        }
        return words[sign] % {"points": points, "field": fields.label(params.field)}

    def changes(self, params: Params) -> frozenset[str]:
        return frozenset({params.field})

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        sign, points = read(params.change)
        if sign == "=":
            editing.change_many(people, params.field, points, by=context.by, now=context.now)
        else:
            more = points if sign == "+" else -points
            scoring.add(people, params.field, more, by=context.by, now=context.now)
        return Outcome()


def read(change: str) -> tuple[str, int]:
    """The sign (+, - or =) and the number of a change that the form has taken."""
    found = CHANGE.fullmatch(change)
    assert found, "the form lets nothing else through"
    sign, points = (each.replace("−", "-") for each in found.groups() if each)
    return sign, int(points)
