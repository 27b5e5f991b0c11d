"""When does it run: slots, each of which starts one run, once, and asks when it is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from people.crashpoint import crashpoint
from people.models.setting import declare

from . import launch, local_time, versions
from .models import Campaign, Run, Slot, SlotQuerySet

log = structlog.get_logger(__name__)
FURTHEST = timedelta(days=2 * 366)
GRACE = declare(
    "late_start_minutes",
    default=60,
    help="A planned run that did not start for more than so many minutes waits for somebody to confirm it.",
)


class CannotPlan(Exception):
    """Why there is no slot at that time, in words for the screen."""


class AlreadyDecided(Exception):
    """Somebody else was faster, in words for the screen."""


# --- Planned by somebody --------------------------------------------------------------------------


@transaction.atomic
def plan(campaign: Campaign, *, local: datetime, zone: str, by: Any, now: datetime) -> Slot:
    """Publish the draft and let that version run at a local time (naive, to the minute) in a zone.

    Planned again at the same time, it is the same slot, with the draft of now. Raises CannotPlan,
    and versions.NotReady as `launch.start` does.
    """
    at = local_time.resolve(local, ZoneInfo(zone)).at
    _check(at, zone, now)
    values = {
        "version": launch.pin(campaign, by=by, now=now),
        "zone": zone,
        "asked_for": local_time.to_text(local),
        "planned_by": by,
        "planned_at": now,
    }
    slot, is_new = Slot.objects.get_or_create(campaign=campaign, scheduled_for=at, defaults=values)
    return slot if is_new else _plan_again(slot, values)


def _check(at: datetime, zone: str, now: datetime) -> None:
    told = {"now": local_time.words(now, zone), "time": local_time.words(at, zone)}
    if at <= now:
        raise CannotPlan(_("%(time)s is past: it is %(now)s now. Choose a later time.") % told)
    if at > now + FURTHEST:
        raise CannotPlan(_("%(time)s is more than two years away. Choose an earlier time.") % told)


def _plan_again(slot: Slot, values: dict[str, Any]) -> Slot:
    free = Slot.objects.filter(pk=slot.pk, state__in=[Slot.State.PLANNED, Slot.State.CANCELLED])
    decided = {"decided_by": None, "decided_at": None}
    if not free.update(state=Slot.State.PLANNED, **decided, **values):
        raise CannotPlan(_("It has started for that time just now. Choose a later time."))
    slot.refresh_from_db()
    return slot


def cancel(slot: Slot, *, by: Any, now: datetime) -> None:
    """Let a planned slot start nothing. Raises AlreadyDecided."""
    _decide(slot, [Slot.State.PLANNED], Slot.State.CANCELLED, by, now)


def skip_missed(slot: Slot, *, by: Any, now: datetime) -> None:
    """Let a slot that was missed, or could not run, start nothing. Raises AlreadyDecided."""
    _decide(slot, Slot.UNDECIDED, Slot.State.SKIPPED, by, now)


def _decide(slot: Slot, states: Iterable[str], becomes: str, by: Any, now: datetime) -> None:
    here = Slot.objects.filter(pk=slot.pk, state__in=states)
    if not here.update(state=becomes, decided_by=by, decided_at=now):
        raise AlreadyDecided(_what_became(slot))


def confirm_missed(slot: Slot, *, by: Any, now: datetime) -> Run:
    """Start a slot that was missed, or could not run, after all. Again, it is the same run.

    Raises AlreadyDecided when it was skipped, and versions.NotReady with what stands against it.
    """
    run = _begin(slot, Slot.UNDECIDED, by=by, now=now, decided_by=by, decided_at=now)
    begun = run or Run.objects.filter(slot=slot).first()
    if begun is None:
        raise AlreadyDecided(_what_became(slot))
    return begun


def _what_became(slot: Slot) -> str:
    slot.refresh_from_db()
    return _("Nothing was changed: this planned run is now “%s”.") % slot.get_state_display()


# --- Due ------------------------------------------------------------------------------------------


def due(*, now: datetime) -> list[int]:
    """The slots whose time has come, the oldest first."""
    here = Slot.objects.planned().filter(scheduled_for__lte=now)
    return list(here.values_list("pk", flat=True))


def start(slot_id: int, *, now: datetime) -> Run | None:
    """Start the run of a slot that is due, once; None when there is none to start.

    However many do this at once, one of them does. Too late, it becomes *missed*; with something in
    its way, *could not run*; and both wait for somebody.
    """
    slot = Slot.objects.select_related("version", "planned_by").get(pk=slot_id)
    if slot.scheduled_for > now:
        return None
    if is_late(slot, now):
        _leave(slot, Slot.State.MISSED, "")
        return None
    try:
        return _begin(slot, [Slot.State.PLANNED], by=slot.planned_by, now=now)
    except versions.NotReady as refused:
        _leave(slot, Slot.State.REFUSED, "\n".join(each.words for each in refused.problems))
        return None


def is_late(slot: Slot, now: datetime) -> bool:
    """Whether so much time has passed that somebody must confirm it."""
    return now - slot.scheduled_for > timedelta(minutes=GRACE.get())


def miss_due(*, now: datetime) -> int:
    """Let everything that is due ask, however little late: it may have run elsewhere. How many those are.

    For a database that was restored or copied; only what is planned for later starts by itself.
    """
    here = Slot.objects.planned().filter(scheduled_for__lte=now)
    return here.order_by().update(state=Slot.State.MISSED)


def _leave(slot: Slot, state: str, why: str) -> None:
    if Slot.objects.filter(pk=slot.pk, state=Slot.State.PLANNED).update(state=state, why=why):
        log.warning("a planned run did not start", slot=slot.pk, state=state)


@transaction.atomic
def _begin(
    slot: Slot, states: Iterable[str], *, by: Any, now: datetime, **decided: Any
) -> Run | None:
    """Take the slot and start its run, both or neither; None when it was not there to take."""
    # First the campaign, then its slots: in this order everybody locks them.
    campaign = Campaign.objects.select_for_update().get(pk=slot.campaign_id)
    here = Slot.objects.filter(pk=slot.pk, state__in=states)
    if not here.update(state=Slot.State.STARTED, why="", **decided):
        return None
    crashpoint("slot-taken")
    run = launch.start(campaign, token=slot.token, by=by, now=now, version=slot.version)
    Slot.objects.filter(pk=slot.pk).update(run=run)
    return run


# --- Said -----------------------------------------------------------------------------------------


def undecided() -> SlotQuerySet:
    """The planned runs about which somebody must decide, with the names of their campaigns."""
    return Slot.objects.undecided().select_related("campaign__node")


def words(slot: Slot) -> str:
    """That a slot did not run, for whoever must decide."""
    told = {"campaign": slot.campaign, "time": local_time.words(slot.scheduled_for, slot.zone)}
    if slot.state == Slot.State.REFUSED:
        return _("“%(campaign)s” could not run as planned for %(time)s. Nothing was sent.") % told
    return _("“%(campaign)s” missed its run of %(time)s. Nothing is sent until you decide.") % told
