"""Doubts about one number and one list, settled by asking Vibes."""

from __future__ import annotations

from datetime import datetime

from vibes import rate, subscriptions
from vibes.client import Client, Retryable, VibesPerson
from vibes.models import Account, AcquisitionCampaign, Subscription, VibesList

State = Subscription.State


def settle(
    mobile: str,
    vibes_list: VibesList,
    *,
    told_at: datetime,
    source: str,
    now: datetime,
    otherwise: str = State.UNSUBSCRIBED,
    reason: str = subscriptions.NOT_AT_VIBES,
    campaign: AcquisitionCampaign | None = None,
) -> bool:
    """Ask whether the number is a member, and write it; returns whether it is.

    `told_at` is the time of the news that raised the doubt: a membership counts from then, or from
    now when we hold something newer. Someone we took for a member and who is none becomes
    `otherwise`; any other state stays. Raises what the client raises; nothing has changed then.
    """
    member = _find(vibes_list.account, vibes_list, mobile)
    kept = kept_state(mobile, vibes_list)
    state, why = (State.SUBSCRIBED, "") if member else (otherwise, reason)
    if not member and (kept is None or kept.state != State.SUBSCRIBED):
        return False
    newer = is_news(kept, told_at)
    if member and not newer and _stopped_here(kept):
        return False
    subscriptions.change(
        mobile,
        vibes_list,
        state,
        source=source,
        reason=why,
        told_at=told_at if newer else now,
        now=now,
        acquisition_campaign=campaign,
    )
    if member:
        subscriptions.remember_key(mobile, member.person_key)
    return member is not None


def kept_state(mobile: str, vibes_list: VibesList) -> Subscription | None:
    return Subscription.objects.filter(mobile=mobile, vibes_list=vibes_list).first()


def is_news(kept: Subscription | None, told_at: datetime) -> bool:
    """Whether a fact of this second comes after what we hold."""
    return kept is None or kept.told_at is None or told_at.replace(microsecond=0) > kept.told_at


def _stopped_here(kept: Subscription | None) -> bool:
    """STOP ended this list by our own rule; that Vibes still lists the number does not undo it."""
    return (
        kept is not None
        and kept.state == State.UNSUBSCRIBED
        and kept.reason == subscriptions.STOPPED
    )


def _find(account: Account, vibes_list: VibesList, mobile: str) -> VibesPerson | None:
    if not rate.take(account, rate.Kind.OTHER, 1):
        raise Retryable("No call left in this second.", throttled=True)
    with Client(account, slots=1) as client:
        return client.find_subscriber(vibes_list.vibes_id, mobile)
