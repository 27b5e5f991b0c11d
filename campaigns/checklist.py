"""Marketing Activities' part of the getting-started list on Home."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models import FlowStep, Run, SmsMessage
from people.checklist import Item


def items() -> list[Item]:
    """Write a message, build a flow, run it."""
    tree = reverse("campaigns:tree")
    return [
        Item(
            _("Approve an SMS message"),
            tree,
            SmsMessage.objects.approved().exists(),
            _(
                "In Marketing Activities: New, SMS message; write it, look at the preview, approve it."
            ),
        ),
        Item(
            _("Build a flow"),
            tree,
            FlowStep.objects.exists(),
            _("In a smart campaign, drag Send SMS Message onto the Flow tab."),
        ),
        Item(
            _("Run a smart campaign"),
            tree,
            Run.objects.exists(),
            _("The Schedule tab says who will get it before anything is sent."),
        ),
    ]
