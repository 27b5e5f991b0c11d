"""What we owe Vibes, as tests of sending need it: rows for numbers, and how they stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from people.models import Person
from tests.people.make import person
from tests.vibes import make
from tests.vibes.make import NOON
from vibes import delivery, outbox
from vibes.models import Account, AcquisitionCampaign, OutboxRow, Subscription, VibesList
from vibes.outbox import Order, Visit

VISIT = Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=NOON)


def texts(to: VibesList, *mobiles: str, visit: Visit = VISIT) -> list[Person]:
    """A text owed to a member behind each number."""
    people = [_holder(mobile) for mobile in mobiles]
    for each in people:
        if not Subscription.objects.filter(mobile=each.mobile, vibes_list=to).exists():
            make.subscription(to, each.mobile)
    outbox.queue_texts(_orders(people, "Hi"), vibes_list=to, visit=visit, message_name="Offer")
    return people


def opt_ins(
    to: VibesList, through: AcquisitionCampaign, *mobiles: str, visit: Visit = VISIT
) -> list[Person]:
    """An opt-in owed to each number."""
    people = [_holder(mobile) for mobile in mobiles]
    outbox.queue_subscribes(_orders(people), vibes_list=to, campaign=through, visit=visit)
    return people


def ends(of: VibesList, *mobiles: str) -> list[Person]:
    """The end of its subscription owed to each number."""
    people = [_holder(mobile) for mobile in mobiles]
    outbox.queue_unsubscribes(_orders(people), vibes_list=of, visit=VISIT)
    return people


def _holder(mobile: str) -> Person:
    return Person.objects.filter(mobile=mobile).first() or person(mobile=mobile)


def _orders(people: list[Person], text: str = "") -> list[Order]:
    return [Order(each.pk, each.pk, each.mobile, text, 1 if text else 0) for each in people]


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def deliver(account: Account, moment: datetime = NOON) -> bool:
    return delivery.deliver(account.pk, clock=at(moment))


def states() -> dict[str, tuple[str, str]]:
    """(state, reason) of each row, by number."""
    return {row.mobile: (row.state, row.reason) for row in OutboxRow.objects.all()}
