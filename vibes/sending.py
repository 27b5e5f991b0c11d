"""One row, one call: what Vibes answered, in the outbox's words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

import structlog

from . import refusals
from .client import (
    Client,
    LoginRefused,
    Participation,
    Refused,
    Retryable,
    Unknown,
    VibesError,
    VibesPerson,
    wire,
)
from .gate import Reason
from .models import OutboxRow, Subscription
from .refusals import Meaning

log = structlog.get_logger(__name__)
State = OutboxRow.State
Action = OutboxRow.Action
TOO_LATE = "permit-expired"
PEOPLE_OF_A_NUMBER = 5  # at most, before the next attempt goes on


@dataclass(frozen=True)
class Answer:
    """Where a row goes now. READY means again, later, without an attempt burnt unless `counts`.

    `holds` stops the account, for its login or, `elsewhere`, for its address; `campaign` and
    `stops_list` speak of more than this row (see `refusals.Meaning`). `membership`, `line` and
    `person_key` are what we learnt of the number.
    """

    state: str
    reason: str = ""
    detail: str = ""
    counts: bool = True
    holds: bool = False
    elsewhere: bool = False
    membership: str = ""
    expires_at: datetime | None = None
    line: str = ""
    person_key: str = ""
    campaign: str = ""
    stops_list: bool = False
    only_if_member: bool = False  # the end is news only where we take the number for a member
    is_fault: bool = False  # Vibes was not there, rather than that it answered something

    @classmethod
    def again(cls, why: str, *, counts: bool, holds: bool = False, fault: bool = False) -> Answer:
        return cls(State.READY, detail=why, counts=counts, holds=holds, is_fault=fault)

    @classmethod
    def unanswered(cls, state: str, fault: VibesError) -> Answer:
        """No clear answer came. Whoever sends us elsewhere would do so with every call."""
        elsewhere = fault.leads_elsewhere
        reason = Reason.ANSWER_LOST if state == State.UNKNOWN else ""
        holds = elsewhere or isinstance(fault, LoginRefused)
        return cls(
            state,
            reason,
            str(fault),
            counts=not holds,
            holds=holds,
            elsewhere=elsewhere,
            is_fault=state == State.UNKNOWN or not holds,
        )

    def without_words(self) -> Answer:
        """The same, without anything that stands in it as Vibes wrote it."""
        return replace(self, detail="", person_key="", expires_at=None)

    @property
    def teaches(self) -> bool:
        """Whether it says something of the number."""
        return bool(self.membership or self.line or self.person_key)


def send(
    row: OutboxRow, client: Client, *, external_person_id: str = "", not_after: float = math.inf
) -> Answer:
    """Make the row's call. Never raises for anything Vibes or the network may do.

    `external_person_id` is our id for whoever holds the number, where Vibes is to learn it now.
    `not_after` (monotonic) ends the permission: no call that texts somebody begins later. The end of
    a subscription and a question text nobody, and may.
    """
    try:
        if row.action == Action.SUBSCRIBE:
            return _subscribe(row, client, external_person_id, not_after)
        if row.action == Action.UNSUBSCRIBE:
            return _unsubscribe(row, client)
        return _text(row, client, not_after)
    except LoginRefused as refused:
        return Answer.again(str(refused), counts=False, holds=True)
    except Retryable as fault:
        return Answer.again(str(fault), counts=False, fault=not fault.throttled)
    except Unknown as fault:
        return Answer.unanswered(State.UNKNOWN, fault)
    except Refused as refused:
        return _refused(row, refused)


def _refused(row: OutboxRow, refused: Refused) -> Answer:
    """A definite no, in Vibes' words, and what follows from it."""
    found: Meaning = refusals.meaning(row.action, refused.status, refused.message)
    if found.alarm:
        log.error("vibes did not understand what we sent", row=row.pk, why=refused.message)
    return Answer(
        found.state,
        found.reason,
        refused.message,
        membership=found.membership,
        line=found.line,
        campaign=found.campaign,
        stops_list=found.stops_list,
    )


def _text(row: OutboxRow, client: Client, not_after: float) -> Answer:
    if not row.vibes_list.event_type:
        return Answer.again("the list has no sender just now", counts=False)
    with wire.not_after(not_after):
        client.send_event(
            row.event_id,
            row.vibes_list.event_type,
            row.mobile,
            row.text,
            debug={"run_id": str(row.run_id), "send_id": str(row.pk)},
        )
    return Answer(State.ACCEPTED)


