"""Requests to join that nobody answered. Vibes tells nobody when one is over, so we look."""

from __future__ import annotations

from datetime import datetime
from time import monotonic

from django.db import transaction

from vibes import consent, evidence, numbers, subscriptions
from vibes.client import Client, LoginRefused, Retryable, VibesError
from vibes.models import Account, Subscription

State = Subscription.State
SOURCE = consent.OVERDUE


def expire_pending(
    account: Account, client: Client, now: datetime, *, limit: int = 200, budget: float = 15.0
) -> int:
    """Settle opt-ins whose time to answer is over, each after one last look; returns how many.

    It may have been answered meanwhile, or asked again. One on which Vibes fails stays as it is and
    holds up no other. After about `budget` seconds, since calls may have to wait for the rate, the
    rest is left to the next round. Raises what the client raises when our login is refused or Vibes is away.
    """
    over = Subscription.objects.filter(
        vibes_list__account=account, state=State.PENDING, expires_at__lte=now
    ).select_related("vibes_list", "acquisition_campaign")
    settled, ends = 0, monotonic() + budget
    for row in over.order_by("expires_at")[:limit]:
        try:
            settled += _settle_pending(row, client, now)
        except LoginRefused:
            raise
        except VibesError as fault:
            if isinstance(fault, Retryable) and fault.throttled:
                break
            client.lists()  # fails too when it is not the number that Vibes trips over
        if monotonic() >= ends:
            break
    return settled


def accounts_with_overdue(now: datetime) -> list[int]:
    """The accounts in which somebody's time to answer is over; not those that are held."""
    over = Subscription.objects.filter(state=State.PENDING, expires_at__lte=now)
    over = over.filter(vibes_list__account__held_until=None)
    return list(over.values_list("vibes_list__account", flat=True).distinct().order_by())


def _settle_pending(row: Subscription, client: Client, now: datetime) -> bool:
    """Look once more, then write what is so. Nothing has changed when the client raises."""
    campaign = row.acquisition_campaign
    waiting = client.pending(campaign.vibes_id, row.mobile) if campaign else []
    longer = max((each.expires_at for each in waiting if each.expires_at), default=None)
    if longer and longer > now:
        state = State.PENDING
    elif _is_member_again(row, client):
        state = State.SUBSCRIBED
    else:
        state = State.EXPIRED
    with transaction.atomic():
        numbers.lock(row.mobile)
        same = Subscription.objects.filter(pk=row.pk, state=row.state, told_at=row.told_at)
        if not same.exists():
            return False  # answered, or stopped, while we looked: that is newer
        return subscriptions.change(
            row.mobile,
            row.vibes_list,
            state,
            source=SOURCE,
            told_at=now,
            now=now,
            expires_at=longer,
            acquisition_campaign=campaign,
        )


def _is_member_again(row: Subscription, client: Client) -> bool:
    """Whether Vibes has them as a member, and not only as the one they were before they left."""
    members = client.find_subscribers(row.vibes_list.vibes_id, row.mobile)
    stopped_at = numbers.stopped_at(row.mobile, row.vibes_list.account_id)
    if not members or subscriptions.newest_end(stopped_at, row) is None:
        return bool(members)
    began_at = evidence.opted_in_at(client, row.vibes_list, members)
    return not subscriptions.stop_holds(stopped_at, row, opted_in_at=began_at)
