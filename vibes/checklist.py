"""Vibes' part of the getting-started list on Home."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.checklist import Item
from vibes.models import Account, VibesList


def items() -> list[Item]:
    """Connect, then copy the lists."""
    connected = Account.objects.filter(health=Account.Health.CONNECTED).exists()
    return [
        Item(
            _("Connect Vibes"),
            reverse("vibes:home") if Account.objects.exists() else reverse("vibes:account-new"),
            connected,
            _("The login Vibes gave you, or the simulator to try things out."),
        ),
        Item(
            _("Sync lists"),
            reverse("vibes:home"),
            VibesList.objects.offered().exists(),
            _("Ringdove copies your Vibes lists and the campaigns that feed them."),
        ),
    ]
