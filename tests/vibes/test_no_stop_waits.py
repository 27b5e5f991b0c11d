"""A STOP, and any other no, waits for nothing that Vibes is asked about."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from config.celery import queue_of
from config.processes import PROMPT
from tests.vibes import make
from tests.vibes.test_callbacks import participant, subscription
from vibes import callbacks, tasks
from vibes.models import Account, Callback, Subscription

pytestmark = pytest.mark.django_db
TASKS = (tasks.apply_callback, tasks.confirm_callback)
YES, NO = participant("CONFIRMED"), subscription("removed")


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a Vibes that takes every call and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, int]]:
    """Every task that a callback rings for, with the callback it is about."""
    heard: list[tuple[Any, int]] = []
    for each in TASKS:
        ring = lambda *, kwargs, each=each: heard.append((each, kwargs["callback_id"]))  # noqa: E731
        monkeypatch.setattr(each, "apply_async", ring)
    return heard


def tell(account: Account, body: dict[str, Any], event_id: str = "") -> None:
    raw = json.dumps(body | {"event_id": event_id or body["event_id"]})
    address = f"/vibes/callbacks/{account.callback_token}/"
    assert Client().post(address, raw, content_type="application/json").status_code == 200


def waiting() -> int:
    return Callback.objects.filter(applied_at=None).count()


def test_a_stop_is_applied_while_a_hundred_opt_ins_wait_for_a_vibes_that_hangs(
    silent: str, rung: list[tuple[Any, int]]
) -> None:
    account = make.account(base_url=silent, callback_token="secret")
    offers = make.campaign(make.vibes_list(account)).feeds.get()
    make.subscription(offers)
    for number in range(100):
        tell(account, YES, f"yes {number}")
    tell(account, NO)

    for task, callback_id in rung:
        if queue_of(task.name) in PROMPT:
            task(callback_id=callback_id)

    assert (Subscription.objects.get().state, waiting()) == ("unsubscribed", 100)
    tasks.apply_callbacks()  # asks nobody either
    assert waiting() == 100


@pytest.mark.parametrize(
    ("body", "queue"),
    [
        (NO, "callbacks"),
        (participant("REJECTED"), "callbacks"),
        (NO | {"callback_type": "odd", "event_type": "subscription_removed"}, "callbacks"),
        (YES, "confirm"),
        (participant("PENDING"), "confirm"),
        (subscription("added"), "confirm"),
    ],
)
def test_only_a_no_is_for_whoever_listens(
    rung: list[tuple[Any, int]], body: dict[str, Any], queue: str
) -> None:
    tell(make.account(callback_token="secret"), body)

    ((task, _),) = rung
    assert queue_of(task.name) == queue
    assert callbacks.noes().exists() == (queue == "callbacks")
    assert callbacks.to_ask().exists() == (queue == "confirm")


def test_once_vibes_was_asked_in_vain_the_others_are_left_to_the_tick(
    rung: list[tuple[Any, int]],
) -> None:
    account = make.account(base_url="http://127.0.0.1:1", callback_token="secret")
    make.campaign(make.vibes_list(account))
    for number in range(3):
        tell(account, YES, f"yes {number}")

    for task, callback_id in rung:
        task(callback_id=callback_id)
    assert Callback.objects.exclude(outcome="").count() == 1

    tasks.confirm_callbacks()
    assert Callback.objects.exclude(outcome="").count() == 3
