"""claim → gate again → send → settle: how a row of the outbox leaves, once.

Knows the rate, not Celery. A row is `sending`, committed, before the first byte may leave, and the
gate is asked in that same transaction under the number's lock, which an opt-out takes as well. What
cannot be known afterwards is called unknown and never sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from time import monotonic, sleep

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import F, OuterRef, Q

from . import consent, gate, numbers, outbox, rate, receipts, sending, subscriptions
from .client import Client
from .models import Account, Number, OutboxRow, Subscription
from .sending import Answer

log = structlog.get_logger(__name__)
State = OutboxRow.State
Clock = Callable[[], datetime]

SLOTS = 32  # calls on the wire at once; 240/s at 100 ms take 24
LEASE = timedelta(seconds=60)  # > permit 5 + connect 5 + read 20 + margin
PERMIT = 5.0  # seconds from the commit of `sending` to the first byte, at most
LOOP_LEASE = timedelta(seconds=15)
ATTEMPTS = 6
BACK_OFF = [1, 5, 30, 120, 300]  # seconds, by attempt
# Vibes limits events and all other calls apart; ending a subscription takes two of the latter.
_BUDGETS = {
    "events": [OutboxRow.Action.TEXT],
    "other": [OutboxRow.Action.SUBSCRIBE, OutboxRow.Action.UNSUBSCRIBE],
}
HOLD = timedelta(seconds=60)  # after Vibes refused our login


def deliver(account_id: int, *, clock: Clock, budget: float = 20.0) -> bool:
    """Send what is due for one account for about `budget` seconds; say whether more is due now.

    One loop an account at a time: whoever holds the account's lease. Returns at once without it.
    """
    account = _take_loop(account_id, clock())
    if account is None:
        return False
    try:
        with ThreadPoolExecutor(SLOTS) as pool, Client(account, slots=SLOTS) as client:
            _Loop(account, client, pool, clock).run(budget)
    finally:
        # Only our own lease: one that slept too long must not end its successor's.
        ours = Account.objects.filter(pk=account_id, delivering_until=account.delivering_until)
        ours.update(delivering_until=None)
    return OutboxRow.objects.filter(account_id=account_id).due(clock()).exists()


def _take_loop(account_id: int, now: datetime) -> Account | None:
    free = Q(delivering_until=None) | Q(delivering_until__lt=now)
    open_ = Q(held_until=None) | Q(held_until__lte=now)
    mine = Account.objects.filter(free, open_, pk=account_id)
    taken = mine.update(delivering_until=now + LOOP_LEASE)
    return Account.objects.get(pk=account_id) if taken else None


class _Loop:
    """One sender at work: fills free slots, settles what came back, until there is nothing or no time."""

    def __init__(
        self, account: Account, client: Client, pool: ThreadPoolExecutor, clock: Clock
    ) -> None:
        self.account, self.client, self.pool, self.clock = account, client, pool, clock
        self.flying: dict[Future[Answer], OutboxRow] = {}
        self.held = False

    def run(self, budget: float) -> None:
        """Work, and whatever goes wrong, write down the answers of what is on the wire."""
        try:
            self._work(budget)
        finally:
            while self.flying:
                self._settle_finished()

    def _work(self, budget: float) -> None:
        ends, renewed = monotonic() + budget, monotonic()
        while True:
            started = 0
            if monotonic() < ends and not self.held:
                started = self._start(SLOTS - len(self.flying))
            if not self.flying and not started:
                return
            self._settle_finished()
            if monotonic() - renewed > LOOP_LEASE.total_seconds() / 3:
                self._renew()
                renewed = monotonic()

    def _start(self, free: int) -> int:
        """Permit and send up to `free` rows; say how many are on their way or waiting for the rate."""
        wanted = 0
        for kind, actions in _BUDGETS.items():
            due = OutboxRow.objects.filter(account=self.account, action__in=actions)
            count = due.due(self.clock())[:free].count() if free > 0 else 0
            granted = rate.take(self.account, kind, count) if count else 0
            self._take_off(actions, granted)
            wanted, free = wanted + count, free - granted
        if wanted and not self.flying:
            sleep(0.02)  # the rate is used up; nothing is claimed meanwhile
        return wanted

    def _take_off(self, actions: Sequence[str], limit: int) -> None:
        rows = claim(self.account, actions=actions, limit=limit, now=self.clock()) if limit else []
        permitted = permit(rows, now=self.clock())
        since = monotonic()
        for row in permitted:
            self.flying[self.pool.submit(self._send, row, since)] = row

    def _send(self, row: OutboxRow, permitted_at: float) -> Answer:
        if monotonic() - permitted_at > PERMIT:  # frozen, swapped out: the permission is stale
            return Answer.again("permit-expired", counts=False)
        return sending.send(row, self.client)

    def _settle_finished(self) -> None:
        if not self.flying:
            return
        done, _ = wait(self.flying, timeout=0.05, return_when=FIRST_COMPLETED)
        answers = [(self.flying.pop(future), future.result()) for future in done]
        _settle_surely(answers, self.clock)
        for why in {answer.detail for _, answer in answers if answer.holds}:
            self.held = True
            hold(self.account, why, now=self.clock())

    def _renew(self) -> None:
        """Keep the account's lease; whoever lost it meanwhile starts nothing more."""
        until = self.clock() + LOOP_LEASE
        ours = Account.objects.filter(
            pk=self.account.pk, delivering_until=self.account.delivering_until
        )
        self.held = self.held or not ours.update(delivering_until=until)
        self.account.delivering_until = until


