"""Send Alert."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import owed
from campaigns.outward import Lost, NotDone, NotNow
from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from campaigns.tokens import compile_text
from people import rights
from people.models import PersonQuerySet

MOST = 20  # addresses


@steps.register
class SendAlert(StepType["SendAlert.Params"]):
    """Send an e-mail about each person to colleagues: one mail for each person who comes here.

    Subject and text may hold tokens, such as {{person.Full Name}}. Use a choice to alert about some only, since a
    thousand people are a thousand mails. Nothing is ever mailed to the person.
    """

    kind = "send_alert"
    label = gettext_lazy("Send Alert")
    group = gettext_lazy("Integration")
    icon = "envelope"
    queues = gettext_lazy("E-mails that will be sent")

    class Form(ConfigForm):
        to = forms.CharField(
            label=gettext_lazy("To"),
            max_length=1_000,
            help_text=gettext_lazy("E-mail addresses of colleagues, with commas between."),
            widget=forms.TextInput(attrs={"placeholder": "ana@example.com"}),
        )
        subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
        text = forms.CharField(
            label=gettext_lazy("Text"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 4})
        )

        def clean_to(self) -> str:
            found = addresses(self.cleaned_data["to"])
            for each in found:
                try:
                    validate_email(each)
                except ValidationError:
                    said = _("%(address)s is not an e-mail address.") % {"address": each}
                    raise ValidationError(said) from None
            if len(found) > MOST:
                raise ValidationError(_("At most %(most)d addresses.") % {"most": MOST})
            return ", ".join(found)

        def clean_subject(self) -> str:
            return _known(self.cleaned_data["subject"])

        def clean_text(self) -> str:
            return _known(self.cleaned_data["text"])

    @dataclass(frozen=True)
    class Params:
        to: str
        subject: str
        text: str

    def summary(self, params: Params) -> str:
        return _("Alert %(to)s: “%(subject)s”") % {"to": params.to, "subject": params.subject}

    def needs(self, params: Params) -> str:
        """What is said of people leaves this installation, to any address: as by an export."""
        said = [*compile_text(params.subject).tokens, *compile_text(params.text).tokens]
        return rights.EXPORT if said else ""

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        subject, text = compile_text(params.subject), compile_text(params.text)
        payloads = {
            person.pk: {
                "to": params.to,
                "subject": " ".join(subject.render(person).split()),
                "text": text.render(person),
            }
            for person in people.only("pk", *subject.columns, *text.columns)
        }
        owed.write(self.kind, payloads, context)
        return Outcome(queued=set(payloads))

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        return Outcome(queued=set(people.values_list("pk", flat=True)))

    def toll(self, count: int) -> str:
        shown = number_format(count, force_grouping=True)
        return ngettext("%(count)s e-mail", "%(count)s e-mails", count) % {"count": shown}

    def deliver(self, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
        mail = EmailMessage(payload["subject"], payload["text"], to=addresses(payload["to"]))
        try:
            mail.send()
        except (smtplib.SMTPConnectError, ConnectionRefusedError) as wrong:
            raise NotNow(_("The mail server could not be reached")) from wrong
        except smtplib.SMTPServerDisconnected as wrong:
            raise Lost(_("The mail server hung up")) from wrong
        except smtplib.SMTPException as wrong:
            raise NotDone(_("The mail server refused it")) from wrong
        except OSError as wrong:
            raise Lost(_("The mail server did not answer")) from wrong
        return {}


def addresses(typed: str) -> list[str]:
    """Each once, in their order."""
    found = (each.strip() for each in typed.replace(";", ",").split(","))
    return list(dict.fromkeys(each for each in found if each))


def _known(text: str) -> str:
    if unknown := compile_text(text).unknown:
        said = _("No field of people is called %(token)s.") % {"token": unknown[0]}
        raise ValidationError(said)
    return text
