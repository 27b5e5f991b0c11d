"""Doubts about one number and one list, settled by asking Vibes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from people import mobile as mobile_numbers
from vibes import consent, numbers, rate, subscriptions
from vibes.client import Client, Retryable, VibesPerson
from vibes.consent import Cause
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
    reason: str = consent.NOT_AT_VIBES,
    campaign: AcquisitionCampaign | None = None,
    cause: Cause | None = None,
) -> bool:
    """Ask whether the number is a member, and write it; returns whether it is.

    `told_at` is the time of the news that raised the doubt: a membership counts from then, or from
    now when we hold something newer. Only a `source` of TOLD is an opt-in, and so lifts an older
    STOP. Someone we took for a member and who is none becomes `otherwise`; any other state stays.
    `cause` is what raised the doubt.
    Raises what the client raises; nothing has changed then.
    """
    member = _find(vibes_list.account, vibes_list, mobile)
    with transaction.atomic():
        # Locked before we look, so that no STOP comes between what we see and what we write.
        stopped_at = numbers.lock(mobile).stopped_at
        kept = kept_state(mobile, vibes_list)
        if member:
            subscriptions.remember_key(mobile, member.person_key)
            opted_in_at = told_at if source == consent.TOLD else None
            if subscriptions.stop_holds(stopped_at, kept, opted_in_at=opted_in_at):
                _keep_stopped(mobile, vibes_list, kept, stopped_at, now, cause)
                return False
        elif kept is None or kept.state != State.SUBSCRIBED:
            return False
        state, why = (State.SUBSCRIBED, "") if member else (otherwise, reason)
        source, told_at = _dated(kept, state, source, told_at, now)
        subscriptions.change(
            mobile,
            vibes_list,
            state,
            source=source,
            reason=why,
            told_at=told_at,
            now=now,
            acquisition_campaign=campaign,
            cause=cause,
        )
    return member is not None


def who_is(account: Account, person_key: str) -> str:
    """The number of whom Vibes knows by this key, or ''. Raises what the client raises."""
    with _one_call(account) as client:
        found = client.find_person(person_key)
    number = mobile_numbers.parse(found.mobile, region="US").e164 if found else ""
    if number:
        with transaction.atomic():
            numbers.lock(number)
            subscriptions.remember_key(number, person_key)
    return number


def _dated(
    kept: Subscription | None, state: str, source: str, told_at: datetime, now: datetime
) -> tuple[str, datetime]:
    """Source and time to write. A SUBSCRIBED of TOLD always carries the time of a real opt-in."""
    newer = is_news(kept, told_at)
    is_old_news = not newer or source == consent.ASKED
    if kept and kept.state == state == State.SUBSCRIBED and is_old_news:
        return kept.source, kept.told_at or now
    return (source, told_at) if newer else (consent.ASKED, now)


def kept_state(mobile: str, vibes_list: VibesList) -> Subscription | None:
    return Subscription.objects.filter(mobile=mobile, vibes_list=vibes_list).first()


def is_news(kept: Subscription | None, told_at: datetime) -> bool:
    """Whether a fact of this second comes after what we hold."""
    return kept is None or kept.told_at is None or told_at.replace(microsecond=0) > kept.told_at


def _keep_stopped(
    mobile: str,
    vibes_list: VibesList,
    kept: Subscription | None,
    stopped_at: datetime | None,
    now: datetime,
    cause: Cause | None,
) -> None:
    """Write that STOP ended this list too, unless its end is written already."""
    if stopped_at and (kept is None or kept.state != State.UNSUBSCRIBED):
        subscriptions.change(
            mobile,
            vibes_list,
            State.UNSUBSCRIBED,
            source=consent.ASKED,
            reason=consent.STOPPED,
            told_at=stopped_at,
            now=now,
            cause=cause,
        )


def _find(account: Account, vibes_list: VibesList, mobile: str) -> VibesPerson | None:
    with _one_call(account) as client:
        return client.find_subscriber(vibes_list.vibes_id, mobile)


def _one_call(account: Account) -> Client:
    if not rate.take(account, rate.Kind.OTHER, 1):
        raise Retryable("No call left in this second.", throttled=True)
    return Client(account, slots=1)
