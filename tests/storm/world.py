"""The people of a storm, the campaign that texts them, and the run of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .provider import Provider

LIST = "1234"
TEXTABLE_OF_TEN = 8  # of ten people: one shares a number, one has none
AT_ONCE = 8


def build(people: int, provider: Provider, *, url: str) -> int:
    """A migrated database, a connected service that is asked without a limit, people, and their
    campaign, whose id is given back."""
    from django.core.management import call_command
    from django.utils import timezone

    from tests.vibes import make
    from vibes import connection

    call_command("migrate", verbosity=0)
    account = make.account(base_url=url, events_per_second=10_000, calls_per_second=10_000)
    if not connection.sync(account, now=timezone.now()):
        raise RuntimeError(f"The simulator was not synced with: {account.health_detail}")
    _populate(people, provider)
    return _campaign()


def numbers(people: int) -> list[str]:
    """The number of each of so many people, '' for those who have none."""
    return [
        "" if each % 10 == 9 else f"+1312{2_000_000 + each - (each % 10 == 8):07d}"
        for each in range(people)
    ]


def _populate(people: int, provider: Provider) -> None:
    from people.models import Person
    from tests.people.make import NOON

    mobiles = numbers(people)
    Person.objects.bulk_create(
        (
            Person(
                first_name=f"Person {place}",
                city="Chicago",
                mobile=mobile,
                mobile_typed=mobile,
                mobile_region="US" if mobile else "",
                created_at=NOON,
                updated_at=NOON,
            )
            for place, mobile in enumerate(mobiles)
        ),
        batch_size=5_000,
    )
    _make_members(sorted(set(mobiles) - {""}), provider)


def _make_members(mobiles: list[str], provider: Provider) -> None:
    """Members at the simulator and, as if they had been asked, with us."""
    from tests.people.make import NOON
    from vibes.models import Subscription, VibesList

    provider.add_members(LIST, mobiles)
    offers = VibesList.objects.get(vibes_id=LIST)
    kept = {"vibes_list": offers, "state": "subscribed", "source": "test", "changed_at": NOON}
    Subscription.objects.bulk_create(
        (Subscription(mobile=each, **kept) for each in mobiles), batch_size=5_000
    )


def _campaign() -> int:
    from tests.campaigns import make
    from vibes.models import VibesList

    offers = VibesList.objects.get(vibes_id=LIST)
    steps = [
        make.change("state", "IL"),
        make.send(make.approved_message(), offers),
        make.change("score", "1"),
    ]
    return int(make.campaign(filters=[make.in_city()], steps=steps).pk)


def start(campaign_id: int, token: str) -> set[int]:
    """Start the campaign with this token, eight times at once; the ids of the runs that came of it."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return set(pool.map(lambda _: _start(campaign_id, token), range(AT_ONCE)))


def _start(campaign_id: int, token: str) -> int:
    from django.db import connections
    from django.utils import timezone

    from campaigns import launch
    from campaigns.models import Campaign

    try:
        campaign = Campaign.objects.get(pk=campaign_id)
        return int(launch.start(campaign, token=token, by=_ada(), now=timezone.now()).pk)
    finally:
        connections.close_all()


def _ada() -> Any:
    from django.contrib.auth.models import User

    return User.objects.get(username="ada")
