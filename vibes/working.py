"""Whether there is a Vibes service that works: without one, what needs Vibes is not offered."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vibes.models import Account, VibesList

REFUSED = Account.Health.REFUSED


def is_there() -> bool:
    """Whether a list can be chosen whose service Vibes lets in. One that is away comes back."""
    return VibesList.objects.offered().exclude(account__health=REFUSED).exists()


def obstacle() -> str | Promise:
    """What is missing for a service that works, and what to do; empty when there is one."""
    if is_there():
        return ""
    accounts = set(Account.objects.values_list("health", flat=True))
    if not accounts:
        return _("Not connected to Vibes yet. Once a service works, you find here:")
    if accounts == {REFUSED}:
        return _("Vibes refuses our login. Once that is mended, you find here:")
    return _("No Vibes list has been fetched yet. Sync the service, and you find here:")