# --- Subscribe ------------------------------------------------------------------------------------


def _subscribe(row: OutboxRow, client: Client, external_person_id: str, not_after: float) -> Answer:
    try:
        return _add(row, client, external_person_id, not_after)
    except Refused as refused:
        if refused.token != "EXTERNALPERSONIDMISMATCH":  # noqa: S105  # a word in Vibes' answer
            raise
    return _add_without_our_id(row, client, not_after)


def _add_without_our_id(row: OutboxRow, client: Client, not_after: float) -> Answer:
    """Vibes knows the number under another id, and did nothing: keep its key, leave it its id.

    Where that took too long, the next permission begins with the key.
    """
    try:
        known = client.find_persons(row.mobile)
    except Unknown as fault:  # only the question was lost: nobody has been asked anything yet
        return Answer.unanswered(State.READY, fault)
    if monotonic() > not_after:
        return replace(Answer.again(TOO_LATE, counts=True), person_key=_key(known))
    answer = _add(row, client, "", not_after)
    return answer if answer.person_key or not known else replace(answer, person_key=_key(known))


def _add(row: OutboxRow, client: Client, external_person_id: str, not_after: float) -> Answer:
    campaign = row.acquisition_campaign
    assert campaign is not None  # written with the row
    try:
        with wire.not_after(not_after):
            joined = client.add_participant(campaign.vibes_id, row.mobile, external_person_id)
    except Unknown:
        return _after_lost_answer(row, client, campaign.vibes_id)
    except Refused as refused:
        if refused.status == 409:
            return _member_already(row, client, refused)
        raise
    return _joined(joined)


def _joined(joined: Participation) -> Answer:
    state = Subscription.State.PENDING
    if joined.status == "SUBSCRIBED":
        state = Subscription.State.SUBSCRIBED
    until = joined.expires_at if state == Subscription.State.PENDING else None
    return Answer(State.ACCEPTED, membership=state, expires_at=until, person_key=joined.person_key)


def _member_already(row: OutboxRow, client: Client, refused: Refused) -> Answer:
    """Only a read makes a member. Where it finds none, the refusal stands."""
    try:
        return _member(row, client) or Answer(State.REJECTED, Reason.REFUSED, refused.message)
    except Unknown as fault:
        return Answer.unanswered(State.READY, fault)


def _after_lost_answer(row: OutboxRow, client: Client, campaign_id: str) -> Answer:
    """Starting an opt-in texts somebody: ask what became of it, and act again only if nobody knows it."""
    try:
        waiting = client.pending(campaign_id, row.mobile)
        found = _joined(waiting[0]) if waiting else _member(row, client)
    except VibesError as fault:  # still in the dark: to ask the person again would be a guess
        return Answer.unanswered(State.UNKNOWN, fault)
    if found:
        return found
    return Answer.again("answer lost, and Vibes knows nothing of it", counts=True, fault=True)


def _member(row: OutboxRow, client: Client) -> Answer | None:
    found = client.find_subscribers(row.vibes_list.vibes_id, row.mobile)
    member = Subscription.State.SUBSCRIBED
    return Answer(State.ACCEPTED, membership=member, person_key=_key(found)) if found else None


# --- Unsubscribe ----------------------------------------------------------------------------------


def _unsubscribe(row: OutboxRow, client: Client) -> Answer:
    """Find and end, until nobody is found: a ported number has several people at Vibes.

    Nobody there is done too. Safe to repeat, so a lost answer means again.
    """
    list_id, ended = row.vibes_list.vibes_id, list[VibesPerson]()
    try:
        for _ in range(PEOPLE_OF_A_NUMBER):
            member = client.find_subscriber(list_id, row.mobile)
            if member is None:
                break
            client.end_subscription(member.person_key, list_id)
            ended.append(member)
    except Unknown as fault:
        return Answer.unanswered(State.READY, fault)
    left = Subscription.State.UNSUBSCRIBED
    return Answer(State.ACCEPTED, membership=left, person_key=_key(ended), only_if_member=not ended)


def _key(people: list[VibesPerson]) -> str:
    """Of the first: the number that two people hold is known by either."""
    return next((each.person_key for each in people if each.person_key), "")
