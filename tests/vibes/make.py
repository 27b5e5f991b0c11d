"""What Vibes' side consists of, as tests need it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone

from config.processes import QUEUES
from vibes import heartbeats
from vibes.models import (
    Account,
    AcquisitionCampaign,
    Heartbeat,
    OutboxRange,
    Stop,
    Subscription,
    VibesList,
)

NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
ANA, BEN, EVE = "+13125550101", "+13125550102", "+13125550103"


def account(**fields: Any) -> Account:
    """The service of the simulator's demonstration."""
    fields = {
        "name": "Vibes",
        "username": "demo",
        "password": "demo",
        "company_key": "DEMO0001",
        "region": Account.Region.SIMULATOR,
        "base_url": "http://127.0.0.1:9",
        "source_code": "65301",
    } | fields
    return Account.objects.create(**fields)


def vibes_list(account: Account, **fields: Any) -> VibesList:
    fields = {"vibes_id": "1234", "name": "Offers"} | fields
    return VibesList.objects.create(account=account, **fields)


def campaign(vibes_list: VibesList, **fields: Any) -> AcquisitionCampaign:
    fields = {"vibes_id": "Kwnl5OL3", "name": "Offers by web", "status": "active"} | fields
    made = AcquisitionCampaign.objects.create(account=vibes_list.account, **fields)
    made.feeds.add(vibes_list)
    return made


def subscription(vibes_list: VibesList, mobile: str = ANA, **fields: Any) -> Subscription:
    fields = {
        "state": Subscription.State.SUBSCRIBED,
        "source": "test",
        "changed_at": NOON,
        "told_at": NOON,
    } | fields
    return Subscription.objects.create(vibes_list=vibes_list, mobile=mobile, **fields)


def outbox_range(vibes_list: VibesList, **fields: Any) -> OutboxRange:
    fields = {"action": "text", "run_id": 2, "size": 1, "queued_at": NOON} | fields
    return OutboxRange.objects.create(account=vibes_list.account, vibes_list=vibes_list, **fields)


def stop(account: Account, mobile: str = ANA, at: datetime = NOON) -> Stop:
    return Stop.objects.create(account=account, mobile=mobile, stopped_at=at)


def forged_opt_in(mobile: str, list_id: str, *, at: datetime) -> dict[str, Any]:
    """A callback that Vibes never sent, and that says what somebody would like to be true."""
    return {
        "event_id": str(uuid4()),
        "callback_type": "subscription_added",
        "event_date": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "subscription": {
            "opt_in_date": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "subscription_list": {"id": list_id},
            "person": {"mobile_phone": {"mdn": mobile}},
        },
    }


def heart(role: str = "worker", **facts: Any) -> Heartbeat:
    """A process that has just checked in."""
    who: dict[str, Any] = {"host": "one", "pid": 1, "role": role, "is_member": True}
    who |= {"queues": QUEUES if role == "worker" else ()}
    key = uuid4()
    heartbeats.beat(key, now=facts.pop("now", timezone.now()), **who | facts)
    return Heartbeat.objects.get(key=key)
