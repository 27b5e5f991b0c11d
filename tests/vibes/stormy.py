"""Both sides of the wire in one test's hands: ours in the database, Vibes' in the simulator.

The simulator delivers no callback by itself here: whoever uses this picks them up and hands them to
our endpoint in whatever order, number and shape the storm wants. Both clocks are moved together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.test import Client as Browser
from django.urls import reverse
from time_machine import Traveller

from people.models import Person
from tests.vibes.pretend import Simulator
from vibes import callbacks, connection, delivery, expiry, outbox
from vibes.client import Client, VibesError
from vibes.models import Account, AcquisitionCampaign, OutboxRow, Subscription, VibesList
from vibes.outbox import Order, Visit

CONNECTED = {"rate_limit_events": 0, "rate_limit_other": 0, "receipt_loss": 0}
# What one call to Vibes cannot tell apart, since it names members and open questions only.
OUT = {"never", "declined", "expired", "unsubscribed"}
visits = count(1)


@dataclass
class World:
    """One storm. `told` counts what our endpoint answered; `last` is the newest callback picked up."""

    account: Account
    simulator: Simulator
    people: Sequence[Person]
    clock: Traveller
    last: int = 0
    answers: set[int] = field(default_factory=set)
    picked_up: list[dict[str, Any]] = field(default_factory=list)

    # --- Time ----------------------------------------------------------------------------------

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        self.simulator.post("clock/advance", {"seconds": seconds})
        self.clock.shift(seconds)

    # --- Our side ------------------------------------------------------------------------------

    def owe(self, action: str, person: Person, vibes_list: VibesList, campaign: Any = None) -> None:
        visit = Visit(campaign_id=1, run_id=next(visits), step_id=1, wave=0, now=self.now())
        orders = [Order(person.pk, person.pk, person.mobile, "Acme: Hi", 1)]
        if action == OutboxRow.Action.TEXT:
            outbox.queue_texts(orders, vibes_list=vibes_list, visit=visit, message_name="Hi")
        elif action == OutboxRow.Action.SUBSCRIBE:
            outbox.queue_subscribes(orders, vibes_list=vibes_list, campaign=campaign, visit=visit)
        else:
            outbox.queue_unsubscribes(orders, vibes_list=vibes_list, visit=visit)

    def deliver(self) -> None:
        connection.probe(now=self.now())
        delivery.deliver(self.account.pk, clock=self.now, budget=5)
        delivery.sweep(now=self.now())

    def apply(self) -> None:
        callbacks.apply_receipts(self.now())
        for pk in callbacks.to_apply().values_list("pk", flat=True):
            callbacks.apply(pk, self.now())

    def expire(self) -> None:
        with Client(self.account, slots=1) as client:
            try:
                expiry.expire_pending(self.account, client, self.now())
            except VibesError as fault:
                connection.note(self.account, fault, now=self.now())

    def drain(self) -> None:
        """Deliver until nothing is owed any more."""
        for _ in range(20):
            self.deliver()
            if not OutboxRow.objects.open().exists():
                return
            self.wait(700)
        raise AssertionError(f"Still owed: {list(OutboxRow.objects.open().values())}")

    def reconcile(self) -> None:
        with Client(self.account, slots=4) as client:
            from vibes import sweeps

            sweeps.reconcile(self.account, client, self.now())

    # --- What Vibes tells us -------------------------------------------------------------------

    def pick_up(self) -> None:
        """Take over what Vibes has told since the last time."""
        found = self.simulator.get(f"callbacks?since={self.last}")
        self.last = found["last"]
        self.picked_up += [json.loads(each["body"]) for each in found["callbacks"]]

    def tell(self, body: Any) -> None:
        address = reverse("vibes:callback", args=[self.account.callback_token])
        answer = Browser().post(address, json.dumps(body), content_type="application/json")
        self.answers.add(answer.status_code)

    # --- Both sides compared -------------------------------------------------------------------

    def theirs(self) -> dict[tuple[str, str], str]:
        standing = self.simulator.get("memberships")["memberships"]
        known = {(each["mdn"], each["list_id"]): _told_apart(each["state"]) for each in standing}
        return {pair: known.get(pair, "out") for pair in self._pairs()}

    def ours(self) -> dict[tuple[str, str], str]:
        kept = Subscription.objects.filter(vibes_list__account=self.account)
        rows = kept.values_list("mobile", "vibes_list__vibes_id", "state")
        known = {(mobile, vibes_id): _told_apart(state) for mobile, vibes_id, state in rows}
        return {pair: known.get(pair, "out") for pair in self._pairs()}

    def _pairs(self) -> list[tuple[str, str]]:
        lists = self.account.lists.values_list("vibes_id", flat=True)
        return [(each.mobile, vibes_id) for each in self.people for vibes_id in sorted(lists)]

    def texts(self, mobile: str) -> list[dict[str, Any]]:
        """What reached this phone from events of ours."""
        messages = self.simulator.get(f"handsets/{mobile}/messages")["messages"]
        return [each for each in messages if each["event_id"]]


def _told_apart(state: str) -> str:
    return "out" if state in OUT else state


def campaigns(account: Account) -> list[AcquisitionCampaign]:
    return list(account.acquisition_campaigns.filter(status="active").order_by("vibes_id"))
