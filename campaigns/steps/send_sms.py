"""Send SMS Message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import message, visits
from campaigns.models import MessageVersion, SmsMessage
from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people.models import PersonQuerySet
from vibes import gate, outbox
from vibes.models import OutboxRow, VibesList


@steps.register
class SendSms(StepType["SendSms.Params"]):
    """Text the chosen message to the people who are on the chosen Vibes list.

    Everyone else goes on to the next step, and their history says why they got no text. When
    several people share a number, one of them gets the text. Messages leave at the rate your Vibes
    account allows. This step never starts a subscription.
    """

    kind = "send_sms"
    label = gettext_lazy("Send SMS Message")
    group = gettext_lazy("Mobile")
    icon = "envelope"
    needs_vibes = True
    asks_membership = True
    texts = True
    queues = gettext_lazy("Will be texted")

    class Form(ConfigForm):
        nothing_offered = {
            "message": gettext_lazy("No message is approved yet. Write one and approve it first."),
            "vibes_list": gettext_lazy("No Vibes list yet. Connect Vibes and fetch its lists."),
        }
        message = forms.ModelChoiceField(
            SmsMessage.objects.approved().select_related("node", "approved__message__node"),
            label=gettext_lazy("SMS Message"),
            error_messages={
                "invalid_choice": gettext_lazy("This message is not approved, or is gone.")
            },
        )
        vibes_list = forms.ModelChoiceField(
            VibesList.objects.offered(),
            label=gettext_lazy("Vibes List"),
            error_messages={"invalid_choice": visits.LIST_GONE},
        )

    @dataclass(frozen=True)
    class Params:
        message: MessageVersion
        vibes_list: VibesList

    def summary(self, params: Params) -> str:
        return _("Send “%(message)s” to %(list)s") % {
            "message": params.message,
            "list": params.vibes_list,
        }

    def obstacle(self, params: Params) -> str:
        return visits.obstacle(OutboxRow.Action.TEXT, params.vibes_list)

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        chosen = _choose(people, params)
        orders = [
            outbox.Order(
                each.person.pk,
                context.entries[each.person.pk],
                each.person.mobile,
                each.text,
                each.parts,
            )
            for each in chosen.texts
        ]
        queued = outbox.queue_texts(
            orders,
            vibes_list=params.vibes_list,
            visit=visits.visit_of(context),
            message_name=str(params.message),
            message_id=params.message.message_id,
        )
        return _outcome(chosen, queued)

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        chosen = _choose(people, params)
        orders = [outbox.Order(each.person.pk, 0, each.person.mobile) for each in chosen.texts]
        return _outcome(chosen, outbox.would_queue(orders))

    def reads(self, people: PersonQuerySet, params: Params) -> dict[int, str]:
        known = people.only("mobile", *message.columns(params.message))
        return {each.person.pk: each.text for each in message.merge(params.message, known).texts}


@dataclass(frozen=True)
class _Chosen:
    texts: list[message.Text]
    refused: Mapping[str, set[int]]


def _choose(people: PersonQuerySet, params: SendSms.Params) -> _Chosen:
    """Whom the gate admits and what each would read: the run and the dry run ask the same."""
    known = people.only("mobile", *message.columns(params.message))
    judged = gate.judge(known, vibes_list=params.vibes_list)
    merged = message.merge(params.message, judged.admitted)
    return _Chosen(merged.texts, {**judged.refused, **merged.refused})


def _outcome(chosen: _Chosen, queued: outbox.Queued) -> Outcome:
    skipped, details = visits.same_number(queued)
    return Outcome(
        queued=queued.people,
        skipped={**chosen.refused, **skipped},
        details=details,
        parts=sum(each.parts for each in chosen.texts if each.person.pk in queued.people),
    )
