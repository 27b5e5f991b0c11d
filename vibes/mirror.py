"""Keep our copy true: who is a member of what. Every answer of Vibes is written once it is here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic, sleep

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from people.models import Person, PersonQuerySet
from vibes import consent, numbers, subscriptions
from vibes.client import Client, LoginRefused, Refused, Retryable, VibesError, VibesPerson
from vibes.models import Number, Subscription, VibesList

State = Subscription.State
ASKED = consent.ASKED
# For how long Vibes may want us slower before a round gives up with what it has.
PATIENCE = 10.0
MOST_AT_ONCE = 40
# So many failures one after the other mean that Vibes is away, and not that it trips over a number.
AWAY_AFTER = 5


@dataclass(frozen=True)
class Finding:
    """What Vibes said of one number: a member, not one, or that it is no number at all."""

    mobile: str
    member: VibesPerson | None = None
    invalid: bool = False


@dataclass(frozen=True)
class Asked:
    """What became of a round of questions: those Vibes failed on or refused, and why; those not
    asked in the end, because Vibes was away or busy.
    """

    answered: int
    faults: dict[str, str]
    not_asked: tuple[str, ...]

    @property
    def unanswered(self) -> list[str]:
        return [*self.faults, *self.not_asked]


def unknown_mobiles(people: PersonQuerySet, vibes_list: VibesList) -> QuerySet[Person, str]:
    """The numbers among these people that Vibes was never asked about, each once, in order."""
    known = Subscription.objects.filter(mobile=OuterRef("mobile"), vibes_list=vibes_list)
    numbers = people.present().with_mobile().exclude(Exists(known)).order_by("mobile")
    return numbers.values_list("mobile", flat=True).distinct()


def ask(vibes_list: VibesList, mobiles: Iterable[str], client: Client, now: datetime) -> int:
    """Ask about each number as `ask_each` does; returns how many Vibes answered."""
    return ask_each(vibes_list, mobiles, client, now).answered


def ask_each(vibes_list: VibesList, mobiles: Iterable[str], client: Client, now: datetime) -> Asked:
    """Ask Vibes whether each number is a member of the list; says who got no answer.

    Several at a time, within the account's rate, so a slice of 1,000 takes a dozen seconds. A
    number that Vibes refuses or fails on does not hold up the others. Raises LoginRefused (what was
    answered before is kept), Refused when the list is gone, for then nobody would be a member, and
    Retryable or Unknown when not even the lists could be read.
    """
    if vibes_list.vibes_id not in {each.vibes_id for each in client.lists()}:
        raise Refused(f"The list {vibes_list} is gone at Vibes.", status=404)
    waiting, heard_at = deque(dict.fromkeys(mobiles)), monotonic()
    answered, faults, in_a_row = 0, dict[str, str](), 0
    with ThreadPoolExecutor(min(client.slots, MOST_AT_ONCE)) as pool:
        while waiting and in_a_row < AWAY_AFTER and monotonic() - heard_at < PATIENCE:
            asked = _next(waiting)
            answers = list(pool.map(partial(_find, client, vibes_list), asked))
            findings = [each for each in answers if isinstance(each, Finding)]
            _learn(vibes_list, findings, now)
            answered += len(findings)
            in_a_row = _failures_in_a_row(answers, in_a_row)
            for mobile, each in zip(asked, answers, strict=True):
                if _is_throttled(each):
                    waiting.append(mobile)
                elif isinstance(each, VibesError):
                    faults[mobile] = str(each)
            is_heard = not all(map(_is_throttled, answers))
            heard_at = monotonic() if is_heard else _after_a_pause(heard_at)
    return Asked(answered, faults, tuple(waiting))


def _is_throttled(answer: Finding | VibesError) -> bool:
    """Being asked to slow down is no failure: ask the same again."""
    return isinstance(answer, Retryable) and answer.throttled


def _failures_in_a_row(answers: Sequence[Finding | VibesError], before: int) -> int:
    """How many calls failed since the last that got any answer; AWAY_AFTER of them: Vibes is away.

    Raises LoginRefused, for then no other call can do better.
    """
    row = most = before
    for each in answers:
        if isinstance(each, LoginRefused):
            raise each
        if isinstance(each, Finding | Refused):
            row = 0
        elif not _is_throttled(each):
            row += 1
        most = max(most, row)
    return most if most >= AWAY_AFTER else row


def _next(waiting: deque[str]) -> list[str]:
    """Some numbers; they leave the queue."""
    return [waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(waiting)))]


def _after_a_pause(heard_at: float) -> float:
    sleep(0.05)
    return heard_at


def _find(client: Client, vibes_list: VibesList, mobile: str) -> Finding | VibesError:
    try:
        return Finding(mobile, client.find_subscriber(vibes_list.vibes_id, mobile))
    except Refused as refused:
        return Finding(mobile, invalid=True) if refused.names_no_number else refused
    except VibesError as fault:
        return fault


def _learn(vibes_list: VibesList, findings: Sequence[Finding], now: datetime) -> None:
    """Write what was never known in bulk; what contradicts us, one change at a time."""
    by_mobile = {each.mobile: each for each in findings}
    with transaction.atomic():
        held = numbers.lock_all(by_mobile)
        kept = Subscription.objects.filter(vibes_list=vibes_list, mobile__in=by_mobile)
        rows = {row.mobile: row for row in kept.select_related("vibes_list")}
        _keep_numbers(held, findings, now)
        stops = numbers.stops(held, vibes_list.account_id)
        new = [each for each in findings if each.mobile not in rows]
        news = [_row(vibes_list, each, stops.get(each.mobile), now) for each in new]
        subscriptions.keep_new(news, held, now=now)
        for mobile, row in rows.items():
            _correct(row, by_mobile[mobile], stops.get(mobile), now)


def _row(
    vibes_list: VibesList, finding: Finding, stopped_at: datetime | None, now: datetime
) -> Subscription:
    """What is learnt of a number for the first time: it happened before, so it is no history."""
    state, reason, told_at = State.SUBSCRIBED if finding.member else State.NEVER, "", now
    if finding.member and stopped_at:
        state, reason, told_at = State.UNSUBSCRIBED, consent.STOPPED, stopped_at
    return Subscription(
        mobile=finding.mobile,
        vibes_list=vibes_list,
        state=state,
        reason=reason,
        source=ASKED,
        changed_at=now,
        told_at=told_at.replace(microsecond=0),
    )


def _keep_numbers(held: dict[str, Number], findings: Sequence[Finding], now: datetime) -> None:
    """Keep whose numbers Vibes says they are, and those it does not take."""
    keys = {each.mobile: each.member.person_key for each in findings if each.member}
    numbers.remember_keys(held, keys)
    for each in findings:
        if each.invalid:
            numbers.set_line(each.mobile, Number.Line.INVALID, source=ASKED, told_at=now, now=now)


def _correct(
    row: Subscription, finding: Finding, stopped_at: datetime | None, now: datetime
) -> None:
    if row.changed_at > now:  # told while Vibes was being asked: newer than its answer
        return
    if finding.member and not subscriptions.stop_holds(stopped_at, row):
        state, reason = State.SUBSCRIBED, ""
    elif not finding.member and row.state == State.SUBSCRIBED:
        state, reason = State.UNSUBSCRIBED, consent.NOT_AT_VIBES
    else:
        return
    subscriptions.change(
        row.mobile, row.vibes_list, state, source=ASKED, reason=reason, told_at=now, now=now
    )
