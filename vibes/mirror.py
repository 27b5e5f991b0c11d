"""Keep our copy true: who is a member of what. Every answer of Vibes is written once it is here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from people.models import PersonQuerySet
from vibes import rate, subscriptions
from vibes.client import Client, LoginRefused, Refused, Retryable, Unknown, VibesPerson
from vibes.models import Account, Number, Subscription, VibesList

from .catalogue import ensure_callbacks, ensure_sender, sync_catalogue

__all__ = [
    "ask",
    "ensure_callbacks",
    "ensure_sender",
    "expire_pending",
    "sync_catalogue",
    "unknown_mobiles",
]

State = Subscription.State
ASKED = "asked"
# How long one call may wait for its share of the rate before it gives up with what it has.
PATIENCE = 10.0
MOST_AT_ONCE = 40


@dataclass(frozen=True)
class Finding:
    """What Vibes said of one number: a member, not one, or that it is no number at all."""

    mobile: str
    member: VibesPerson | None = None
    invalid: bool = False


def unknown_mobiles(people: PersonQuerySet, vibes_list: VibesList) -> PersonQuerySet:
    """The numbers among these people that Vibes was never asked about, each once, in order.

    A `.values_list("mobile", flat=True)` in disguise: iterate it, slice it or count it.
    """
    known = Subscription.objects.filter(mobile=OuterRef("mobile"), vibes_list=vibes_list)
    numbers = people.present().with_mobile().exclude(Exists(known)).order_by("mobile")
    return numbers.values_list("mobile", flat=True).distinct()  # type: ignore[return-value]


def ask(vibes_list: VibesList, mobiles: Iterable[str], client: Client, now: datetime) -> int:
    """Ask Vibes whether each number is a member of the list; returns how many it answered.

    Several at a time, within the account's rate, so a slice of 1,000 takes a dozen seconds. Fewer
    than asked means that Vibes is away or busy: ask the rest later. Raises LoginRefused, after
    keeping what was answered.
    """
    answered = 0
    with ThreadPoolExecutor(min(client.slots, MOST_AT_ONCE)) as pool:
        for slice_ in _paced(client.account, list(dict.fromkeys(mobiles))):
            answers = list(pool.map(lambda mobile: _find(client, vibes_list, mobile), slice_))
            findings = [each for each in answers if isinstance(each, Finding)]
            _learn(vibes_list, findings, now)
            answered += len(findings)
            faults = [each for each in answers if isinstance(each, Exception)]
            if any(isinstance(each, LoginRefused) for each in faults):
                raise next(each for each in faults if isinstance(each, LoginRefused))
            if faults:
                break
    return answered


def _paced(account: Account, mobiles: Sequence[str]) -> Iterator[Sequence[str]]:
    """The numbers in slices that the rate allows, as soon as it allows them."""
    done, last = 0, monotonic()
    while done < len(mobiles) and monotonic() - last < PATIENCE:
        granted = rate.take(account, rate.Kind.OTHER, min(MOST_AT_ONCE, len(mobiles) - done))
        if not granted:
            sleep(0.05)
            continue
        yield mobiles[done : done + granted]
        done, last = done + granted, monotonic()


def _find(
    client: Client, vibes_list: VibesList, mobile: str
) -> Finding | Retryable | Unknown | Refused:
    try:
        return Finding(mobile, client.find_subscriber(vibes_list.vibes_id, mobile))
    except (Retryable, Unknown, LoginRefused) as fault:
        return fault
    except Refused as refused:
        return Finding(mobile, invalid=True) if refused.status == 400 else refused


def _learn(vibes_list: VibesList, findings: Sequence[Finding], now: datetime) -> None:
    """Write what was never known in two statements; what contradicts us, one change at a time."""
    mobiles = [each.mobile for each in findings]
    kept = Subscription.objects.filter(vibes_list=vibes_list, mobile__in=mobiles)
    rows = {row.mobile: row for row in kept}
    with transaction.atomic():
        _keep_numbers(findings, now)
        news = [_row(vibes_list, each, now) for each in findings if each.mobile not in rows]
        # Somebody may have told us meanwhile: what they wrote stands.
        Subscription.objects.bulk_create(news, ignore_conflicts=True)
    for each in findings:
        if each.mobile in rows:
            _correct(rows[each.mobile], each, now)


def _row(vibes_list: VibesList, finding: Finding, now: datetime) -> Subscription:
    """What is learnt of a number for the first time. It happened before, so no history is written."""
    return Subscription(
        mobile=finding.mobile,
        vibes_list=vibes_list,
        state=State.SUBSCRIBED if finding.member else State.NEVER,
        source=ASKED,
        changed_at=now,
        told_at=now.replace(microsecond=0),
    )


def _keep_numbers(findings: Sequence[Finding], now: datetime) -> None:
    keys = {each.mobile: each.member.person_key for each in findings if each.member}
    Number.objects.bulk_create(
        [Number(mobile=each.mobile, person_key=keys.get(each.mobile, "")) for each in findings],
        ignore_conflicts=True,
    )
    invalid = [each.mobile for each in findings if each.invalid]
    Number.objects.filter(mobile__in=invalid).update(line=Number.Line.INVALID, changed_at=now)


def _correct(row: Subscription, finding: Finding, now: datetime) -> None:
    if finding.member and not _stopped(row):
        state, reason = State.SUBSCRIBED, ""
    elif not finding.member and row.state == State.SUBSCRIBED:
        state, reason = State.UNSUBSCRIBED, subscriptions.NOT_AT_VIBES
    else:
        return
    subscriptions.change(
        row.mobile, row.vibes_list, state, source=ASKED, reason=reason, told_at=now, now=now
    )


def _stopped(row: Subscription) -> bool:
    """STOP ended this list by our own rule (all lists of the code); Vibes may still list the number."""
    return row.state == State.UNSUBSCRIBED and row.reason == subscriptions.STOPPED


def expire_pending(account: Account, client: Client, now: datetime, *, limit: int = 200) -> int:
    """Settle opt-ins whose time to answer is over, each after one last look; returns how many.

    Vibes tells nobody when a request expires. It may also have been answered, or asked again.
    """
    over = Subscription.objects.filter(
        vibes_list__account=account, state=State.PENDING, expires_at__lte=now
    ).select_related("vibes_list", "acquisition_campaign")
    settled = 0
    for row in over.order_by(F("expires_at"))[:limit]:
        if rate.take(account, rate.Kind.OTHER, 2) < 2:
            break
        settled += _settle_pending(row, client, now)
    return settled


def accounts_with_overdue(now: datetime) -> list[int]:
    """The accounts in which somebody's time to answer is over."""
    over = Subscription.objects.filter(state=State.PENDING, expires_at__lte=now)
    return list(over.values_list("vibes_list__account", flat=True).distinct().order_by())


def _settle_pending(row: Subscription, client: Client, now: datetime) -> bool:
    """Raises Retryable, Unknown or LoginRefused when Vibes cannot be asked: nothing has changed then."""
    campaign = row.acquisition_campaign
    waiting = client.pending(campaign.vibes_id, row.mobile) if campaign else []
    longer = max((each.expires_at for each in waiting if each.expires_at), default=None)
    if longer and longer > now:
        state = State.PENDING
    elif client.find_subscriber(row.vibes_list.vibes_id, row.mobile):
        state = State.SUBSCRIBED
    else:
        state = State.EXPIRED
    return subscriptions.change(
        row.mobile,
        row.vibes_list,
        state,
        source=ASKED,
        told_at=now,
        now=now,
        expires_at=longer,
        acquisition_campaign=campaign,
    )
