"""Call Webhook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import outward, owed, webhooks
from campaigns.models import Webhook
from campaigns.outward import NotDone
from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people.models import PersonQuerySet


@steps.register
class CallWebhook(StepType["CallWebhook.Params"]):
    """Tell another system about each person: one call for each, as an operator has described it in Admin.

    People go on at once; what became of their calls stands in the results. A call that could not be made is tried
    again after 1, 5 and 30 minutes. One whose answer was lost is not: it may have arrived.
    """

    kind = "call_webhook"
    label = gettext_lazy("Call Webhook")
    group = gettext_lazy("Integration")
    icon = "arrow-left-right"
    queues = gettext_lazy("Calls that will be made")

    class Form(ConfigForm):
        nothing_offered = {
            "webhook": gettext_lazy(
                "No webhook yet. An operator makes one in Admin, under Webhooks."
            ),
        }
        webhook = forms.ModelChoiceField(Webhook.objects.all(), label=gettext_lazy("Webhook"))

    @dataclass(frozen=True)
    class Params:
        webhook: Webhook

    def summary(self, params: Params) -> str:
        return _("Call %(webhook)s") % {"webhook": params.webhook}

    def obstacle(self, params: Params) -> str:
        return webhooks.complaint(params.webhook)

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        hook = params.webhook
        payloads = {
            person.pk: {"webhook": hook.pk, **webhooks.merged(hook, person)}
            for person in people.only("pk", *webhooks.columns(hook))
        }
        owed.write(self.kind, payloads, context)
        return Outcome(queued=set(payloads))

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        return Outcome(queued=set(people.values_list("pk", flat=True)))

    def toll(self, count: int) -> str:
        shown = number_format(count, force_grouping=True)
        return ngettext("%(count)s call", "%(count)s calls", count) % {"count": shown}

    def deliver(self, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
        hook = Webhook.objects.filter(pk=payload["webhook"]).first()
        if hook is None:
            raise NotDone(_("The webhook is gone"))
        headers = {hook.header_name: hook.header_value} if hook.header_name else {}
        return outward.call(hook.method, payload["url"], body=payload.get("body"), headers=headers)
