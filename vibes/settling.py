"""Writing down what Vibes answered: the row, its verdict, its history and what was learnt on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from people.crashpoint import crashpoint

from . import consent, gate, numbers, outbox, ranges, receipts, subscriptions
from .models import Account, AcquisitionCampaign, OutboxRange, OutboxRow, Subscription, VibesList
from .sending import Answer

log = structlog.get_logger(__name__)
State = OutboxRow.State
ATTEMPTS = 6
BACK_OFF = [1, 5, 30, 120, 300]  # seconds, by attempt
SWEPT_AT_ONCE = 20  # ranges
STUMBLES = (OperationalError, InterfaceError)  # the database, not what is written


def settle(answers: Sequence[tuple[OutboxRow, Answer]], *, now: datetime) -> None:
    """Write down what Vibes answered, verdicts and history with it, in one transaction."""
    if not answers:
        return
    crashpoint("before-result")
    with transaction.atomic():
        # In the order in which whoever applies callbacks locks them too.
        if taught := {row.mobile for row, answer in answers if answer.teaches}:
            numbers.lock_all(taught)
        ours = _still_ours(answers)
        by_answer = defaultdict(list)
        for row, answer in answers:
            if row.pk in ours:
                by_answer[_final(row, answer, stopped=ours[row.pk])].append(row)
        for answer, rows in by_answer.items():
            _apply(rows, answer, now)
        crashpoint("inside-result")
    crashpoint("result-committed")


def settle_surely(
    answers: Sequence[tuple[OutboxRow, Answer]], clock: Callable[[], datetime]
) -> None:
    """Settle, again if the database stumbles: what Vibes answered must not become *unknown* for that.

    Nor for what else is wrong with one answer: then each is settled by itself, and that one without
    Vibes' own words. What cannot be settled even so is raised once the others are safe.
    """
    try:
        _settle_again(answers, clock)
    except STUMBLES:
        raise
    except Exception as wrong:  # noqa: BLE001  # it must not cost the others their answers
        log.error("answers were not taken together", why=type(wrong).__name__)
        _settle_each(answers, clock)


def _settle_each(
    answers: Sequence[tuple[OutboxRow, Answer]], clock: Callable[[], datetime]
) -> None:
    worst: Exception | None = None
    for row, answer in answers:
        wrong = _wrong_with(row, answer, clock)
        if wrong and (wrong := _wrong_with(row, answer.without_words(), clock)):
            worst = wrong
    if worst:
        raise worst


def _wrong_with(row: OutboxRow, answer: Answer, clock: Callable[[], datetime]) -> Exception | None:
    """Settle it; why it was not, if it was not."""
    try:
        _settle_again([(row, answer)], clock)
    except Exception as wrong:  # noqa: BLE001  # raised in the end
        log.error("an answer was not taken", row=row.pk, why=type(wrong).__name__)
        return wrong
    return None


def _settle_again(
    answers: Sequence[tuple[OutboxRow, Answer]], clock: Callable[[], datetime]
) -> None:
    """Through stumbles. Safe to repeat, also when only the answer to our commit was lost: rows that moved
    are not ours."""
    for pause in (0.1, 1, 5):
        try:
            settle(answers, now=clock())
        except STUMBLES:
            log.warning("the database did not take what vibes answered, trying again")
            sleep(pause)
            connection.close_if_unusable_or_obsolete()
        else:
            return
    settle(answers, now=clock())


def _still_ours(answers: Sequence[tuple[OutboxRow, Answer]]) -> dict[int, str]:
    """Rows that wait for this very answer: `sending`, or `unknown` since our lease ran out.

    A late answer is evidence: it may settle an *unknown*, never make it ready again (P6), since its
    verdict is out. With each, why it is not to be tried again ('' unless its run was stopped while it was on the wire).
    """
    leases = {row.pk: row.lease_no for row, _ in answers}
    final = [row.pk for row, answer in answers if answer.state != State.READY]
    waiting = OutboxRow.objects.select_for_update().filter(
        Q(state=State.SENDING) | Q(state=State.UNKNOWN, pk__among=final), pk__among=leases
    )
    waiting = waiting.order_by("pk")  # as whoever applies receipts locks them
    found = {each.pk: each for each in waiting.only("lease_no", "stopped", "person")}
    for row, _answer in answers:  # people may have been merged since it was sent
        row.person_id = found[row.pk].person_id if row.pk in found else row.person_id
    return {pk: each.stopped for pk, each in found.items() if leases[pk] == each.lease_no}


def _final(row: OutboxRow, answer: Answer, *, stopped: str) -> Answer:
    if answer.state == State.READY and stopped:
        return Answer(State.CANCELLED, stopped, answer.detail)
    if answer.state == State.READY and answer.counts and row.attempts >= ATTEMPTS:
        return Answer(State.REJECTED, gate.Reason.NOT_REACHABLE, answer.detail)
    return answer


def _apply(rows: list[OutboxRow], answer: Answer, now: datetime) -> None:
    if answer.state == State.READY:
        _again(rows, answer, now)
    else:
        move(rows, answer.state, reason=answer.reason, detail=answer.detail, now=now)
    if answer.state == State.ACCEPTED:
        receipts.record_accepted(rows, now=now)
    for row in rows if answer.teaches else []:
        _learn(row, answer, now)
    for row in rows if answer.campaign or answer.stops_list else []:
        _close(row, answer, now)


def _again(rows: list[OutboxRow], answer: Answer, now: datetime) -> None:
    """Surely not processed: back to ready, later each time. Vibes' throttle burns no attempt, nor does
    its absence."""
    for row in rows:
        pause = BACK_OFF[min(row.attempts, len(BACK_OFF)) - 1] if answer.counts else 1
        OutboxRow.objects.filter(pk=row.pk).update(
            state=State.READY,
            detail=answer.detail[:255],
            not_before=now + timedelta(seconds=pause),
            attempts=F("attempts") - (0 if answer.counts else 1),
        )


def _close(row: OutboxRow, answer: Answer, now: datetime) -> None:
    """What Vibes said of the campaign or the list's sender counts for all rows that need them.

    Only looking again opens them: the next sync, which is asked for here.
    """
    if answer.campaign and row.acquisition_campaign_id:
        campaigns = AcquisitionCampaign.objects.filter(pk=row.acquisition_campaign_id)
        campaigns.update(status=answer.campaign)
    if answer.stops_list:
        words = _("Vibes refused a text to it: %s") % answer.detail
        VibesList.objects.filter(pk=row.vibes_list_id).update(sender_fault=words[:255])
    Account.objects.filter(pk=row.account_id).update(sync_wanted_at=now)


# --- What was learnt of the number ----------------------------------------------------------------


def _learn(row: OutboxRow, answer: Answer, now: datetime) -> None:
    subscriptions.remember_key(row.mobile, answer.person_key)
    known: dict[str, Any] = {
        "source": consent.OUR_CALL,
        "told_at": row.sending_at or now,
        "now": now,
        "cause": {"campaign_id": row.campaign_id, "run_id": row.run_id, "step_id": row.step_id},
    }
    if answer.line:
        numbers.set_line(row.mobile, answer.line, **known)
    if answer.membership and _is_news(row, answer):
        subscriptions.change(
            row.mobile,
            row.vibes_list,
            answer.membership,
            reason="api_opt_out" if row.action == OutboxRow.Action.UNSUBSCRIBE else "",
            acquisition_campaign=row.acquisition_campaign,
            expires_at=answer.expires_at,
            **known,
        )


def _is_news(row: OutboxRow, answer: Answer) -> bool:
    """Whether what Vibes answered about a membership is for us to believe.

    That Vibes takes a number for a member makes nobody one who texted STOP: only their own opt-in
    does. That nobody was there to end is news only where we took somebody for a member: who was
    asked and has not answered yet may still say yes.
    """
    kept = Subscription.objects.filter(mobile=row.mobile, vibes_list=row.vibes_list).first()
    if answer.membership == Subscription.State.SUBSCRIBED:
        stopped_at = numbers.stopped_at(row.mobile, row.account_id)
        return not subscriptions.stop_holds(stopped_at, kept)
    member = kept is not None and kept.state == Subscription.State.SUBSCRIBED
    return member or not answer.only_if_member


# --- Rows -----------------------------------------------------------------------------------------


def move(
    rows: list[OutboxRow], state: str, *, now: datetime, reason: str = "", detail: str = ""
) -> None:
    """Bring locked rows to a state that lasts, and tell whoever listens, in this transaction."""
    detail = detail[:255]
    OutboxRow.objects.filter(pk__among=[row.pk for row in rows]).update(
        state=state, reason=reason, detail=detail, settled_at=now
    )
    for row in rows:
        row.state, row.reason, row.detail = state, reason, detail
    outbox.tell(rows, now=now)


def sweep_all(*, now: datetime, budget: float = 5.0) -> int:
    """Sweep until nothing is left to take back, or for about `budget` seconds; say how many ranges.

    Whoever held many small ones died with all of them.
    """
    ends, swept = monotonic() + budget, 0
    while True:
        found = sweep(now=now)
        swept += found
        if found < SWEPT_AT_ONCE or monotonic() >= ends:
            return swept


def sweep(*, now: datetime) -> int:
    """Take back some ranges whose worker died, on the database's clock; say how many. What had not begun
    is ready again, what was on the wire is unknown (P6).

    The end of a subscription may be asked for twice, so it is ready again too, unless its run was
    stopped meanwhile.
    """
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        abandoned = OutboxRange.objects.abandoned(now).order_by("id")
        found = abandoned.select_for_update(skip_locked=skip)[:SWEPT_AT_ONCE]
        ids = [each.pk for each in found]
        if ids:
            crashpoint("inside-sweep")
        sending = OutboxRow.objects.filter(range__among=ids, state=State.SENDING).order_by("pk")
        _give_up(list(sending.select_for_update()), now)
        ranges.open_up(ids)
    return len(ids)


def _give_up(rows: list[OutboxRow], now: datetime) -> None:
    """Of rows that were on the wire, nobody will hear any more."""
    lost = [row for row in rows if not _may_repeat(row)]
    again = {row.pk for row in rows} - {row.pk for row in lost}
    OutboxRow.objects.filter(pk__among=again).update(state=State.READY)
    move(lost, State.UNKNOWN, reason=gate.Reason.WORKER_DIED, now=now)


def _may_repeat(row: OutboxRow) -> bool:
    is_end = row.action == OutboxRow.Action.UNSUBSCRIBE
    return is_end and row.attempts < ATTEMPTS and not row.stopped
