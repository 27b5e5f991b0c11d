"""What follows from a fact Vibes told us: it may only take permission away, unless Vibes confirms."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog

from people.models.setting import declare
from vibes import consent, evidence, numbers, receipts, subscriptions
from vibes.facts import Fact, Membership, OptIn, Receipt
from vibes.models import (
    Account,
    AcquisitionCampaign,
    Number,
    OutboxRow,
    Subscription,
    VibesList,
)

log = structlog.get_logger(__name__)
State = Subscription.State
Named = TypeVar("Named", Membership, OptIn)
SOURCE = consent.TOLD
ASKED = consent.ASKED
LOST = "NOT APPLIED: an opt-out of somebody whom neither we nor Vibes can name"
STOP_REASONS = {"user_opt_out", "keyword_opt_out"}
STOP_SCOPE = declare(
    "stop_scope",
    default="code",
    help="What STOP ends: all Vibes lists of the source code (code), or those Vibes names (list).",
)


def follow(fact: Fact | None, account: Account, now: datetime) -> str:
    """Draw the consequences, any number of times; returns in words what they were.

    Raises what the client raises when Vibes had to be asked and could not.
    """
    match fact:
        case Receipt():
            return _apply_receipt(fact, now)
        case Membership():
            return _apply_membership(_named(fact, account), account, now)
        case OptIn():
            return _apply_opt_in(_named(fact, account), account, now)
    return "nothing to do"


def _named(fact: Named, account: Account) -> Named:
    """The fact with the number of whom it names by a key that we never heard of."""
    if fact.who or not fact.person_key:
        return fact
    return replace(fact, who=evidence.who_is(account, fact.person_key))


def asks_vibes(fact: Fact | None) -> bool:
    """Whether following this fact may call Vibes, which no transaction may wait for."""
    return isinstance(fact, Membership | OptIn) or (isinstance(fact, Receipt) and _went_wrong(fact))


def _went_wrong(receipt: Receipt) -> bool:
    return (receipt.kind.lower(), receipt.status.lower()) == ("routing", "failed")


def _apply_receipt(receipt: Receipt, now: datetime) -> str:
    try:
        event_id = UUID(receipt.event_id)
    except ValueError:
        return "no text of ours"
    outcome = receipts.apply(
        event_id=event_id,
        kind=receipt.kind,
        status=receipt.status,
        reason=receipt.reason,
        now=now,
    )
    if _went_wrong(receipt):
        _learn_from_failed_routing(event_id, receipt.reason.lower(), now)
    return outcome


def _learn_from_failed_routing(event_id: UUID, reason: str, now: datetime) -> None:
    """Vibes found no way to the number: our copy of it, or of its membership, may be wrong."""
    row = OutboxRow.objects.select_related("vibes_list__account").filter(event_id=event_id).first()
    if row is None:
        return
    if "carrier" in reason:
        landline = Number.Line.LANDLINE
        numbers.set_line(row.mobile, landline, source=SOURCE, told_at=now, now=now)
    elif "person" in reason or "list" in reason or "subscri" in reason:
        evidence.settle(row.mobile, row.vibes_list, told_at=now, source=ASKED, now=now)


def _apply_membership(fact: Membership, account: Account, now: datetime) -> str:
    vibes_list = account.lists.filter(vibes_id=fact.list_id).first()
    stopped = bool(fact.who) and _stops_the_code(fact)
    if stopped:
        subscriptions.stop_code(fact.who, account, named=vibes_list, told_at=fact.told_at, now=now)
    if not fact.who and fact.ended:
        return _lost(fact, account)
    if not fact.who or vibes_list is None:
        return "no list of ours, but STOP ends them all" if stopped else "no number or list of ours"
    if fact.ended:
        return _apply_end(fact, vibes_list, now)
    member = evidence.settle(fact.who, vibes_list, told_at=fact.told_at, source=SOURCE, now=now)
    return "member, as Vibes confirms" if member else "Vibes does not confirm the membership"


def _lost(fact: Membership, account: Account) -> str:
    """Somebody left whom neither we nor Vibes can name: a person has to look at it."""
    log.error(
        "an opt-out names nobody we can find: nothing was ended",
        account=account.pk,
        vibes_list=fact.list_id,
        person_key=fact.person_key,
        why=fact.reason,
    )
    return LOST


def _stops_the_code(fact: Membership) -> bool:
    """STOP means all lists (one source code per account), also where Vibes names only one."""
    return fact.ended and fact.reason in STOP_REASONS and STOP_SCOPE.get() == "code"


def _apply_end(fact: Membership, vibes_list: VibesList, now: datetime) -> str:
    reason = fact.reason or "unknown"
    kept = evidence.kept_state(fact.who, vibes_list)
    if kept and kept.state == State.SUBSCRIBED and _is_stale(kept, fact.told_at):
        at, who = fact.told_at, fact.who
        if evidence.settle(who, vibes_list, told_at=at, source=ASKED, now=now, reason=reason):
            return "older than what we know: a member again, as Vibes confirms"
        return "no member any more, as Vibes confirms"
    subscriptions.change(
        fact.who,
        vibes_list,
        State.UNSUBSCRIBED,
        source=SOURCE,
        reason=reason,
        told_at=fact.told_at,
        now=now,
    )
    return "no member any more"


def _is_stale(kept: Subscription, told_at: datetime) -> bool:
    return kept.told_at is not None and told_at.replace(microsecond=0) < kept.told_at


def _apply_opt_in(fact: OptIn, account: Account, now: datetime) -> str:
    campaign = account.acquisition_campaigns.filter(vibes_id=fact.campaign_id).first()
    if not fact.who or campaign is None:
        return "no number or acquisition campaign of ours"
    apply_to = {"PENDING": _begin, "REJECTED": _decline}.get(fact.status, _confirm)
    for vibes_list in campaign.feeds.select_related("account"):
        apply_to(fact, vibes_list, campaign, now)
    return f"opt-in {fact.status.lower()}"[:255]


def _begin(
    fact: OptIn, vibes_list: VibesList, campaign: AcquisitionCampaign, now: datetime
) -> None:
    """Somebody was asked. One we take for a member is asked about first: which of the two is it?"""
    kept = evidence.kept_state(fact.who, vibes_list)
    at, who = fact.told_at, fact.who
    if (
        kept
        and kept.state == State.SUBSCRIBED
        and (
            not evidence.is_news(kept, at)
            or evidence.settle(who, vibes_list, told_at=at, source=ASKED, now=now)
        )
    ):
        return
    subscriptions.change(
        fact.who,
        vibes_list,
        State.PENDING,
        source=SOURCE,
        told_at=fact.told_at,
        now=now,
        acquisition_campaign=campaign,
        expires_at=fact.expires_at,
    )


def _decline(
    fact: OptIn, vibes_list: VibesList, campaign: AcquisitionCampaign, now: datetime
) -> None:
    subscriptions.change(
        fact.who,
        vibes_list,
        State.DECLINED,
        source=SOURCE,
        told_at=fact.told_at,
        now=now,
        acquisition_campaign=campaign,
    )


def _confirm(
    fact: OptIn, vibes_list: VibesList, campaign: AcquisitionCampaign, now: datetime
) -> None:
    """CONFIRMED, SUBSCRIBED, or what else Vibes may say one day: only a read makes a member."""
    at, who = fact.told_at, fact.who
    evidence.settle(who, vibes_list, told_at=at, source=SOURCE, now=now, campaign=campaign)
