"""One row, one call: what Vibes answered, in the outbox's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .client import Client, LoginRefused, Participation, Refused, Retryable, Unknown, VibesError
from .gate import Reason
from .models import Number, OutboxRow, Subscription

State = OutboxRow.State
Action = OutboxRow.Action
PEOPLE_OF_A_NUMBER = 5  # at most, before the next attempt goes on


@dataclass(frozen=True)
class Answer:
    """Where a row goes now. READY means again, later, without an attempt burnt unless `counts`.

    `holds` stops the account. `membership` and `line` are what we learnt of the number on the way.
    """

    state: str
    reason: str = ""
    detail: str = ""
    counts: bool = True
    holds: bool = False
    membership: str = ""
    expires_at: datetime | None = None
    line: str = ""
    only_if_held: bool = False  # the membership is news only where we take the number for a member

    @classmethod
    def again(cls, why: str, *, counts: bool, holds: bool = False) -> Answer:
        return cls(State.READY, detail=why, counts=counts, holds=holds)


def send(row: OutboxRow, client: Client) -> Answer:
    """Make the row's call. Never raises for anything Vibes or the network may do."""
    try:
        return _CALLS[Action(row.action)](row, client)
    except LoginRefused as refused:
        return Answer.again(str(refused), counts=False, holds=True)
    except Retryable as fault:
        return Answer.again(str(fault), counts=not fault.throttled)
    except Unknown as fault:
        return Answer(State.UNKNOWN, Reason.ANSWER_LOST, str(fault))
    except Refused as refused:
        return _refused(refused)


def _text(row: OutboxRow, client: Client) -> Answer:
    if not row.vibes_list.event_type:
        return Answer(State.REJECTED, Reason.NO_SENDER)
    client.send_event(
        row.event_id,
        row.vibes_list.event_type,
        row.mobile,
        row.text,
        debug={"run_id": str(row.run_id), "send_id": str(row.pk)},
    )
    return Answer(State.ACCEPTED)


def _subscribe(row: OutboxRow, client: Client) -> Answer:
    campaign = row.acquisition_campaign
    assert campaign is not None  # written with the row
    try:
        joined = client.add_participant(campaign.vibes_id, row.mobile)
    except Unknown:
        return _after_lost_answer(row, client, campaign.vibes_id)
    except Refused as refused:
        if refused.status == 409:
            return Answer(State.ACCEPTED, membership=Subscription.State.SUBSCRIBED)
        raise
    return _joined(joined)


def _joined(joined: Participation) -> Answer:
    if joined.status == "SUBSCRIBED":
        return Answer(State.ACCEPTED, membership=Subscription.State.SUBSCRIBED)
    pending = Subscription.State.PENDING
    return Answer(State.ACCEPTED, membership=pending, expires_at=joined.expires_at)


def _after_lost_answer(row: OutboxRow, client: Client, campaign_id: str) -> Answer:
    """Starting an opt-in texts somebody: ask what became of it, and act again only if nobody knows it."""
    try:
        waiting = client.pending(campaign_id, row.mobile)
        if waiting:
            return _joined(waiting[0])
        if client.find_subscriber(row.vibes_list.vibes_id, row.mobile):
            return Answer(State.ACCEPTED, membership=Subscription.State.SUBSCRIBED)
    except VibesError as fault:  # still in the dark: to ask the person again would be a guess
        return Answer(State.UNKNOWN, Reason.ANSWER_LOST, str(fault))
    return Answer.again("answer lost, and Vibes knows nothing of it", counts=True)


def _unsubscribe(row: OutboxRow, client: Client) -> Answer:
    """Find and end, until nobody is found: a ported number has several people at Vibes.

    Nobody there is done too. Safe to repeat, so a lost answer means again.
    """
    list_id, ended = row.vibes_list.vibes_id, False
    try:
        for _ in range(PEOPLE_OF_A_NUMBER):
            member = client.find_subscriber(list_id, row.mobile)
            if member is None:
                break
            client.end_subscription(member.person_key, list_id)
            ended = True
    except Unknown as fault:
        return Answer.again(str(fault), counts=True)
    left = Subscription.State.UNSUBSCRIBED
    return Answer(State.ACCEPTED, membership=left, only_if_held=not ended)


_CALLS = {Action.TEXT: _text, Action.SUBSCRIBE: _subscribe, Action.UNSUBSCRIBE: _unsubscribe}


def _refused(refused: Refused) -> Answer:
    """A definite no, in Vibes' words, and what it says about the number."""
    if refused.token == "MDNHASCONFIRMATIONBLOCK":  # noqa: S105  # a word in Vibes' answer
        declined = Subscription.State.DECLINED
        return Answer(State.REJECTED, Reason.DECLINED_AT_VIBES, str(refused), membership=declined)
    if refused.status == 422 and "carrier" in str(refused).lower():
        return Answer(State.REJECTED, Reason.LANDLINE, str(refused), line=Number.Line.LANDLINE)
    return Answer(State.REJECTED, Reason.REFUSED, str(refused))
