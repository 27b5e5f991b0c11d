"""What the Vibes page shows of one account, gathered so that its template asks nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q

from vibes.models import Account, AcquisitionCampaign, Callback, Subscription, VibesList

LAST = 10
LEVELS = {
    Account.Health.CONNECTED: "ok",
    Account.Health.UNTESTED: "warn",
    Account.Health.REFUSED: "bad",
    Account.Health.AWAY: "bad",
}


@dataclass(frozen=True)
class Overview:
    """An account, its lists (with `members`, `pending`, `campaigns`) and its last callbacks."""

    account: Account
    lists: list[VibesList]
    callbacks: list[Callback]

    @property
    def level(self) -> str:
        """How well the connection does: ok, warn or bad."""
        return LEVELS[Account.Health(self.account.health)]


def of(account: Account) -> Overview:
    return Overview(account, _lists(account), list(account.callbacks.order_by("-pk")[:LAST]))


def _lists(account: Account) -> list[VibesList]:
    """Offered lists, with as many members as our copy knows and the campaigns that feed them."""
    subscribed = Q(subscriptions__state=Subscription.State.SUBSCRIBED)
    pending = Q(subscriptions__state=Subscription.State.PENDING)
    campaigns = AcquisitionCampaign.objects.order_by("name", "pk")
    lists = account.lists.offered().annotate(
        members=Count("subscriptions", filter=subscribed),
        pending=Count("subscriptions", filter=pending),
    )
    feeding = Prefetch("acquisition_campaigns", campaigns, to_attr="campaigns")
    return list(lists.prefetch_related(feeding))
