"""Whether due work lies about that nobody takes: then no worker runs, and nothing will send."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from campaigns.models import Run, Slot
from vibes import loops
from vibes.models import OutboxRange, OutboxRow, VibesList

PATIENCE = timedelta(seconds=4 * settings.SWEEP_SECONDS)


def since(*, now: datetime) -> datetime | None:
    """When the oldest due work that nobody has taken for four sweeps became due; None when all moves.

    Three short look-ups on indexes. What a held service owes does not count, nor texts that wait for
    their list's sender: those are other troubles, and nothing is late but the help.
    """
    waits = [each for each in (_slots(now), _runs(now), _texts(now)) if each is not None]
    oldest = min(waits, default=None)
    return oldest if oldest is not None and oldest < now - PATIENCE else None


def _slots(now: datetime) -> datetime | None:
    due = Slot.objects.planned().filter(scheduled_for__lte=now)
    return due.values_list("scheduled_for", flat=True).first()


def _runs(now: datetime) -> datetime | None:
    free = Q(lease_until=None) | Q(lease_until__lt=now - PATIENCE)
    early = Run.objects.filter(free, state=Run.State.ENROLLING)
    found: datetime | None = early.aggregate(at=Min("started_at"))["at"]
    return found


def _texts(now: datetime) -> datetime | None:
    due = OutboxRange.objects.filter(account__in=loops.idle(now - PATIENCE)).due(now)
    due = due.exclude(action=OutboxRow.Action.TEXT, vibes_list__in=_without_sender()).order_by("id")
    first = due.values_list("queued_at", "not_before").first()
    return max(filter(None, first)) if first else None


def _without_sender() -> QuerySet[VibesList, int]:
    return VibesList.objects.without_sender().values_list("pk", flat=True)


def lists_that_wait() -> QuerySet[VibesList]:
    """Lists to which texts are owed that wait for a sender: said in words by `vibes.senders.words`."""
    owed = OutboxRange.objects.open().filter(action=OutboxRow.Action.TEXT)
    texts = owed.filter(vibes_list=OuterRef("pk"))
    return VibesList.objects.without_sender().filter(Exists(texts)).order_by("name", "pk")
