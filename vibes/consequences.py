"""What follows from a fact Vibes told us: it may only take permission away, unless Vibes confirms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from uuid import UUID

import structlog

from people import activity
from people.activity import Happening, Kind
from people.models import Person
from people.models.setting import declare
from vibes import consent, evidence, lessons, outcomes, receipts, subscriptions, who
from vibes.consent import Cause
from vibes.facts import Fact, Membership, Named, OptIn, Receipt, Texted
from vibes.models import Account, AcquisitionCampaign, Callback, Subscription, VibesList
from vibes.outcomes import Words
from vibes.receipts import Batch

log = structlog.get_logger(__name__)
State = Subscription.State
TOLD = consent.TOLD
ASKED = consent.ASKED
LOST = "NOT APPLIED: an opt-out of somebody whom neither we nor Vibes can name"
STOP_SCOPE = declare(
    "stop_scope",
    default="code",
    help="What STOP ends: all Vibes lists of the source code (code), or those Vibes names (list).",
)
RECEIVED = activity.register(
    Kind("received_sms", "Received SMS", "Texted “{text}”", personal=("text",))
)


class NotYet(Exception):
    """A callback names what we do not know: a sync that may bring it was asked for."""

    WORDS = "waits for a sync"


@dataclass(frozen=True)
class Told:
    """The callback a fact came in, for whoever draws consequences from it at `now`.

    `now` is never before it came in: whoever applies it may have a slower clock than who took it in. `words`
    is the table of what receipts mean, `batch` the receipts that are written together.
    """

    account: Account
    callback_id: int
    received_at: datetime
    now: datetime
    words: Words
    batch: Batch | None = None

    @property
    def cause(self) -> Cause:
        return {"callback_id": self.callback_id}


def told(callback: Callback, now: datetime, words: Words, batch: Batch | None = None) -> Told:
    now = max(now, callback.received_at)
    return Told(callback.account, callback.pk, callback.received_at, now, words, batch)


def follow(fact: Fact | None, by: Told) -> str:
    """Draw the consequences, any number of times; returns in words what they were.

    Raises what the client raises when Vibes had to be asked and could not, and NotYet.
    """
    match fact:
        case Receipt():
            return _apply_receipt(fact, by)
        case Membership():
            return _apply_membership(fact, by)
        case OptIn():
            return _apply_opt_in(fact, by)
        case Texted():
            return _apply_texted(fact, by)
    return "nothing to do"


def texts_of_barred_numbers(facts: Iterable[Fact | None], words: Words) -> list[UUID]:
    """The ids of our texts of which these receipts say that their number takes none."""
    told = [each for each in facts if isinstance(each, Receipt)]
    barring = [each for each in told if words.meaning(_said(each)) == lessons.Meaning.NOT_MOBILE]
    return [found for each in barring if (found := receipts.id_of(each.event_id))]


def asks_vibes(fact: Fact | None, by: Told) -> bool:
    """Whether following this fact may call Vibes, which no transaction may wait for."""
    if isinstance(fact, Receipt):
        return lessons.asks_vibes(by.words.meaning(_said(fact)))
    return isinstance(fact, Membership | OptIn)


# --- Texts of ours, and of theirs -----------------------------------------------------------------


def _said(fact: Receipt) -> outcomes.Said:
    return outcomes.said(fact.kind, fact.status, fact.reason)


def _apply_receipt(fact: Receipt, by: Told) -> str:
    outcome = _judge(fact, by)
    event_id, meaning = receipts.id_of(fact.event_id), by.words.meaning(_said(fact))
    if outcome == receipts.NO_TEXT or event_id is None:
        return receipts.NO_TEXT
    if meaning in lessons.TEACHES:
        told_at = min(by.received_at, by.now)
        lessons.learn(event_id, meaning, fact.reason, told_at=told_at, now=by.now, cause=by.cause)
    return outcome


def _judge(fact: Receipt, by: Told) -> str:
    """Apply it with the batch it belongs to, or by itself."""
    receipt = (fact.event_id, fact.kind, fact.status, fact.reason)
    heard = outcomes.Heard(by.account.pk, by.callback_id)
    if by.batch is not None:
        return by.batch.apply(*receipt, heard=heard)
    return receipts.apply(*receipt, words=by.words, now=by.now, heard=heard)


def _apply_texted(fact: Texted, by: Told) -> str:
    """Words Vibes made nothing of, in everybody's history who holds the number. They change nothing."""
    mobile = who.number_of(fact.person)
    holders = Person.objects.present().with_mobile().filter(mobile=mobile)
    details = {"text": fact.text, "source_code": fact.source_code}
    lines = [Happening(pk, details) for pk in holders.values_list("pk", flat=True)]
    return f"a text, kept for {activity.record(RECEIVED, lines, at=by.now)} people"


