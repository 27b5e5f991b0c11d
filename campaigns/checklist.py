"""The campaigns' part of the getting-started list on Home."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, FlowStep, Run, SmsMessage
from people.checklist import Item


def items() -> list[Item]:
    """Write a text, build a flow, run it: each leads to where it is begun, or to what is there."""
    return [
        Item(
            _("Write and approve a message"),
            _address(SmsMessage.objects.order_by("pk").first(), "message"),
            SmsMessage.objects.approved().exists(),
            _("Only an approved text goes out. Tokens put in each person’s own data."),
        ),
        Item(
            _("Build a flow"),
            _address(Campaign.objects.order_by("pk").first(), "flow"),
            FlowStep.objects.exists(),
            _("Drag Send SMS Message onto the flow and choose the message and the Vibes list."),
        ),
        Item(
            _("Run a campaign"),
            _address(
                Campaign.objects.filter(steps__isnull=False).order_by("pk").first(), "schedule"
            ),
            Run.objects.exists(),
            _("Schedule shows who will get it, and why others will not, before anything leaves."),
        ),
    ]


def _address(thing: Campaign | SmsMessage | None, page: str) -> str:
    """The page of the first such thing; where there is none, the tree, where it is made."""
    return reverse(f"campaigns:{page}", args=[thing.pk]) if thing else reverse("campaigns:tree")
