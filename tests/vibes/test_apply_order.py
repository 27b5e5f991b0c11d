"""What a person decided does not wait behind what carriers report."""

import pytest

from tests.vibes import make
from vibes import callbacks, tasks
from vibes.models import Account, Callback

pytestmark = pytest.mark.django_db


def keep(account: Account, kind: str, event_id: str) -> Callback:
    body = f'{{"callback_type": "{kind}", "event_id": "{event_id}"}}'
    return callbacks.store(account, body.encode(), make.NOON)


def test_people_come_before_receipts_and_the_oldest_first() -> None:
    account = make.account()
    kinds = ["event_processed", "event_processed", "subscription_removed", "subscription_added"]
    receipts_and_people = [keep(account, kind, str(place)) for place, kind in enumerate(kinds)]
    first, second, left, joined = receipts_and_people

    assert list(callbacks.to_apply()) == [left, joined, first, second]


def test_one_task_applies_all_that_wait() -> None:
    account = make.account()
    for place in range(3):
        keep(account, "event_processed", str(place))

    tasks.apply_callbacks()

    assert not callbacks.to_apply().exists()
