"""claim → gate again → send → settle: how a row of the outbox leaves, once.

Knows the rate, not Celery. A row is `sending`, committed, before the first byte may leave, and the
gate is asked in that same transaction under the number's lock, which an opt-out takes as well. What
cannot be known afterwards is called unknown and never sent again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import monotonic

import structlog

from . import holding, lock, loops, pausing, senders
from .claiming import claim, permit, settle_hopeless
from .client import Client, LoginRefused, VibesError
from .models import Account, OutboxRange, OutboxRangeQuerySet, OutboxRow, SendingLoop
from .pump import SLOTS, Clock, Pump
from .ranges import leases, put_back
from .settling import settle, sweep, sweep_all

__all__ = [
    "accounts_with_work",
    "claim",
    "deliver",
    "leases",
    "permit",
    "put_back",
    "settle",
    "sweep",
    "sweep_all",
]
log = structlog.get_logger(__name__)
Action = OutboxRow.Action


def deliver(account_id: int, *, clock: Clock, budget: float = 20.0) -> bool:
    """Send what is due for one account for about `budget` seconds; say whether more is due now.

    `clock` tells the database's time. As many at once for an account as it has loops (SEND_LOOPS).
    Returns at once where none is free, and while the account is held or at rest, everything
    paused, or the database locked.
    """
    if pausing.paused() or lock.is_on():
        return False
    mine = loops.take(account_id, now=clock())
    if mine is None:
        return False
    account = Account.objects.get(pk=account_id)
    lock.advance()
    try:
        _deliver(account, clock, mine, monotonic() + budget)
    finally:
        lock.advance()
        loops.give_back(mine)
    if not loops.working(clock()).filter(pk=account_id).exists() or pausing.paused():
        return False
    return _sendable(account, clock()).exists()


def _deliver(account: Account, clock: Clock, mine: SendingLoop, ends: float) -> None:
    while settle_hopeless(account, now=clock()) and monotonic() < ends:
        loops.renew(mine, now=clock())
    if not _see_to_senders(account, clock):
        return
    with ThreadPoolExecutor(SLOTS) as pool, Client(account, slots=SLOTS, kind=None) as client:
        Pump(account, client, pool, clock, mine).run(ends)


def _see_to_senders(account: Account, clock: Clock) -> bool:
    """Texts that wait for their list's sender to be put right: is it? False where our login is refused."""
    due = OutboxRange.objects.filter(account=account, action=Action.TEXT).due(clock())
    waiting = account.lists.offered().without_sender()
    for vibes_list in waiting.filter(pk__in=due.values("vibes_list")).select_related("account"):
        try:
            with Client(account, slots=1) as client:
                senders.ensure_sender(vibes_list, client, clock())
        except senders.SenderConflict as conflict:
            log.warning("texts wait for a sender", vibes_list=vibes_list.pk, why=str(conflict))
        except LoginRefused as refused:
            holding.hold(account, str(refused), now=clock())
            return False
        except VibesError as fault:
            log.warning("a sender was not looked at", vibes_list=vibes_list.pk, why=str(fault))
    return True


def _sendable(account: Account, now: datetime) -> OutboxRangeQuerySet:
    """What is due and may go: texts to a list that waits for its sender wait with it."""
    stopped = account.lists.without_sender().values_list("pk", flat=True)
    due = OutboxRange.objects.filter(account=account).due(now)
    return due.exclude(action=Action.TEXT, vibes_list__in=stopped)


def accounts_with_work(*, now: datetime) -> list[int]:
    """The accounts that have something due and are neither held nor at rest; none while all is paused or locked."""
    if pausing.paused() or lock.is_on():
        return []
    due = OutboxRange.objects.due(now)
    working = loops.working(now).filter(pk__in=due.values("account"))
    return list(working.values_list("pk", flat=True))
