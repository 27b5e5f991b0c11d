"""One sender at work: ranges in hand, calls on the wire, answers written down."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from queue import SimpleQueue
from time import monotonic, sleep

import structlog
from django.conf import settings

from people import leaving
from people.crashpoint import crashpoint

from . import holding, lock, loops, outbox, ranges, rate, sending
from .claiming import claim, permit, settle_hopeless
from .client import Client, LoginRefused, VibesError
from .models import Account, Number, OutboxRow, SendingLoop
from .sending import Answer
from .settling import settle_surely
from .turns import Turns

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]
Action = OutboxRow.Action
Health = Account.Health

SLOTS: int = settings.SEND_SLOTS  # calls on the wire at once; 240/s at 100 ms take 24
PERMIT: float = settings.SEND_PERMIT_SECONDS  # from the commit of `sending` to the first byte
GATHER = 0.05  # seconds in which answers gather, or half of the slots, to be settled together
TURN = 0.02  # the same while texts wait for their turn, of which those that came go together
PULSE = 0.005  # seconds
LOOK_AGAIN = 0.5  # seconds between two looks for what is more urgent, or for what was not there
# How many calls an action takes: to end a subscription is to find it, to end it and to look again.
# Vibes limits events, which texts are, and all other calls apart.
_CALLS = {Action.TEXT: 1, Action.UNSUBSCRIBE: 3, Action.SUBSCRIBE: 1}


class Pump:
    """Fills free slots, settles what came back, until there is nothing or no time.

    It begins with one call, and goes on with many once Vibes has answered one. After several `faults`
    in a row Vibes `is_away`, and nothing is begun. Nor is it when the process is asked to end, or after
    `wrong`, an error of ours, which is raised in the end.
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
        self.hands: defaultdict[str, deque[OutboxRow]] = defaultdict(deque)
        # When to look again, by action (monotonic): for any row, and for one whose turn is before ours.
        self.nothing_until: defaultdict[str, float] = defaultdict(float)
        self.urgent_at: defaultdict[str, float] = defaultdict(float)
        self.leases: dict[int, int] = {}
        self.left: Counter[int] = Counter()  # rows of each range that are in hand or on the wire
        self.flying = 0
        self.landed: SimpleQueue[tuple[OutboxRow, Answer | BaseException]] = SimpleQueue()
        self.slots, self.faults, self.is_away, self.held = 1, account.faults, False, False
        self.saved: Counter[str] = Counter()
        self.turns = Turns()
        self.wrong: BaseException | None = None

    def run(self, ends: float) -> None:
        """Work until `ends` (monotonic), and whatever goes wrong, write down the answers to what is on
        the wire and put back what is in hand."""
        try:
            if self.faults < loops.AWAY_AFTER or self._answers_at_all():
                self._work(ends)
        finally:
            while self.flying:
                self._settle_finished()
            ranges.put_back(self.leases)
        if self.wrong:
            raise self.wrong

    def _work(self, ends: float) -> None:
        renewed = monotonic()
        while True:
            begun = 0
            if monotonic() < ends and not self._is_to_rest():
                begun = self._fill()
            if not self.flying and not begun:
                return
            self._settle_finished()
            if monotonic() - renewed > loops.LEASE.total_seconds() / 3:
                self._renew()
                renewed = monotonic()

    def _is_to_rest(self) -> bool:
        return bool(self.held or self.is_away or self.wrong or leaving.is_asked())

    def _answers_at_all(self) -> bool:
        """After a rest: a call that changes nothing says whether Vibes is back, and costs no text."""
        try:
            with Client(self.account, slots=1) as client:
                client.lists()
        except LoginRefused as refused:
            self._hold(str(refused), Health.REFUSED)
        except VibesError:
            self._heed(Answer.again("", counts=False, fault=True))
        return not (self.held or self.is_away)

    # --- Begin ------------------------------------------------------------------------------------

    def _fill(self) -> int:
        """Permit and send rows into the free slots; say how many went or wait for the rate."""
        wanted = 0
        for action in _CALLS:
            room = self._room(action)
            if room < 1:
                continue
            hand = self._hand(action, room)
            room = min(room, len(hand))
            granted = self._turned(room) if action == Action.TEXT else self._granted(action, room)
            if granted:
                self._take_off([hand.popleft() for _ in range(granted)])
            wanted += room
        if wanted and not self.flying:
            sleep(TURN)  # the rate is used up
        return wanted

    def _room(self, action: str) -> int:
        """Free slots. Some are kept from texts, so that a long run of them does not shut out the rest."""
        kept = self.slots // 8 if action == Action.TEXT else 0
        return self.slots - kept - self.flying

    def _hand(self, action: str, room: int) -> deque[OutboxRow]:
        """What is claimed and waits; claimed anew before it is used up, so that turns can be booked for it,
        and urgent ones before their turn."""
        hand, now = self.hands[action], monotonic()
        is_idle = not hand and not self.flying
        if len(hand) < room and (now > self.nothing_until[action] or is_idle):
            more = self._claim(action, room - len(hand))
            hand.extend(more)
            self.nothing_until[action] = 0 if more else now + LOOK_AGAIN
            self.urgent_at[action] = now + LOOK_AGAIN
        elif hand and now > self.urgent_at[action]:
            hand.extendleft(reversed(self._claim(action, room, only_urgent=True)))
            self.urgent_at[action] = now + LOOK_AGAIN
        return hand

    def _claim(self, action: str, room: int, *, only_urgent: bool = False) -> list[OutboxRow]:
        crashpoint("before-claim")
        stopped = self.account.lists.without_sender().values_list("pk", flat=True)
        rows = claim(
            self.account,
            actions=[action],
            limit=room,
            now=self.clock(),
            except_texts_to=stopped if action == Action.TEXT else (),
            only_urgent=only_urgent,
        )
        crashpoint("claimed")
        self.leases |= ranges.leases(rows)
        self.left.update(row.range_id for row in rows)
        return rows

    def _turned(self, rows: int) -> int:
        """For how many of these texts the turn has come; turns are booked for the others."""
        if rows > len(self.turns):
            booked = rate.book(self.account, rows - len(self.turns))
            self.turns.add(booked, now=monotonic())
        return self.turns.use(rows, now=monotonic())

    def _granted(self, action: Action, rows: int) -> int:
        """For how many of these rows the rate has room. What is less than one of them takes is saved
        for the next of them: what takes fewer calls must not use it up."""
        if rows < 1:
            return 0
        had, calls = self.saved[action], _CALLS[action]
        saved = had + rate.take(self.account, rate.Kind.OTHER, rows * calls - had)
        granted = min(rows, saved // calls)
        self.saved[action] = saved - granted * calls
        return granted

    def _take_off(self, rows: Sequence[OutboxRow]) -> None:
        since = monotonic()  # before it is granted: whoever is frozen on the way must not gain time
        permitted = permit(rows, now=self.clock())
        crashpoint("permitted")
        ids = _to_introduce(permitted)
        for row in permitted:
            self.pool.submit(self._fly, row, since, ids.get(row.pk, ""))
        self.flying += len(permitted)
        if len(permitted) < len(rows):
            begun = {id(row) for row in permitted}  # a row may be in hand twice, under two leases
            self._done_with(row for row in rows if id(row) not in begun)

    # --- On the wire, in a thread of the pool -----------------------------------------------------

    def _fly(self, row: OutboxRow, permitted_at: float, external_person_id: str) -> None:
        """Whatever comes of it lands, an error of ours too."""
        try:
            self.landed.put((row, self._send(row, permitted_at, external_person_id)))
        except BaseException as wrong:
            self.landed.put((row, wrong))
            raise

    def _send(self, row: OutboxRow, permitted_at: float, external_person_id: str) -> Answer:
        if monotonic() - permitted_at > PERMIT:  # frozen, swapped out: the permission is stale
            return Answer.again(sending.TOO_LATE, counts=False)
        return sending.send(
            row,
            self.client,
            external_person_id=external_person_id,
            not_after=permitted_at + PERMIT,
        )

    # --- Back -------------------------------------------------------------------------------------

    def _settle_finished(self) -> None:
        answers = [(row, self._heeded(answer)) for row, answer in self._answers()]
        try:
            settle_surely(answers, self.clock)
        except Exception as wrong:  # noqa: BLE001  # what is still on the wire is settled first
            self.wrong = wrong
        self._done_with(row for row, _ in answers)
        if any(answer.campaign or answer.stops_list for _, answer in answers):
            self._look_anew()

    def _answers(self) -> list[tuple[OutboxRow, Answer]]:
        """What has landed, after a short while: one transaction settles many as cheaply as one.

        An error of ours waits until all others are safe: its row is called unknown, as by a crash.
        """
        answers = list[tuple[OutboxRow, Answer]]()
        self._wait_for_some()
        for _landed in range(self.landed.qsize()):
            row, answer = self.landed.get()
            self.flying -= 1
            if isinstance(answer, BaseException):
                self.wrong = answer
            else:
                answers.append((row, answer))
        return answers

    def _wait_for_some(self) -> None:
        """Until half of the slots are free again, or GATHER is over. Looked for now and then: to be woken by
        each answer would cost as much as to send it."""
        ends = monotonic() + (TURN if self.turns else GATHER)
        enough = min(self.flying, max(1, self.slots // 2))
        while self.landed.qsize() < enough and monotonic() < ends:
            sleep(PULSE)

    def _heeded(self, answer: Answer) -> Answer:
        """An error on the way costs neither this answer nor those that landed with it."""
        try:
            return self._heed(answer)
        except Exception as wrong:  # noqa: BLE001  # raised in the end
            self.wrong = wrong
            return answer

    def _heed(self, answer: Answer) -> Answer:
        """What an answer means for the calls after it, and the answer as it is to be written down: while
        Vibes is away, no attempt counts."""
        before = self.faults
        self.faults = before + 1 if answer.is_fault else 0
        if self.faults != before:
            loops.note_faults(self.account, self.faults)
        if answer.is_fault and self.faults >= loops.AWAY_AFTER:
            self._rest()
        if answer.holds:
            self._hold(answer.detail, Health.AWAY if answer.elsewhere else Health.REFUSED)
        elif not answer.is_fault:
            self.slots = SLOTS
        return replace(answer, counts=False) if answer.is_fault and before else answer

    def _rest(self) -> None:
        if not self.is_away:
            until = loops.rest(self.account, faults=self.faults, now=self.clock())
            log.warning(
                "vibes does not answer, sending rests", account=self.account.pk, until=until
            )
        self.is_away = True

    def _hold(self, why: str, health: Account.Health) -> None:
        self.held = True
        holding.hold(self.account, why, now=self.clock(), health=health)

    def _done_with(self, rows: Iterable[OutboxRow]) -> None:
        """Put back the ranges that nothing is in hand or on the wire of any more."""
        self.left.subtract(row.range_id for row in rows)
        self._put_back(pk for pk in self.leases if self.left[pk] < 1)

    def _look_anew(self) -> None:
        """A list or a campaign was closed: put back what waits, and settle what is hopeless now."""
        for hand in self.hands.values():
            self._done_with(hand)
            hand.clear()
        settle_hopeless(self.account, now=self.clock())

    def _put_back(self, ids: Iterable[int]) -> None:
        if over := {pk: self.leases[pk] for pk in ids}:
            ranges.put_back(over)
            for pk in over:
                del self.leases[pk], self.left[pk]

    def _renew(self) -> None:
        """Keep our loop and our ranges; whoever lost the loop, or whose account another put to rest, starts
        nothing more."""
        now = self.clock()
        works = loops.renew(self.mine, now=now) and loops.working(now).filter(pk=self.account.pk)
        self.held = self.held or not works or lock.is_on()
        if not self.held:
            lock.advance()
        ranges.renew(self.leases, now=now)


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
