"""The roll: which numbers a sweep asks about, in order, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from people.models import Person
from vibes.models import Number, OutboxRow, Subscription, Sweep

MEMBERSHIPS = [OutboxRow.Action.SUBSCRIBE, OutboxRow.Action.UNSUBSCRIBE]


def after(sweep: Sweep, most: int) -> list[str]:
    """The next numbers behind the sweep's position."""
    found: set[str] = set()
    for source in _sources(sweep):
        rest = source.filter(mobile__gt=sweep.position).order_by("mobile")
        found.update(rest.values_list("mobile", flat=True).distinct()[:most])
    return sorted(found)[:most]


def still_on(sweep: Sweep, mobiles: list[str]) -> set[str]:
    """Those of the numbers that are on the roll: whoever was erased meanwhile is not."""
    found: set[str] = set()
    for source in _sources(sweep):
        here = source.filter(mobile__in=mobiles).order_by("mobile")
        found.update(here.values_list("mobile", flat=True).distinct())
    return found


def count(sweep: Sweep) -> int:
    """How many numbers there are in all."""
    first, *others = (source.order_by().values("mobile") for source in _sources(sweep))
    return first.union(*others).count()


def _sources(sweep: Sweep) -> Iterator[QuerySet[Any]]:
    """Everybody's number and every number we hold; for a part, only what may have changed."""
    rows = Subscription.objects.filter(vibes_list__account=sweep.account, mobile__startswith="+")
    since = sweep.changed_since
    if since is None:
        yield Person.objects.present().with_mobile()
        yield rows
        return
    yield rows.filter(Q(changed_at__gte=since) | Q(state=Subscription.State.PENDING))
    yield Number.objects.filter(changed_at__gte=since)
    # What became of these calls we may never have been told.
    yield OutboxRow.objects.filter(
        account=sweep.account,
        action__in=MEMBERSHIPS,
        queued_at__gte=since,
        mobile__startswith="+",  # else a pseudonym: its person was erased
    )
