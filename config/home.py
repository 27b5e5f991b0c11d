"""What the Home page shows: what is left to set up, a few counts, the next and the newest runs."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from campaigns import schedule
from campaigns.models import Campaign, Node, Run, Slot
from people.checklist import Item
from people.models import Person
from vibes.models import Subscription, VibesList

# Counting beyond this costs more than the figure is worth.
COUNTED_UP_TO = 10_000
NEWEST_RUNS = 6
NEXT_SLOTS, UNDECIDED_SHOWN = 3, 20


@dataclass(frozen=True)
class Count:
    """A figure and its name; `is_more` when there are more than we count."""

    name: str | Promise
    value: int
    is_more: bool
    url: str


def contents() -> dict[str, Any]:
    """Everything the Home page draws."""
    items = checklist()
    return {
        "checklist": items,
        "done": sum(item.done for item in items),
        "counts": counts(),
        "undecided": schedule.undecided()[:UNDECIDED_SHOWN],
        "planned": Slot.objects.planned().select_related("campaign__node")[:NEXT_SLOTS],
        "runs": Run.objects.select_related("campaign__node")[:NEWEST_RUNS],
    }


def checklist() -> list[Item]:
    """What every app thinks there is to do, in the order of HOME_CHECKLIST."""
    return [item for source in settings.HOME_CHECKLIST for item in import_string(source)()]


def counts() -> list[Count]:
    subscribed = Subscription.objects.filter(state=Subscription.State.SUBSCRIBED)
    return [
        _count(_("People"), Person.objects.present(), "people:database"),
        _count(_("Vibes lists"), VibesList.objects.all(), "vibes:home"),
        _count(_("Memberships of Vibes lists"), subscribed, "vibes:home"),
        _count(
            _("Smart campaigns"),
            Campaign.objects.present().exclude(node__kind=Node.Kind.ACTIONS),
            "campaigns:tree",
        ),
    ]


def _count(name: str | Promise, rows: QuerySet[Any], view: str) -> Count:
    found = rows.order_by()[: COUNTED_UP_TO + 1].count()
    return Count(name, min(found, COUNTED_UP_TO), found > COUNTED_UP_TO, reverse(view))
