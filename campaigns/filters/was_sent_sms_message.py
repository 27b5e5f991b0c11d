"""Was Sent SMS Message."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm, FilterType, filters
from people.models import Activity
from vibes import working
from vibes.receipts import SENT


@filters.register
class WasSentSmsMessage(FilterType["WasSentSmsMessage.Params"]):
    """People who were sent a text in the last days, whatever became of it at the carrier."""

    kind = "was_sent_sms_message"
    label = _("Was Sent SMS Message")
    group = _("Activity")

    class Form(ConfigForm):
        operator = forms.ChoiceField(
            label=_("Operator"), choices=[("yes", _("was sent one")), ("no", _("was sent none"))]
        )
        days = forms.IntegerField(
            label=_("in the past (days)"), min_value=1, max_value=750, initial=30
        )

    @dataclass(frozen=True)
    class Params:
        operator: str
        days: int

    def available(self) -> bool:
        return working.is_there()

    def summary(self, params: Params) -> str:
        words = {
            "yes": _("Was sent an SMS message in the past %d days"),
            "no": _("Was sent no SMS message in the past %d days"),
        }
        return str(words[params.operator]) % params.days

    def q(self, params: Params, *, now: datetime) -> Q:
        since = now - timedelta(days=params.days)
        texts = Activity.objects.filter(
            person=OuterRef("pk"), kind=SENT.word, happened_at__gte=since
        )
        found = Q(Exists(texts))
        return found if params.operator == "yes" else ~found