def claim(
    account: Account, *, actions: Sequence[str], limit: int, now: datetime
) -> list[OutboxRow]:
    """Take up to `limit` due rows: nobody else will until the lease runs out. Nothing has left yet."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        due = OutboxRow.objects.filter(account=account, action__in=actions).due(now).order_by("id")
        with_names = due.select_related("vibes_list", "acquisition_campaign")
        rows = list(with_names.select_for_update(skip_locked=skip, of=("self",))[:limit])
        OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.CLAIMED, lease_no=F("lease_no") + 1, lease_until=now + LEASE
        )
    for row in rows:
        row.state, row.lease_no = State.CLAIMED, row.lease_no + 1
    return rows


def permit(rows: Sequence[OutboxRow], *, now: datetime) -> list[OutboxRow]:
    """Ask the gate a last time and commit `sending`; give the rows that may go on the wire now."""
    if not rows:
        return []
    with transaction.atomic():
        _lock_numbers(row.mobile for row in rows)
        ours = _still_claimed(rows)
        refused = _refused(ours)
        _settle_skipped([row for row in ours if row.pk in refused], refused, now)
        return _begin([row for row in ours if row.pk not in refused], now)


def _still_claimed(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Lock these rows and give those that are still ours: not stopped, not swept, not claimed again."""
    leases = {row.pk: row.lease_no for row in rows}
    claimed = OutboxRow.objects.filter(pk__in=leases, state=State.CLAIMED).order_by("pk")
    held = dict(claimed.select_for_update().values_list("pk", "lease_no"))
    return [row for row in rows if held.get(row.pk) == row.lease_no]


def _lock_numbers(mobiles: Iterable[str]) -> None:
    # In order, so that two senders cannot wait for each other. SQLite has locked all by BEGIN IMMEDIATE.
    rows = Number.objects.filter(mobile__in=set(mobiles)).order_by("mobile")
    list(rows.select_for_update().values_list("pk"))


def _refused(rows: Sequence[OutboxRow]) -> dict[int, str]:
    by_action = defaultdict(list)
    for row in rows:
        by_action[row.action].append(row.pk)
    refused: dict[int, str] = {}
    for action, ids in by_action.items():
        why = gate.reason(action=action, vibes_list=OuterRef("vibes_list"), person="person__")
        judged = OutboxRow.objects.filter(pk__in=ids).annotate(why=why).exclude(why="")
        refused.update(judged.values_list("pk", "why"))
    return refused


def _settle_skipped(rows: list[OutboxRow], why: dict[int, str], now: datetime) -> None:
    for reason in set(why.values()):
        of_reason = [row for row in rows if why[row.pk] == reason]
        _move(of_reason, State.SKIPPED, reason=reason, now=now)


def _begin(rows: list[OutboxRow], now: datetime) -> list[OutboxRow]:
    """Write `sending` for rows that are locked and ours; it holds once the transaction commits."""
    OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.SENDING, sending_at=now, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    for row in rows:
        row.state, row.attempts, row.sending_at = State.SENDING, row.attempts + 1, now
    return rows


def _settle_surely(answers: Sequence[tuple[OutboxRow, Answer]], clock: Clock) -> None:
    """Settle, again if the database stumbles: what Vibes answered must not become *unknown* for that.

    Safe to repeat, also when only the answer to our commit was lost: rows that moved are not ours.
    """
    for pause in (0.1, 1, 5):
        try:
            settle(answers, now=clock())
        except OperationalError:
            log.warning("the database did not take what vibes answered, trying again")
            sleep(pause)
            connection.close_if_unusable_or_obsolete()
        else:
            return
    settle(answers, now=clock())


def settle(answers: Sequence[tuple[OutboxRow, Answer]], *, now: datetime) -> None:
    """Write down what Vibes answered, verdicts and history with it, in one transaction."""
    if not answers:
        return
    with transaction.atomic():
        ours = _still_ours(answers)
        by_answer = defaultdict(list)
        for row, answer in answers:
            if row.pk in ours:
                by_answer[_final(row, answer, stopped=ours[row.pk])].append(row)
        for answer, rows in by_answer.items():
            _apply(rows, answer, now)


def _still_ours(answers: Sequence[tuple[OutboxRow, Answer]]) -> dict[int, str]:
    """Rows that wait for this very answer: `sending`, or `unknown` since our lease ran out.

    A late answer is evidence: it may settle an *unknown*, never make it ready again (P6), since its
    verdict is out. With each, why it is not to be tried again ('' unless its run was stopped while it was on the wire).
    """
    leases = {row.pk: row.lease_no for row, _ in answers}
    final = [row.pk for row, answer in answers if answer.state != State.READY]
    waiting = OutboxRow.objects.select_for_update().filter(
        Q(state=State.SENDING) | Q(state=State.UNKNOWN, pk__in=final), pk__in=leases
    )
    waiting = waiting.order_by("pk")  # as whoever applies receipts locks them
    found = waiting.values_list("pk", "lease_no", "stopped")
    return {pk: stopped for pk, lease, stopped in found if leases[pk] == lease}


