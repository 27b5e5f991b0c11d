"""Unsubscribe from Vibes List."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import visits
from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people.models import PersonQuerySet
from vibes import gate, outbox
from vibes.models import OutboxRow, VibesList


@steps.register
class UnsubscribeFromVibesList(StepType["UnsubscribeFromVibesList.Params"]):
    """End each person's subscription to the chosen Vibes list.

    Other lists stay as they are. Whoever is not subscribed is done at once.
    """

    kind = "unsubscribe_from_vibes_list"
    label = gettext_lazy("Unsubscribe from Vibes List")
    group = gettext_lazy("Mobile")
    icon = "person-dash"
    needs_vibes = True

    class Form(ConfigForm):
        vibes_list = forms.ModelChoiceField(
            VibesList.objects.offered(),
            label=gettext_lazy("Vibes List"),
            error_messages={"invalid_choice": visits.LIST_GONE},
        )

    @dataclass(frozen=True)
    class Params:
        vibes_list: VibesList

    def summary(self, params: Params) -> str:
        return _("Take people off %(list)s") % {"list": params.vibes_list}

    def obstacle(self, params: Params) -> str:
        return visits.obstacle(OutboxRow.Action.UNSUBSCRIBE, params.vibes_list)

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        judged = _judge(people, params)
        orders = visits.orders(judged, context)
        queued = outbox.queue_unsubscribes(
            orders, vibes_list=params.vibes_list, visit=visits.visit_of(context)
        )
        return visits.outcome(judged, queued)

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        judged = _judge(people, params)
        return visits.outcome(judged, outbox.would_queue(visits.orders(judged, context)))


def _judge(people: PersonQuerySet, params: UnsubscribeFromVibesList.Params) -> gate.Judgement:
    return gate.judge(
        people.only("mobile"), vibes_list=params.vibes_list, action=OutboxRow.Action.UNSUBSCRIBE
    )
