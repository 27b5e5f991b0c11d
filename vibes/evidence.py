"""Doubts about one number and one list, settled by asking Vibes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from people import mobile as mobile_numbers
from vibes import consent, numbers, subscriptions
from vibes.client import Client, Retryable, VibesPerson
from vibes.consent import Cause
from vibes.models import Account, AcquisitionCampaign, Subscription, VibesList

State = Subscription.State
# Seconds that calls wait for the rate where one is not enough: else they could never be made where
# one a second is all that is allowed.
PATIENCE = 2.0


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
    STOP, and only if Vibes' own record began after it too: whoever forges news has the date of it.
    Someone we took for a member and who is none becomes `otherwise`; any other state stays.
    `cause` is what raised the doubt.
    Raises what the client raises, and Retryable where the opposite was told meanwhile: Vibes' answer
    may be older than that. Nothing has changed then.
    """
    before = _what_stands(mobile, vibes_list)
    member, began_at = _find(vibes_list, mobile, dated=before.is_stopped and source == consent.TOLD)
    with transaction.atomic():
        # Locked before we look, so that no STOP comes between what we see and what we write.
        numbers.lock(mobile)
        kept = kept_state(mobile, vibes_list)
        stands = _what_stands(mobile, vibes_list)
        if member:
            _refuse_if_ended(before, stands)
            subscriptions.remember_key(mobile, member.person_key)
            opted_in_at = min(told_at, began_at) if began_at else None
            if _is_stopped(mobile, vibes_list, kept, opted_in_at, now, cause):
                return False
        elif stands.state != State.SUBSCRIBED:
            return False
        else:
            _refuse_if_begun(before, stands)
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
    with Client(account, slots=1, patience=0) as client:
        found = client.find_person(person_key)
    number = mobile_numbers.parse(found.mobile, region="US").e164 if found else ""
    if found and number:
        with transaction.atomic():
            numbers.lock(number)
            # Not the id it was asked by: another company may call somebody else by the same one.
            subscriptions.remember_key(number, found.person_key)
    return number


class _Stands(NamedTuple):
    """What is written of a number and a list, as far as an end shows in it."""

    state: str
    told_at: datetime | None
    left_at: datetime | None
    stopped_at: datetime | None

    @property
    def is_stopped(self) -> bool:
        return bool(self.left_at or self.stopped_at)


def _what_stands(mobile: str, vibes_list: VibesList) -> _Stands:
    kept = kept_state(mobile, vibes_list)
    stopped_at = numbers.stopped_at(mobile, vibes_list.account_id)
    state, told_at = (kept.state, kept.told_at) if kept else ("", None)
    return _Stands(state, told_at, subscriptions.left_at(kept), stopped_at)


def _refuse_if_ended(before: _Stands, now: _Stands) -> None:
    """An end that was written while we asked is newer than the answer, whatever their clocks say."""
    if now != before and (now.state != State.SUBSCRIBED or now.stopped_at != before.stopped_at):
        raise Retryable("Something ended while Vibes was being asked.")


def _refuse_if_begun(before: _Stands, now: _Stands) -> None:
    """The same of a membership that was written while we asked."""
    if now != before and now.stopped_at == before.stopped_at:
        raise Retryable("Something began while Vibes was being asked.")


def _dated(
    kept: Subscription | None, state: str, source: str, told_at: datetime, now: datetime
) -> tuple[str, datetime]:
    """Source and time to write. A SUBSCRIBED of TOLD always carries the time of a real opt-in."""
    newer = is_news(kept, told_at) or _answers(kept, state, told_at)
    is_old_news = not newer or source == consent.ASKED
    if kept and kept.state == state == State.SUBSCRIBED and is_old_news:
        return kept.source, kept.told_at or now
    return (source, told_at) if newer else (consent.ASKED, now)


def kept_state(mobile: str, vibes_list: VibesList) -> Subscription | None:
    return Subscription.objects.filter(mobile=mobile, vibes_list=vibes_list).first()


def is_news(kept: Subscription | None, told_at: datetime) -> bool:
    """Whether a fact of this second comes after what we hold."""
    return kept is None or kept.told_at is None or told_at.replace(microsecond=0) > kept.told_at


def _answers(kept: Subscription | None, state: str, told_at: datetime) -> bool:
    """Whether this is the yes to a question of the same second."""
    if kept is None or (kept.state, state) != (State.PENDING, State.SUBSCRIBED):
        return False
    return told_at.replace(microsecond=0) == kept.told_at


def _is_stopped(
    mobile: str,
    vibes_list: VibesList,
    kept: Subscription | None,
    opted_in_at: datetime | None,
    now: datetime,
    cause: Cause | None,
) -> bool:
    """Whether STOP still ends this list, though Vibes has the number there; written if it is not yet."""
    stopped_at = numbers.stopped_at(mobile, vibes_list.account_id)
    if not subscriptions.stop_holds(stopped_at, kept, opted_in_at=opted_in_at):
        return False
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
    return True


def _find(
    vibes_list: VibesList, mobile: str, *, dated: bool
) -> tuple[VibesPerson | None, datetime | None]:
    """A member with this number; and, where wanted, when the newest membership of it began."""
    with Client(vibes_list.account, slots=1, patience=PATIENCE if dated else 0) as client:
        members = client.find_subscribers(vibes_list.vibes_id, mobile)
        began_at = opted_in_at(client, vibes_list, members) if dated else None
    return next(iter(members), None), began_at


def opted_in_at(
    client: Client, vibes_list: VibesList, members: Iterable[VibesPerson]
) -> datetime | None:
    """When the newest membership of these began, by Vibes' own records; None where none says so."""
    keys = [each.person_key for each in members if each.person_key]
    records = [client.subscription_status(key, vibes_list.vibes_id) for key in keys]
    active = (each for some in records for each in some if not each.opted_out_at)
    return max((each.opted_in_at for each in active if each.opted_in_at), default=None)
