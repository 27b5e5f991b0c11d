"""Why nothing is sent, or not all of it: the one place that knows, for strips, pages and monitoring.

A fixed number of short look-ups, whatever is owed. What a process misses it says itself, by its heart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns import asking
from config import schema, standstill
from config.processes import QUEUES
from vibes import heartbeats, lock, pausing, senders
from vibes.heartbeats import Trouble
from vibes.models import Account, Heartbeat

Role = Heartbeat.Role


class Code(StrEnum):
    """What is the matter, for programs."""

    LOCKED = "locked"
    PAUSED = "paused"
    NOT_DURABLE = "not-durable"
    SCHEMA = "schema"
    BROKER = "broker"
    STORAGE = "storage"
    NO_WORKER = "no-worker"
    NO_EAR = "no-ear"
    NO_CLOCK = "no-clock"
    STANDSTILL = "standstill"
    HELD = "held"
    RESTING = "resting"
    NO_SENDER = "no-sender"


@dataclass(frozen=True)
class Reason:
    """`level` is bad where nothing, or nothing of a service or a list, is sent; warn where all still is.

    The link leads to what mends it.
    """

    code: Code
    level: str
    words: str
    url: str = ""
    link: str = ""


def all_of(accounts: Sequence[Account], *, now: datetime) -> list[Reason]:
    """Every reason there is, the widest first. `accounts` as `config.context.Frame` reads them."""
    house = [*_lock(), *_paused(), *_schema(), *_processes(heartbeats.recent(now), now)]
    standing = [] if any(each.level == "bad" for each in house) else _standstill(now)
    return [*house, *standing, *_services(accounts, now), *_senders(accounts)]


def _lock() -> Iterator[Reason]:
    why = lock.why()
    if why == lock.Why.NOT_DURABLE:
        yield _house(Code.NOT_DURABLE, lock.words(why))
    elif why:
        yield _house(Code.LOCKED, lock.words(why))


def _paused() -> Iterator[Reason]:
    if paused := pausing.paused():
        at = localtime(datetime.fromisoformat(paused["since"]))
        words = _("Paused by %(who)s at %(time)s: nothing is sent.")
        said = words % {"who": paused["by"], "time": date_format(at, "TIME_FORMAT")}
        goes_on = _("What became late is being cancelled, then all goes on.")
        yield _house(
            Code.PAUSED, goes_on if pausing.late_before() else f"{said} {paused['why']}".strip()
        )


def _schema() -> Iterator[Reason]:
    if words := schema.trouble():
        yield _house(Code.SCHEMA, words)


def _processes(hearts: Iterable[Heartbeat], now: datetime) -> Iterator[Reason]:
    living = [each for each in hearts if each.seen_at >= now - heartbeats.ALIVE]
    roles = {each.role for each in living}
    if any(Trouble.BROKER in each.troubles for each in living):
        words = _(
            "The message broker (Redis) does not answer: workers look for work themselves meanwhile, "
            "a little later than usual. Start it again."
        )
        yield _house(Code.BROKER, words, level="warn")
    for host in sorted({each.host for each in living if Trouble.STORAGE in each.troubles}):
        yield _house(Code.STORAGE, _("The disk of %s is nearly full.") % host)
    if Role.WORKER not in roles:
        yield _house(Code.NO_WORKER, _no_worker(hearts))
        return
    yield from _unheard(living)
    if Role.BEAT not in roles:
        words = _(
            "The clock process (beat) is missing. Workers ring themselves meanwhile: start it."
        )
        yield _house(Code.NO_CLOCK, words, level="warn")


def _unheard(living: Iterable[Heartbeat]) -> Iterator[Reason]:
    """What no worker takes. Without an ear for Vibes a STOP is not heard, which is as bad as it gets."""
    heard = {queue for each in living for queue in each.queues}
    if missing := [queue for queue in QUEUES if queue not in heard]:
        words = _("No worker takes the queue %(queues)s: %(harm)s")
        harm = (
            _("a STOP is not heard, nor any other no.")
            if "callbacks" in missing
            else _("that work waits.")
        )
        yield _house(Code.NO_EAR, words % {"queues": ", ".join(missing), "harm": harm})


def _no_worker(hearts: Iterable[Heartbeat]) -> str:
    last = max((each.seen_at for each in hearts if each.role == Role.WORKER), default=None)
    if last is None:
        return _("No worker is at work: nothing will send.")
    words = _("No worker has checked in for %(time)s: nothing will send.")
    return words % {"time": timesince(last)}


def _standstill(now: datetime) -> Iterator[Reason]:
    if still := standstill.since(now=now):
        words = _("Work has been waiting for %(time)s and no worker takes it: nothing will send.")
        yield _house(Code.STANDSTILL, words % {"time": timesince(still)})


def _services(accounts: Sequence[Account], now: datetime) -> Iterator[Reason]:
    for each in accounts:
        if each.held_until:
            yield _of_vibes(Code.HELD, asking.held_words(each))
        elif each.resting_until and each.resting_until > now:
            words = _("Vibes does not answer (%(name)s): sending rests until %(time)s.")
            until = date_format(localtime(each.resting_until), "TIME_FORMAT")
            yield _of_vibes(Code.RESTING, words % {"name": each, "time": until}, level="warn")


def _senders(accounts: Sequence[Account]) -> Iterator[Reason]:
    if any(each.lacks_sender for each in accounts):  # type: ignore[attr-defined]
        for vibes_list in standstill.lists_that_wait():
            yield _of_vibes(Code.NO_SENDER, senders.words(vibes_list))


def _house(code: Code, words: str, *, level: str = "bad") -> Reason:
    return Reason(code, level, words, reverse("operations"), _("Look at operations"))


def _of_vibes(code: Code, words: str, *, level: str = "bad") -> Reason:
    return Reason(code, level, words, reverse("vibes:home"), _("Look at the service"))
