"""Every callback Vibes documents is taken, in any order and any number of times."""

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.contract import files
from tests.vibes.pretend import Simulator
from vibes import callbacks
from vibes.models import Account, Callback, Subscription

pytestmark = [pytest.mark.contract, pytest.mark.usefixtures("offers_by_web")]
EXAMPLES = files.examples("callbacks")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
HOLDER = "+13125550142"


def post(account: Account, body: Any) -> int:
    address = reverse("vibes:callback", args=[account.callback_token])
    answer = Client().post(address, data=json.dumps(body), content_type="application/json")
    return int(answer.status_code)


def apply_all() -> None:
    for each in callbacks.to_apply():
        callbacks.apply(each.pk, NOW)


@pytest.mark.parametrize("name", EXAMPLES)
def test_takes_every_documented_callback(account: Account, name: str) -> None:
    files.check_callback(EXAMPLES[name])

    assert post(account, EXAMPLES[name]) == 200
    apply_all()

    kept = Callback.objects.get()
    assert kept.applied_at is not None
    assert kept.applied_at >= kept.received_at
    assert kept.event_id == EXAMPLES[name]["event_id"]


@pytest.mark.parametrize("seed", range(12))
def test_all_of_them_in_any_order_and_twice_end_the_same(account: Account, seed: int) -> None:
    told = [*EXAMPLES.values(), *EXAMPLES.values()]
    random.Random(seed).shuffle(told)

    for each in told:
        assert post(account, each) == 200
        apply_all()

    assert Callback.objects.count() == len({each["event_id"] for each in EXAMPLES.values()})
    # 2026-11-23: the opt-out is the last thing that happened, and Vibes knows of no member.
    (row,) = Subscription.objects.all()
    assert (row.mobile, row.state, row.reason) == (HOLDER, "unsubscribed", "user_opt_out")


def test_a_mislabelled_one_is_judged_by_what_it_says(
    account: Account, simulator: Simulator
) -> None:
    simulator.members("1234", HOLDER)

    post(account, EXAMPLES["ack_participant_changed.mislabelled.json"])
    apply_all()

    assert Subscription.objects.get().state == "subscribed"
