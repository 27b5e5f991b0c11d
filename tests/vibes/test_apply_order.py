"""What a person decided does not wait behind what carriers report."""

import json

import pytest

from tests.vibes import make
from vibes import callbacks, consequences, intake, tasks
from vibes.facts import Fact
from vibes.models import Account, Callback

pytestmark = pytest.mark.django_db


def keep(account: Account, kind: str, event_id: str) -> Callback:
    body = f'{{"callback_type": "{kind}", "event_id": "{event_id}"}}'
    return stored(account, body)


def stored(account: Account, body: str) -> Callback:
    kept = intake.store(account.pk, body.encode(), make.NOON)
    assert kept.callback_id is not None
    return Callback.objects.get(pk=kept.callback_id)


def test_people_come_before_receipts_and_the_oldest_first() -> None:
    account = make.account()
    kinds = ["event_processed", "event_processed", "subscription_removed", "subscription_added"]
    receipts_and_people = [keep(account, kind, str(place)) for place, kind in enumerate(kinds)]
    first, second, left, joined = receipts_and_people

    assert list(callbacks.to_apply()) == [left, joined, first, second]


def test_every_no_comes_first() -> None:
    account = make.account()
    joined = keep(account, "subscription_added", "joined")
    said = {"callback_type": "ack_participant_added", "participant": {"status": "REJECTED"}}
    rejected = stored(account, json.dumps(said))
    left = keep(account, "subscription_removed", "left")

    assert list(callbacks.to_apply()) == [rejected, left, joined]


def test_one_task_applies_all_that_wait() -> None:
    account = make.account()
    for place in range(3):
        keep(account, "event_processed", str(place))

    tasks.apply_callbacks()

    assert not callbacks.to_apply().exists()


def test_one_that_cannot_be_applied_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = make.account()
    kept = [keep(account, "event_processed", str(place)) for place in range(3)]
    whole = consequences.follow

    def follow(fact: Fact | None, by: consequences.Told) -> str:
        if by.callback_id == kept[1].pk:
            raise RuntimeError("odd")
        return whole(fact, by)

    monkeypatch.setattr(consequences, "follow", follow)
    tasks.apply_callbacks()

    said = [Callback.objects.get(pk=each.pk).outcome for each in kept]
    assert said[1] == "could not be applied: RuntimeError"
    assert not callbacks.to_apply().exists()


def test_what_people_decided_is_never_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make.account()
    stop = keep(account, "subscription_removed", "stop")
    receipt = keep(account, "event_processed", "receipt")

    def broken(*_: object) -> str:
        raise RuntimeError("odd")

    with monkeypatch.context() as patch:
        patch.setattr(consequences, "follow", broken)
        tasks.apply_callbacks()

    assert list(callbacks.to_apply()) == [stop]
    assert Callback.objects.get(pk=receipt.pk).applied_at is not None
    tasks.apply_callbacks()
    assert not callbacks.to_apply().exists()
