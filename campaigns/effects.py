"""Effects happen: claimed, delivered outside any transaction, settled. As texts are: what may have happened is
never done again by a machine (R4, R5)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from people.crashpoint import crashpoint
from vibes import pausing
from vibes.gate import Reason

from . import owed, skips
from .models import Effect, Verdict
from .outward import Lost, NotDone, NotNow
from .registry import steps

log = structlog.get_logger(__name__)
AT_ONCE = 20  # calls and mails of one worker
# Workers that are at it: others' servers may be slow, and texts must find a worker that is free.
WORKERS = 2
LEASE = timedelta(minutes=2)  # longer than any `deliver` takes
# How long to wait before each further attempt; then it has failed.
PAUSES = [timedelta(minutes=each) for each in (1, 5, 30)]
State = Effect.State
_VERDICTS = {
    State.DONE: (Verdict.State.DONE, ""),
    State.FAILED: (Verdict.State.FAILED, Reason.EFFECT_FAILED),
    State.UNKNOWN: (Verdict.State.UNKNOWN, Reason.EFFECT_LOST),
}


@dataclass(frozen=True)
class Ended:
    """How one attempt ended. READY: nothing has happened, it is tried again."""

    state: State
    detail: str = ""
    answer: dict[str, Any] = field(default_factory=dict)


def is_due(*, now: datetime) -> bool:
    """Whether anything may happen now, or is to be called unknown."""
    lapsed = Effect.objects.filter(state=State.SENDING, claimed_until__lt=now)
    return not pausing.paused() and (Effect.objects.due(now).exists() or lapsed.exists())


def deliver(*, clock: Callable[[], datetime]) -> int:
    """Some of what is due, at once; how many. Call it outside any transaction, again until it says 0.

    `clock` is the database's, so that leases of several machines compare.
    """
    _give_up_lapsed(clock())
    claimed = _claim(clock())
    if not claimed:
        return 0
    crashpoint("effects-claimed")
    with ThreadPoolExecutor(min(AT_ONCE, len(claimed))) as threads:
        ended = list(threads.map(_attempt, claimed, [clock()] * len(claimed)))
    with transaction.atomic():
        for effect, end in zip(claimed, ended, strict=True):
            _settle(effect, end, clock())
            crashpoint("inside-effect-result")
    crashpoint("effects-settled")
    return len(claimed)


@transaction.atomic
def _claim(now: datetime) -> list[Effect]:
    """Written down as being sent before anything is: whoever dies then leaves it unknown.

    The runs are locked as `control` locks them: who pauses or stops one was here before, or finds these begun.
    """
    if pausing.paused() or _at_it(now) >= WORKERS:
        return []
    _skip_binned(now)
    due = Effect.objects.due(now).select_related("run").order_by("pk")
    due = due.filter(entry__person__deleted_at=None)
    rows = due.select_for_update(of=("self", "run"), no_key=True, skip_locked=True)
    found = [each.pk for each in rows[:AT_ONCE]]
    claim = uuid.uuid4()
    Effect.objects.filter(pk__in=found, state=State.READY).update(
        state=State.SENDING, claim=claim, claimed_until=now + LEASE
    )
    if found:
        crashpoint("inside-effect-claim")
    return list(Effect.objects.filter(claim=claim, state=State.SENDING).order_by("pk"))


def _skip_binned(now: datetime) -> None:
    """Nobody is told of people in the recycle bin, as nobody there is texted."""
    found, why = owed.of_binned(now=now), Reason.PERSON_DELETED
    skips.record_new({(each[1], each[2], each[3]): (why, "") for each in found}, now=now)
    owed.call_off(found, state=Verdict.State.SKIPPED, reason=why, now=now)


def _at_it(now: datetime) -> int:
    going = Effect.objects.filter(state=State.SENDING, claimed_until__gte=now)
    return going.values("claim").distinct().count()


def _attempt(effect: Effect, now: datetime) -> Ended:
    try:
        answer = steps.get(effect.kind).deliver(effect.payload, now)
        crashpoint("effect-made")
    except NotNow as why:
        return Ended(State.READY, str(why), why.answer)
    except Lost as why:
        return Ended(State.UNKNOWN, str(why), why.answer)
    except NotDone as why:
        return Ended(State.FAILED, str(why), why.answer)
    except Exception as error:  # of our own: whether anything happened, nobody knows
        log.exception("an effect failed", effect=effect.pk)
        return Ended(State.UNKNOWN, type(error).__name__)
    finally:
        connection.close()  # of this thread
    return Ended(State.DONE, answer=answer)


def _settle(effect: Effect, end: Ended, now: datetime) -> None:
    """Only whoever holds the claim still may say how it ended."""
    again, detail = _again(effect, end, now), end.detail[:255]
    state = State.FAILED if end.state == State.READY and again is None else end.state
    mine = Effect.objects.filter(pk=effect.pk, claim=effect.claim, state=State.SENDING)
    settled = mine.update(
        state=state,
        detail=detail,
        answer=end.answer,
        attempts=effect.attempts + 1,
        not_before=again,
        claim=None,
        claimed_until=None,
        settled_at=None if state == State.READY else now,
    )
    if settled and state in _VERDICTS:
        verdict, reason = _VERDICTS[state]
        visits = [(effect.entry_id, effect.step_id, effect.wave)]
        owed.settle(visits, state=verdict, reason=reason, detail=detail, now=now)


def _again(effect: Effect, end: Ended, now: datetime) -> datetime | None:
    if end.state != State.READY or effect.attempts >= len(PAUSES):
        return None
    return now + PAUSES[effect.attempts]


@transaction.atomic
def _give_up_lapsed(now: datetime) -> None:
    """Whoever had these died, or is so late that it may: it may have happened, so it is not done again."""
    lapsed = Effect.objects.filter(state=State.SENDING, claimed_until__lt=now)
    rows = lapsed.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    words = _("The worker died meanwhile")
    for effect in rows[: owed.SOME]:
        _settle(effect, Ended(State.UNKNOWN, words), now)
        crashpoint("inside-effect-sweep")