# --- Memberships ----------------------------------------------------------------------------------


def _apply_membership(fact: Membership, by: Told) -> str:
    vibes_list = by.account.lists.filter(vibes_id=fact.list_id).first()
    if vibes_list is None and not fact.ended:
        return _unheard_of("list", fact.list_id, by)
    if fact.ended:
        mobiles = who.all_numbers(fact.person, by.account)
        said = [_apply_left(fact, each, vibes_list, by) for each in mobiles]
        return said[0] if said else _lost(fact, by)
    assert vibes_list is not None
    mobile = who.find(fact.person, by.account)
    return _apply_joined(fact, mobile, vibes_list, by) if mobile else "no number"


def _apply_left(fact: Membership, mobile: str, vibes_list: VibesList | None, by: Told) -> str:
    if _stops_the_code(fact):
        subscriptions.stop_code(
            mobile, by.account, named=vibes_list, told_at=fact.told_at, now=by.now, cause=by.cause
        )
    if not fact.list_id and not _stops_the_code(fact):
        return _apply_end_somewhere(fact, mobile, by)
    if vibes_list is None:
        said = _unheard_of("list", fact.list_id, by)
        return f"{said}, but STOP ends them all" if _stops_the_code(fact) else said
    return _apply_end(fact, mobile, vibes_list, by)


def _unheard_of(what: str, vibes_id: str, by: Told) -> str:
    """Lists and campaigns may be new: they are synced before we say that one is none of ours."""
    here = Account.objects.filter(pk=by.account.pk)
    if not vibes_id or here.filter(synced_at__gt=by.received_at).exists():
        return f"no {what} of ours"
    if by.account.sync_wanted_at is None:
        here.filter(sync_wanted_at=None).update(sync_wanted_at=by.now)
    raise NotYet(f"{NotYet.WORDS}: it names a {what} we do not know")


def _lost(fact: Membership, by: Told) -> str:
    """Somebody left whom neither we nor Vibes can name: a person has to look at it."""
    log.error(
        "an opt-out names nobody we can find: nothing was ended",
        account=by.account.pk,
        vibes_list=fact.list_id,
        person_key=fact.person.person_key,
        why=fact.reason,
    )
    return LOST


def _stops_the_code(fact: Membership) -> bool:
    """STOP means all lists (one source code per account), also where Vibes names only one."""
    return fact.ended and fact.reason in consent.STOP_REASONS and STOP_SCOPE.get() == "code"


def _apply_joined(fact: Membership, mobile: str, vibes_list: VibesList, by: Told) -> str:
    member = evidence.settle(
        mobile, vibes_list, told_at=fact.told_at, source=TOLD, now=by.now, cause=by.cause
    )
    return "member, as Vibes confirms" if member else "Vibes does not confirm the membership"


def _apply_end(fact: Membership, mobile: str, vibes_list: VibesList, by: Told) -> str:
    # As it will be kept: what is dated later than now, by a clock ahead of ours, counts as now.
    reason, at = fact.reason or "unknown", min(fact.told_at, by.now)
    kept = evidence.kept_state(mobile, vibes_list)
    if kept and kept.state == State.SUBSCRIBED and _is_stale(kept, at):
        is_member = evidence.settle(
            mobile,
            vibes_list,
            told_at=at,
            source=ASKED,
            now=by.now,
            reason=reason,
            cause=by.cause,
        )
        if is_member:
            return "older than what we know: a member again, as Vibes confirms"
        return "no member any more, as Vibes confirms"
    _change(mobile, vibes_list, State.UNSUBSCRIBED, at, by, reason=reason)
    return "no member any more"


