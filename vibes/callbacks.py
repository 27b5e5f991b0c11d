"""What Vibes tells us: stored raw and answered, then applied, in any order and any number of times.

Callbacks are unsigned, so they may only take permission away: an opt-out holds at once, an opt-in
only after Vibes, asked by us, has said the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db.models import QuerySet

from people.models.setting import declare
from vibes import evidence, receipts, subscriptions
from vibes.client import LoginRefused, Refused, Retryable, Unknown
from vibes.facts import Membership, OptIn, Receipt, read
from vibes.models import (
    Account,
    AcquisitionCampaign,
    Callback,
    Number,
    OutboxRow,
    Subscription,
    VibesList,
)

log = structlog.get_logger(__name__)
Body = dict[str, Any]
State = Subscription.State
MOST_BYTES = 64 * 1024
SOURCE = "callback"
STOP_REASONS = {"user_opt_out", "keyword_opt_out"}
STOP_SCOPE = declare(
    "stop_scope",
    default="code",
    help="What STOP ends: all Vibes lists of the source code (code), or those Vibes names (list).",
)


def account_of(token: str) -> Account | None:
    """Whose token this is, now or before its last rotation; as slow for a wrong one."""
    found = None
    for account in Account.objects.order_by("pk"):
        tokens = [account.callback_token, account.previous_callback_token]
        matches = [_same(token, each) for each in tokens if each]
        found = account if any(matches) else found
    return found


def _same(told: str, kept: str) -> bool:
    return hmac.compare_digest(told.encode(), kept.encode())


# --- Stored raw ---------------------------------------------------------------------------------


def store(account: Account, raw: bytes, now: datetime) -> Callback:
    """Keep a callback as it came; the same one again is the row we have."""
    body = parse(raw)
    text = raw.decode("utf-8", "replace").replace("\0", "�")
    callback, _ = Callback.objects.get_or_create(
        account=account,
        event_id=_identity(body, raw),
        defaults={"kind": _kind(body), "body": text, "received_at": now},
    )
    return callback


def to_apply() -> QuerySet[Callback]:
    """Callbacks that wait to be applied, oldest first."""
    return Callback.objects.filter(applied_at=None).order_by("pk")


def parse(raw: bytes | str) -> Body:
    """The body as an object; an empty one when it is anything else."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _identity(body: Body, raw: bytes) -> str:
    """Vibes' id of the callback (the outer one); else a hash of what no attempt changes."""
    told = body.get("event_id")
    if isinstance(told, str) and told and _clean(told, 120) == told:
        return told
    if body:
        same = {name: value for name, value in body.items() if name != "delivery_attempt"}
        raw = json.dumps(same, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _kind(body: Body) -> str:
    return _clean(str(body.get("callback_type") or body.get("event_type") or ""), 60)


def _clean(text: str, length: int) -> str:
    """What any database can keep of it: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:length]


# --- Applied ------------------------------------------------------------------------------------


def apply(callback_id: int, now: datetime) -> str:
    """Apply one callback; returns in words what it did, or '' when it has to wait for Vibes.

    Twice is as good as once, and so is at the same time in two processes.
    """
    callback = Callback.objects.select_related("account").get(pk=callback_id)
    if callback.applied_at is not None:
        return callback.outcome
    try:
        outcome = _apply(callback, now)
    except (Retryable, Unknown, LoginRefused) as fault:
        log.info("callback waits for vibes", callback=callback_id, why=str(fault))
        return ""
    except Refused as refused:
        outcome = f"Vibes refused to confirm it: {refused}"
    waiting = Callback.objects.filter(pk=callback_id, applied_at=None)
    waiting.update(applied_at=now, outcome=outcome[:255])
    return outcome[:255]


def _apply(callback: Callback, now: datetime) -> str:
    match read(parse(callback.body), received_at=callback.received_at):
        case Receipt() as receipt:
            return _apply_receipt(receipt, now)
        case Membership() as membership:
            return _apply_membership(membership, callback.account, now)
        case OptIn() as opt_in:
            return _apply_opt_in(opt_in, callback.account, now)
        case _:
            return "nothing to do"


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
    if (receipt.kind.lower(), receipt.status.lower()) == ("routing", "failed"):
        _learn_from_failed_routing(event_id, receipt.reason.lower(), now)
    return outcome


def _learn_from_failed_routing(event_id: UUID, reason: str, now: datetime) -> None:
    """Vibes found no way to the number: our copy of it, or of its membership, may be wrong."""
    row = OutboxRow.objects.select_related("vibes_list__account").filter(event_id=event_id).first()
    if row is None:
        return
    if "carrier" in reason:
        landline = Number.Line.LANDLINE
        Number.objects.filter(mobile=row.mobile).update(line=landline, changed_at=now)
    elif "person" in reason or "list" in reason or "subscri" in reason:
        evidence.settle(row.mobile, row.vibes_list, told_at=now, source=SOURCE, now=now)


def _apply_membership(fact: Membership, account: Account, now: datetime) -> str:
    vibes_list = account.lists.filter(vibes_id=fact.list_id).first()
    if not fact.who or vibes_list is None:
        return "no number or list of ours"
    if fact.ended:
        return _apply_end(fact, vibes_list, now)
    member = evidence.settle(fact.who, vibes_list, told_at=fact.told_at, source=SOURCE, now=now)
    return "member, as Vibes confirms" if member else "Vibes does not confirm the membership"


def _apply_end(fact: Membership, vibes_list: VibesList, now: datetime) -> str:
    reason = fact.reason or "unknown"
    kept = evidence.kept_state(fact.who, vibes_list)
    if kept and kept.state == State.SUBSCRIBED and _is_stale(kept, fact.told_at):
        at, who = fact.told_at, fact.who
        if evidence.settle(who, vibes_list, told_at=at, source=SOURCE, now=now, reason=reason):
            return "older than what we know: a member again, as Vibes confirms"
        return "no member any more, as Vibes confirms"
    _take_away(fact.who, vibes_list, State.UNSUBSCRIBED, reason, fact.told_at, now)
    if fact.reason in STOP_REASONS and STOP_SCOPE.get() == "code":
        _stop_other_lists(fact, vibes_list, now)
    return "no member any more"


def _stop_other_lists(fact: Membership, named: VibesList, now: datetime) -> None:
    """STOP means all of them (one source code per account), also where Vibes names only one."""
    others = Subscription.objects.filter(
        mobile=fact.who,
        vibes_list__account=named.account_id,
        state__in=[State.SUBSCRIBED, State.PENDING],
    )
    for row in others.exclude(vibes_list=named).select_related("vibes_list"):
        state = State.UNSUBSCRIBED if row.state == State.SUBSCRIBED else State.DECLINED
        _take_away(fact.who, row.vibes_list, state, subscriptions.STOPPED, fact.told_at, now)


def _take_away(
    who: str, vibes_list: VibesList, state: str, reason: str, told_at: datetime, now: datetime
) -> None:
    subscriptions.change(
        who, vibes_list, state, source=SOURCE, reason=reason, told_at=told_at, now=now
    )


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
            or evidence.settle(who, vibes_list, told_at=at, source=SOURCE, now=now)
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
