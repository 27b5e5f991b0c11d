"""What the Vibes page shows of one account, gathered so that its template asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vibes import rate, registrations, syncing
from vibes.models import (
    Account,
    AcquisitionCampaign,
    Callback,
    Subscription,
    UnrecognisedReceipt,
    VibesList,
)

LAST = 10
STATUS_PAGE = "https://status.vibes.com"
LEVELS = {
    Account.Health.CONNECTED: "ok",
    Account.Health.UNTESTED: "warn",
    Account.Health.REFUSED: "bad",
    Account.Health.AWAY: "bad",
}
KINDS = [(rate.Kind.EVENTS, _("Texts")), (rate.Kind.OTHER, _("Other calls"))]


@dataclass(frozen=True)
class Pace:
    """Calls of a kind: how many a second may be made now, and how many were."""

    label: str | Promise
    in_use: rate.InUse
    limit: int

    @property
    def is_slowed(self) -> bool:
        return self.in_use.shared and self.in_use.allowed < self.limit


@dataclass(frozen=True)
class Overview:
    """An account and everything we have there.

    Lists come with `members`, `pending` and `campaigns`; `loose` are campaigns that feed no list.
    """

    account: Account
    lists: list[VibesList]
    gone: list[VibesList]
    loose: list[AcquisitionCampaign]
    callbacks: list[Callback]
    unrecognised: list[UnrecognisedReceipt]
    paces: list[Pace]
    sync: syncing.State | None

    @property
    def level(self) -> str:
        """How well the connection does: ok, warn or bad."""
        return LEVELS[Account.Health(self.account.health)]

    @property
    def old_address_until(self) -> datetime | None:
        """Until when callbacks may still come to the address before the last rotation."""
        rotated_at = self.account.rotated_at
        if rotated_at is None or not self.account.previous_callback_token:
            return None
        return rotated_at + registrations.OVERLAP

    @property
    def status_page(self) -> str:
        """Where Vibes says how it does; not for a stand-in."""
        return STATUS_PAGE if self.account.region in ("us", "eu") else ""

    @property
    def handsets(self) -> str:
        """Where the simulator's phones are looked at."""
        return f"{self.account.host}/_sim/" if self.account.is_simulated else ""


def of(account: Account, *, now: datetime) -> Overview:
    lists = list(_lists(account))
    offered = [each for each in lists if each.gone_at is None]
    return Overview(
        account,
        offered,
        [each for each in lists if each.gone_at is not None],
        list(account.acquisition_campaigns.exclude(feeds__in=offered).order_by("name", "pk")),
        list(account.callbacks.order_by("-pk")[:LAST]),
        list(account.unrecognised.order_by("-count", "pk")[:LAST]),
        [_pace(account, kind, label) for kind, label in KINDS],
        syncing.open_state(account, now=now),
    )


def _lists(account: Account) -> QuerySet[VibesList]:
    """All lists, with as many members as our copy knows and the campaigns that feed them."""
    subscribed = Q(subscriptions__state=Subscription.State.SUBSCRIBED)
    pending = Q(subscriptions__state=Subscription.State.PENDING)
    campaigns = AcquisitionCampaign.objects.order_by("name", "pk")
    lists = account.lists.order_by("name", "pk").annotate(
        members=Count("subscriptions", filter=subscribed),
        pending=Count("subscriptions", filter=pending),
    )
    feeding = Prefetch("acquisition_campaigns", campaigns, to_attr="campaigns")
    return lists.prefetch_related(feeding)


def _pace(account: Account, kind: rate.Kind, label: str | Promise) -> Pace:
    limit = account.events_per_second if kind == rate.Kind.EVENTS else account.calls_per_second
    return Pace(label, rate.current(account, kind), limit)
