"""claim → gate again → send → settle: how a row of the outbox leaves, once.

Knows the rate, not Celery. A row is `sending`, committed, before the first byte may leave, and the
gate is asked in that same transaction under the number's lock, which an opt-out takes as well. What
cannot be known afterwards is called unknown and never sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from time import monotonic, sleep

import structlog
from django.conf import settings

from people.crashpoint import crashpoint

from . import holding, loops, outbox, rate, senders, sending
from .claiming import claim, permit, settle_hopeless
from .client import Client, LoginRefused, VibesError, wire
from .models import Account, Number, OutboxQuerySet, OutboxRow, SendingLoop
from .sending import Answer
from .settling import settle, settle_surely, sweep

__all__ = ["accounts_with_work", "claim", "deliver", "permit", "settle", "sweep"]
log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]
Action = OutboxRow.Action
Health = Account.Health

SLOTS: int = settings.SEND_SLOTS  # calls on the wire at once; 240/s at 100 ms take 24
PERMIT = 5.0  # seconds from the commit of `sending` to the first byte, at most
GATHER = 0.02  # seconds in which answers gather before they are settled together
AWAY_AFTER = 5  # calls in a row that failed: Vibes is away
REST = timedelta(seconds=30)  # then
# Vibes limits events and all other calls apart. How many calls an action takes: to end a subscription
# is to find it, to end it and to look again.
_BUDGETS = {
    rate.Kind.EVENTS: {Action.TEXT: 1},
    rate.Kind.OTHER: {Action.UNSUBSCRIBE: 3, Action.SUBSCRIBE: 1},
}


def deliver(account_id: int, *, clock: Clock, budget: float = 20.0) -> bool:
    """Send what is due for one account for about `budget` seconds; say whether more is due now.

    As many at once for an account as it has loops (SEND_LOOPS). Returns at once where none is free,
    and while the account is held or at rest.
    """
    mine = loops.take(account_id, now=clock())
    if mine is None:
        return False
    account = Account.objects.get(pk=account_id)
    try:
        with ThreadPoolExecutor(SLOTS) as pool, Client(account, slots=SLOTS, kind=None) as client:
            _Loop(account, client, pool, clock, mine).run(budget)
    finally:
        loops.give_back(mine)
    if not loops.working(clock()).filter(pk=account_id).exists():
        return False
    return _sendable(account, clock(), _stopped(account)).exists()


def _stopped(account: Account) -> set[int]:
    """The lists to which nothing can be texted until their sender is put right."""
    return set(account.lists.without_sender().values_list("pk", flat=True))


def _sendable(account: Account, now: datetime, stopped: set[int]) -> OutboxQuerySet:
    """What is due and may go: texts to a list that is stopped wait."""
    due = OutboxRow.objects.filter(account=account).due(now)
    return due.exclude(action=Action.TEXT, vibes_list__in=stopped)


def accounts_with_work(*, now: datetime) -> list[int]:
    """The accounts that have something due and are neither held nor at rest."""
    due = OutboxRow.objects.due(now)
    working = loops.working(now).filter(pk__in=due.values("account"))
    return list(working.values_list("pk", flat=True))


class _Loop:
    """One sender at work: fills free slots, settles what came back, until there is nothing or no time.

    It begins with one call, and goes on with many once Vibes has answered one. `faults` counts
    calls that failed one after the other, after some of which `is_away` and nothing is begun. Nor is
    it after `wrong`, an error of ours, which is raised in the end.
    """

    def __init__(
        self,
        account: Account,
        client: Client,
        pool: ThreadPoolExecutor,
        clock: Clock,
        mine: SendingLoop,
    ) -> None:
        self.account, self.client, self.pool, self.clock = account, client, pool, clock
        self.mine = mine
        self.flying = 0
        self.landed: SimpleQueue[tuple[OutboxRow, Answer | BaseException]] = SimpleQueue()
        self.slots, self.faults, self.held = 1, 0, False
        self.saved: Counter[str] = Counter()
        self.wrong: BaseException | None = None

    @property
    def is_away(self) -> bool:
        return self.faults >= AWAY_AFTER

    def run(self, budget: float) -> None:
        """Work, and whatever goes wrong, write down the answers of what is on the wire."""
        ends = monotonic() + budget
        try:
            self._settle_hopeless(ends)
            self._look_at_senders()
            self._work(ends)
        finally:
            while self.flying:
                self._settle_finished()
        if self.wrong:
            raise self.wrong

    def _work(self, ends: float) -> None:
        renewed = monotonic()
        while True:
            started = 0
            if monotonic() < ends and not (self.held or self.is_away or self.wrong):
                started = self._start(self.slots - self.flying)
            if not self.flying and not started:
                return
            self._settle_finished()
            if monotonic() - renewed > loops.LEASE.total_seconds() / 3:
                self._renew()
                renewed = monotonic()

    def _settle_hopeless(self, ends: float) -> None:
        while settle_hopeless(self.account, now=self.clock()) and monotonic() < ends:
            self._renew()

    def _look_at_senders(self) -> None:
        """Texts that wait for their list's sender to be put right: is it?"""
        due = OutboxRow.objects.filter(account=self.account, action=Action.TEXT).due(self.clock())
        waiting = self.account.lists.offered().without_sender()
        for vibes_list in waiting.filter(pk__in=due.values("vibes_list")).select_related("account"):
            try:
                with Client(self.account, slots=1) as client:
                    senders.ensure_sender(vibes_list, client, self.clock())
            except senders.SenderConflict as conflict:
                log.warning("texts wait for a sender", vibes_list=vibes_list.pk, why=str(conflict))
            except LoginRefused as refused:
                self._hold(str(refused), Health.REFUSED)
            except VibesError as fault:
                log.warning("a sender was not looked at", vibes_list=vibes_list.pk, why=str(fault))

    def _start(self, free: int) -> int:
        """Permit and send up to `free` rows; say how many are on their way or waiting for the rate."""
        wanted, stopped = 0, _stopped(self.account)
        for kind, costs in _BUDGETS.items():
            due = _sendable(self.account, self.clock(), stopped).filter(action__in=costs)
            actions = due.values_list("action", flat=True)[: max(free, 0)]
            for action, count in Counter(actions).items():
                granted = self._granted(kind, action, count, costs[Action(action)])
                if granted:
                    self._take_off(action, granted, stopped)
                wanted, free = wanted + count, free - granted
        if wanted and not self.flying:
            sleep(0.02)  # the rate is used up; nothing is claimed meanwhile
        return wanted

    def _granted(self, kind: str, action: str, rows: int, calls: int) -> int:
        """For how many of these rows the rate has room. What is less than one of them takes is saved
        for the next of them: what takes fewer calls must not use it up."""
        had = self.saved[action]
        saved = had + rate.take(self.account, kind, rows * calls - had)
        granted = min(rows, saved // calls)
        self.saved[action] = saved - granted * calls
        return granted

    def _take_off(self, action: str, limit: int, stopped: set[int]) -> None:
        crashpoint("before-claim")
        now = self.clock()
        rows = claim(self.account, actions=[action], limit=limit, now=now, except_texts_to=stopped)
        crashpoint("claimed")
        permitted = permit(rows, now=self.clock())
        crashpoint("permitted")
        since, ids = monotonic(), _to_introduce(permitted)
        for row in permitted:
            self.pool.submit(self._fly, row, since, ids.get(row.pk, ""))
        self.flying += len(permitted)

    def _fly(self, row: OutboxRow, permitted_at: float, external_person_id: str) -> None:
        """In a thread of the pool: whatever comes of it lands, an error of ours too."""
        try:
            self.landed.put((row, self._send(row, permitted_at, external_person_id)))
        except BaseException as wrong:
            self.landed.put((row, wrong))
            raise

    def _send(self, row: OutboxRow, permitted_at: float, external_person_id: str) -> Answer:
        if monotonic() - permitted_at > PERMIT:  # frozen, swapped out: the permission is stale
            return Answer.again("permit-expired", counts=False)
        if row.action != Action.TEXT:
            return sending.send(row, self.client, external_person_id=external_person_id)
        with wire.not_after(permitted_at + PERMIT):
            return sending.send(row, self.client)

    def _settle_finished(self) -> None:
        answers = self._answers()
        settle_surely(answers, self.clock)
        for _row, answer in answers:
            self._heed(answer)

    def _answers(self) -> list[tuple[OutboxRow, Answer]]:
        """What has landed, after a short while: one transaction settles many as cheaply as one.

        An error of ours waits until all others are safe: its row is called unknown, as by a crash.
        """
        ends, answers = monotonic() + GATHER, list[tuple[OutboxRow, Answer]]()
        while self.flying:
            left = max(0.0, ends - monotonic())
            try:
                row, answer = self.landed.get(timeout=left)
            except Empty:
                break
            self.flying -= 1
            if isinstance(answer, BaseException):
                self.wrong = answer
            else:
                answers.append((row, answer))
        return answers

    def _heed(self, answer: Answer) -> None:
        """What an answer means for the calls after it."""
        self.faults = self.faults + 1 if answer.is_fault else 0
        if self.faults == AWAY_AFTER:
            log.warning("vibes does not answer, sending rests", account=self.account.pk)
            loops.rest(self.account, until=self.clock() + REST)
        if answer.holds:
            health = Health.AWAY if answer.elsewhere else Health.REFUSED
            self._hold(answer.detail, health)
        elif not answer.is_fault:
            self.slots = SLOTS
        if answer.campaign:
            settle_hopeless(self.account, now=self.clock())

    def _hold(self, why: str, health: Account.Health) -> None:
        self.held = True
        holding.hold(self.account, why, now=self.clock(), health=health)

    def _renew(self) -> None:
        """Keep our loop; whoever lost it, or whose account another loop put to rest, starts nothing more."""
        now = self.clock()
        works = loops.renew(self.mine, now=now) and loops.working(now).filter(pk=self.account.pk)
        self.held = self.held or not works


def _to_introduce(rows: Sequence[OutboxRow]) -> dict[int, str]:
    """Our id for whoever is asked to subscribe and whom we do not know by a key of Vibes yet, by row."""
    asked = {row.mobile: row for row in rows if row.action == Action.SUBSCRIBE}
    if not asked:
        return {}
    met = Number.objects.filter(mobile__in=asked).exclude(person_key="")
    known = set(met.values_list("mobile", flat=True))
    return {
        row.pk: outbox.external_person_id(row.person_id)
        for mobile, row in asked.items()
        if mobile not in known
    }
