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

    Vibes texts a question; only the person's own Y makes a member. Whoever is subscribed, has been
    asked already, or said no to this campaign before is skipped. Offered are the active campaigns
    that feed the chosen list.
    """

    kind = "subscribe_to_vibes_list"
    label = gettext_lazy("Subscribe to Vibes List")
    group = gettext_lazy("Mobile")
    icon = "person-plus"
    needs_vibes = True

    class Form(ConfigForm):
        nothing_offered = {
            "campaign": gettext_lazy(
                "No active acquisition campaign feeds this list. "
                "Create one in Vibes, or choose another list."
            ),
        }
        vibes_list = forms.ModelChoiceField(
            VibesList.objects.offered(),
            label=gettext_lazy("Vibes List"),
            error_messages={"invalid_choice": visits.LIST_GONE},
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

        def clean(self) -> dict[str, Any] | None:
            """Say what is wrong with a campaign that was offered once."""
            vibes_list, chosen = self.cleaned_data.get("vibes_list"), self.stored("campaign")
            if vibes_list and chosen.isdigit() and self.has_error("campaign", "invalid_choice"):
                campaign = AcquisitionCampaign.objects.filter(pk=int(chosen)).first()
                words = campaign and _obstacle(vibes_list, campaign)
                if words:
                    self.errors["campaign"] = self.error_class([words])
            return super().clean()

    @dataclass(frozen=True)
    class Params:
        vibes_list: VibesList
        campaign: AcquisitionCampaign

    def summary(self, params: Params) -> str:
        return _("Ask people to join %(list)s through %(campaign)s") % {
            "list": params.vibes_list,
            "campaign": params.campaign,
        }

    def obstacle(self, params: Params) -> str:
        return _obstacle(params.vibes_list, params.campaign)

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


def _obstacle(vibes_list: VibesList, campaign: AcquisitionCampaign) -> str:
    return visits.obstacle(OutboxRow.Action.SUBSCRIBE, vibes_list, campaign)


def _judge(people: PersonQuerySet, params: SubscribeToVibesList.Params) -> gate.Judgement:
    action = OutboxRow.Action.SUBSCRIBE
    return gate.judge(
        people.only("mobile"), vibes_list=params.vibes_list, action=action, campaign=params.campaign
    )
