"""Where a number stands with every list at Vibes, by Vibes' own records and the questions open there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from time import monotonic, sleep
from typing import TypeVar

from vibes import consent
from vibes.client import Client, LoginRefused, Refused, Retryable, SubscriptionRecord, VibesError
from vibes.models import AcquisitionCampaign, Subscription

State = Subscription.State
Value = TypeVar("Value")
MOST_AT_ONCE = 10
# Seconds after which a call gives up for which the rate leaves no room, or which Vibes wants slower.
PATIENCE = 10.0


Feeds = Mapping[AcquisitionCampaign, frozenset[str]]
"""Active campaigns, each with the lists (Vibes' ids) it feeds."""


@dataclass(frozen=True)
class Question:
    """A number, and the opt-ins we take for open: each a campaign and the list (Vibes' id)."""

    mobile: str
    requests: frozenset[tuple[AcquisitionCampaign, str]] = frozenset()


@dataclass(frozen=True)
class OnList:
    """Subscribed, pending, unsubscribed or never; since when by Vibes' clock, where it says so.

    `began_again`: it ended and began in one second, so what began is the later.
    """

    state: State
    told_at: datetime | None = None
    reason: str = ""
    began_again: bool = False
    campaign: AcquisitionCampaign | None = None
    expires_at: datetime | None = None


NEVER = OnList(State.NEVER)


@dataclass(frozen=True)
class Standing:
    """All that Vibes says of one number: by Vibes' id of the list; not there: never on it.

    `stopped_at` is the newest end that the person asked for. `invalid`: no number to Vibes.
    """

    mobile: str
    lists: Mapping[str, OnList] = field(default_factory=dict)
    person_key: str = ""
    stopped_at: datetime | None = None
    invalid: bool = False

    def on(self, list_id: str) -> OnList:
        return self.lists.get(list_id, NEVER)


def ask_all(
    client: Client, questions: Sequence[Question], feeds: Feeds
) -> list[Standing | VibesError]:
    """Ask about each number, several at a time and within the rate: its standing, or what went wrong.

    An opt-in may be open in any campaign that feeds a list the number is not on. Whenever something
    failed, Vibes is asked for its lists: raises what the client raises when that fails too, for
    then Vibes is away, and does not just trip over a number.
    """
    found: list[Standing | VibesError] = []
    at_once = min(client.slots, MOST_AT_ONCE)
    with ThreadPoolExecutor(at_once) as pool:
        for first in range(0, len(questions), at_once):
            some = questions[first : first + at_once]
            answers = list(pool.map(partial(_ask_safely, client, feeds), some))
            _raise_if_away(client, answers)
            found += answers
    return found


def _raise_if_away(client: Client, answers: Iterable[Standing | VibesError]) -> None:
    faults = [each for each in answers if isinstance(each, VibesError)]
    for each in faults:
        if isinstance(each, LoginRefused) or (isinstance(each, Retryable) and each.throttled):
            raise each
    if faults:
        _patiently(client.lists)


def _ask_safely(client: Client, feeds: Feeds, question: Question) -> Standing | VibesError:
    try:
        return _ask(client, feeds, question)
    except Refused as refused:
        return Standing(question.mobile, invalid=True) if refused.names_no_number else refused
    except VibesError as fault:
        return fault


def _ask(client: Client, feeds: Feeds, question: Question) -> Standing:
    persons = _patiently(partial(client.find_persons, question.mobile))
    keys = [each.person_key for each in persons if each.person_key]
    records = {key: _patiently(partial(client.subscriptions, key)) for key in keys}
    standing = _read(question.mobile, records)
    lists = dict(standing.lists)
    # Whoever was asked to join is a person at Vibes.
    for campaign, fed in _campaigns_to_ask(question, standing, feeds).items() if keys else ():
        waiting = _patiently(partial(client.pending, campaign.vibes_id, question.mobile))
        ends = max((each.expires_at for each in waiting if each.expires_at), default=None)
        for list_id in fed if waiting else ():
            lists[list_id] = OnList(State.PENDING, campaign=campaign, expires_at=ends)
    return replace(standing, lists=lists)


def _campaigns_to_ask(question: Question, standing: Standing, feeds: Feeds) -> Feeds:
    """Each campaign in which an opt-in may be open, and the lists it would be for."""
    wanted: dict[AcquisitionCampaign, set[str]] = {}
    for campaign, list_id in question.requests:
        wanted.setdefault(campaign, set()).add(list_id)
    for campaign, fed in feeds.items():
        wanted.setdefault(campaign, set()).update(fed)
    member_of = {key for key, on in standing.lists.items() if on.state == State.SUBSCRIBED}
    return {each: frozenset(fed - member_of) for each, fed in wanted.items() if fed - member_of}


def _read(mobile: str, records: Mapping[str, Sequence[SubscriptionRecord]]) -> Standing:
    """What the records of everybody with this number come to: two people after a change of carrier."""
    by_list: dict[str, list[SubscriptionRecord]] = {}
    for record in (each for some in records.values() for each in some):
        by_list.setdefault(record.list_id, []).append(record)
    lists = {list_id: _on_list(some) for list_id, some in by_list.items()}
    stops = [
        record.opted_out_at
        for some in by_list.values()
        for record in some
        if record.opted_out_at and record.reason in consent.STOP_REASONS
    ]
    return Standing(mobile, lists, _key(records), max(stops, default=None))


def _key(records: Mapping[str, Sequence[SubscriptionRecord]]) -> str:
    """The key of a member, else of anybody."""
    members = [key for key, some in records.items() if any(not r.opted_out_at for r in some)]
    return next(iter([*members, *records]), "")


def _on_list(records: Sequence[SubscriptionRecord]) -> OnList:
    ends = [each for each in records if each.opted_out_at]
    last_end = max(ends, key=lambda each: each.opted_out_at, default=None)  # type: ignore[arg-type, return-value]
    members = [each for each in records if not each.opted_out_at]
    if members:
        since = max((each.opted_in_at for each in members if each.opted_in_at), default=None)
        again = last_end is not None and last_end.opted_out_at == since
        return OnList(State.SUBSCRIBED, since, began_again=again)
    assert last_end is not None  # a list is only here because of a record
    return OnList(State.UNSUBSCRIBED, last_end.opted_out_at, last_end.reason or "unknown")


def _patiently(call: Callable[[], Value]) -> Value:
    """Make a call, and again when Vibes wants it slower."""
    ends = monotonic() + PATIENCE
    while True:
        try:
            return call()
        except Retryable as fault:
            if not fault.throttled or monotonic() > ends:
                raise
            sleep(0.2)
