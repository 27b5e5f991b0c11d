"""Subscribe to Vibes List."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import visits
from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people.models import PersonQuerySet
from vibes import gate, outbox
from vibes.models import AcquisitionCampaign, OutboxRow, VibesList


@steps.register
class SubscribeToVibesList(StepType["SubscribeToVibesList.Params"]):
    """Ask Vibes to start the opt-in of each person through an acquisition campaign.

    Vibes texts a question; only the person's own Y makes a member. Whoever is subscribed or has
    been asked already is skipped. Offered are the active campaigns that feed the chosen list.
    """

    kind = "subscribe_to_vibes_list"
    label = gettext_lazy("Subscribe to Vibes List")
    group = gettext_lazy("Mobile")
    icon = "person-plus"

    class Form(ConfigForm):
        nothing_offered = {
            "campaign": gettext_lazy(
                "No active acquisition campaign feeds this list. "
                "Create one in Vibes, or choose another list."
            ),
        }
        vibes_list = forms.ModelChoiceField(
            VibesList.objects.offered(), label=gettext_lazy("Vibes List")
        )
        campaign = forms.ModelChoiceField(
            AcquisitionCampaign.objects.none(),
            label=gettext_lazy("Acquisition Campaign"),
            error_messages={
                "invalid_choice": gettext_lazy(
                    "This campaign is not active, or does not feed the chosen list."
                )
            },
        )

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            chosen = self.stored("vibes_list")
            if not chosen.isdigit():
                self.fields["campaign"].help_text = _("Choose a Vibes list first.")
                return
            offered = AcquisitionCampaign.objects.filter(status="active", feeds=int(chosen))
            self.fields["campaign"].queryset = offered.order_by("name")  # type: ignore[attr-defined]

    @dataclass(frozen=True)
    class Params:
        vibes_list: VibesList
        campaign: AcquisitionCampaign

    def available(self) -> bool:
        return VibesList.objects.exists()

    def summary(self, params: Params) -> str:
        return _("Ask people to join %(list)s through %(campaign)s") % {
            "list": params.vibes_list,
            "campaign": params.campaign,
        }

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        judged = _judge(people, params)
        orders = visits.orders(judged, context)
        queued = outbox.queue_subscribes(
            orders,
            vibes_list=params.vibes_list,
            campaign=params.campaign,
            visit=visits.visit_of(context),
        )
        return visits.outcome(judged, queued)

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        judged = _judge(people, params)
        return visits.outcome(judged, outbox.would_queue(visits.orders(judged, context)))


def _judge(people: PersonQuerySet, params: SubscribeToVibesList.Params) -> gate.Judgement:
    return gate.judge(people, vibes_list=params.vibes_list, action=OutboxRow.Action.SUBSCRIBE)