def _apply_end_somewhere(fact: Membership, mobile: str, by: Told) -> str:
    """It does not say which list they left: Vibes is asked about each we take them for a member of."""
    rows = Subscription.objects.members().filter(mobile=mobile, vibes_list__account=by.account)
    stays = [
        evidence.settle(
            mobile,
            row.vibes_list,
            told_at=fact.told_at,
            source=ASKED,
            now=by.now,
            reason=fact.reason or "unknown",
            cause=by.cause,
        )
        for row in rows.select_related("vibes_list__account")
    ]
    return f"names no list of ours: left {stays.count(False)} of {len(stays)}, as Vibes confirms"


def _is_stale(kept: Subscription, told_at: datetime) -> bool:
    return kept.told_at is not None and told_at.replace(microsecond=0) < kept.told_at


# --- Opt-ins --------------------------------------------------------------------------------------


def _apply_opt_in(fact: OptIn, by: Told) -> str:
    campaign = by.account.acquisition_campaigns.filter(vibes_id=fact.campaign_id).first()
    if campaign is None:
        return _unheard_of("acquisition campaign", fact.campaign_id, by)
    find = who.all_numbers if fact.status == "REJECTED" else _the_number
    mobiles = find(fact.person, by.account)
    if not mobiles:
        return "no number"
    apply_to = {"PENDING": _begin, "REJECTED": _decline}.get(fact.status, _confirm)
    for mobile, vibes_list in product(mobiles, campaign.feeds.select_related("account")):
        apply_to(fact, mobile, vibes_list, campaign, by)
    return f"opt-in {fact.status.lower()}"


def _the_number(person: Named, account: Account) -> list[str]:
    mobile = who.find(person, account)
    return [mobile] if mobile else []


def _begin(
    fact: OptIn, mobile: str, vibes_list: VibesList, campaign: AcquisitionCampaign, by: Told
) -> None:
    """Somebody was asked. One we take for a member is asked about first: which of the two is it?"""
    kept, at = evidence.kept_state(mobile, vibes_list), fact.told_at
    is_kept = kept is not None and kept.state == State.SUBSCRIBED
    if is_kept and not evidence.is_news(kept, at):
        return
    if is_kept and evidence.settle(
        mobile, vibes_list, told_at=at, source=ASKED, now=by.now, cause=by.cause
    ):
        return
    _change(mobile, vibes_list, State.PENDING, at, by, campaign, expires_at=fact.expires_at)


def _decline(
    fact: OptIn, mobile: str, vibes_list: VibesList, campaign: AcquisitionCampaign, by: Told
) -> None:
    """No to one campaign ends no membership that came through another: Vibes is asked about that."""
    kept = evidence.kept_state(mobile, vibes_list)
    through = kept.acquisition_campaign_id if kept and kept.state == State.SUBSCRIBED else None
    if through in (None, campaign.pk):
        _change(mobile, vibes_list, State.DECLINED, fact.told_at, by, campaign)
        return
    evidence.settle(
        mobile,
        vibes_list,
        told_at=fact.told_at,
        source=ASKED,
        now=by.now,
        otherwise=State.DECLINED,
        reason="",
        cause=by.cause,
    )


def _confirm(
    fact: OptIn, mobile: str, vibes_list: VibesList, campaign: AcquisitionCampaign, by: Told
) -> None:
    """CONFIRMED, SUBSCRIBED, or what else Vibes may say one day: only a read makes a member."""
    evidence.settle(
        mobile,
        vibes_list,
        told_at=fact.told_at,
        source=TOLD,
        now=by.now,
        campaign=campaign,
        cause=by.cause,
    )


def _change(
    mobile: str,
    vibes_list: VibesList,
    state: str,
    told_at: datetime,
    by: Told,
    campaign: AcquisitionCampaign | None = None,
    *,
    reason: str = "",
    expires_at: datetime | None = None,
) -> None:
    subscriptions.change(
        mobile,
        vibes_list,
        state,
        source=TOLD,
        reason=reason,
        told_at=told_at,
        now=by.now,
        acquisition_campaign=campaign,
        expires_at=expires_at,
        cause=by.cause,
    )