def _final(row: OutboxRow, answer: Answer, *, stopped: str) -> Answer:
    if answer.state == State.READY and stopped:
        return Answer(State.CANCELLED, stopped, answer.detail)
    if answer.state == State.READY and answer.counts and row.attempts >= ATTEMPTS:
        return Answer(State.REJECTED, gate.Reason.NOT_REACHABLE, answer.detail)
    return answer


def _apply(rows: list[OutboxRow], answer: Answer, now: datetime) -> None:
    if answer.state == State.READY:
        _again(rows, answer, now)
        return
    _move(rows, answer.state, reason=answer.reason, detail=answer.detail, now=now)
    if answer.state == State.ACCEPTED:
        receipts.record_accepted(rows, now=now)
    for row in rows if answer.membership or answer.line else []:
        _learn(row, answer, now)


def _learn(row: OutboxRow, answer: Answer, now: datetime) -> None:
    cause = {"campaign_id": row.campaign_id, "run_id": row.run_id, "step_id": row.step_id}
    told_at = row.sending_at or now
    if answer.line:
        numbers.set_line(
            row.mobile,
            answer.line,
            source=consent.OUR_CALL,
            told_at=told_at,
            now=now,
            cause=cause,
        )
    if answer.membership and _is_news(row, answer):
        subscriptions.change(
            row.mobile,
            row.vibes_list,
            answer.membership,
            source=consent.OUR_CALL,
            reason="api_opt_out" if row.action == OutboxRow.Action.UNSUBSCRIBE else "",
            told_at=told_at,
            now=now,
            acquisition_campaign=row.acquisition_campaign,
            expires_at=answer.expires_at,
            cause=cause,
        )


def _is_news(row: OutboxRow, answer: Answer) -> bool:
    """Whether what Vibes answered about a membership is for us to believe.

    That Vibes takes a number for a member makes nobody one who texted STOP: only their own opt-in
    does. That nobody was there to end is news only where we thought otherwise.
    """
    kept = Subscription.objects.filter(mobile=row.mobile, vibes_list=row.vibes_list).first()
    if answer.membership == Subscription.State.SUBSCRIBED:
        number = numbers.lock(row.mobile)
        return not subscriptions.stop_holds(number.stopped_at, kept)
    held = {Subscription.State.SUBSCRIBED, Subscription.State.PENDING}
    return not answer.only_if_held or (kept is not None and kept.state in held)


def _again(rows: list[OutboxRow], answer: Answer, now: datetime) -> None:
    """Surely not processed: back to ready, later each time. Vibes' throttle burns no attempt."""
    for row in rows:
        pause = BACK_OFF[min(row.attempts, len(BACK_OFF)) - 1] if answer.counts else 1
        OutboxRow.objects.filter(pk=row.pk).update(
            state=State.READY,
            detail=answer.detail[:255],
            not_before=now + timedelta(seconds=pause),
            attempts=F("attempts") - (0 if answer.counts else 1),
        )


def _move(
    rows: list[OutboxRow], state: str, *, now: datetime, reason: str = "", detail: str = ""
) -> None:
    detail = detail[:255]
    OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, reason=reason, detail=detail, settled_at=now, lease_until=None
    )
    for row in rows:
        row.state, row.reason, row.detail = state, reason, detail
    outbox.tell(rows, now=now)


def hold(account: Account, why: str, *, now: datetime) -> None:
    """Vibes refuses our login: send nothing for a minute and say so, without burning attempts."""
    log.error("vibes refuses our login, sending is held", account=account.pk, why=why)
    Account.objects.filter(pk=account.pk).update(
        held_until=now + HOLD, health=Account.Health.REFUSED, health_detail=why[:255]
    )


def sweep(*, now: datetime) -> int:
    """Take back rows whose worker died: claimed ones are ready again, sending ones are unknown (P6)."""
    with transaction.atomic():
        rows = list(OutboxRow.objects.abandoned(now).select_for_update().order_by("id")[:2_000])
        claimed = [row.pk for row in rows if row.state == State.CLAIMED]
        OutboxRow.objects.filter(pk__in=claimed).update(state=State.READY, lease_until=None)
        lost = [row for row in rows if row.state == State.SENDING]
        _move(lost, State.UNKNOWN, reason=gate.Reason.WORKER_DIED, now=now)
    return len(rows)


def accounts_with_work(*, now: datetime) -> list[int]:
    """The accounts that have something due and are not held."""
    due = OutboxRow.objects.due(now)
    open_ = Account.objects.filter(Q(held_until=None) | Q(held_until__lte=now))
    return list(open_.filter(pk__in=due.values("account")).values_list("pk", flat=True))
