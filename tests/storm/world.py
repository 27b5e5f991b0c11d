"""The people of a storm, the campaign that texts them, and starting it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from . import permits

AT_ONCE = 8


def build(people: int, *, url: str) -> int:
    """A migrated database, a connected service that is asked without a limit, people of whom eight in
    ten can be texted, and their campaign, whose id is given back."""
    from django.core.management import call_command
    from django.utils import timezone

    from tests.crash.world import populate
    from tests.vibes import make
    from vibes import connection

    call_command("migrate", verbosity=0)
    permits.note()
    account = make.account(base_url=url, events_per_second=10_000, calls_per_second=10_000)
    if not connection.sync(account, now=timezone.now()):
        raise RuntimeError(f"The simulator was not synced with: {account.health_detail}")
    populate(people)
    return _campaign()


def _campaign() -> int:
    from tests.campaigns import make
    from vibes.models import VibesList

    offers = VibesList.objects.get(vibes_id="1234")
    steps = [
        make.change("state", "IL"),
        make.send(make.approved_message(), offers),
        make.change("score", "1"),
    ]
    return int(make.campaign(filters=[make.in_city()], steps=steps).pk)


def members() -> list[str]:
    """The numbers that can be texted."""
    from vibes.models import Subscription

    return list(Subscription.objects.order_by("mobile").values_list("mobile", flat=True))


def start(campaign_id: int, token: str) -> set[int]:
    """Start the campaign with this token, eight times at once; the ids of the runs that came of it."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return set(pool.map(lambda _: _start(campaign_id, token), range(AT_ONCE)))


def _start(campaign_id: int, token: str) -> int:
    from django.db import connections
    from django.utils import timezone

    from campaigns import launch
    from campaigns.models import Campaign
    from tests.campaigns.make import user

    try:
        campaign = Campaign.objects.get(pk=campaign_id)
        return int(launch.start(campaign, token=token, by=user(), now=timezone.now()).pk)
    finally:
        connections.close_all()
