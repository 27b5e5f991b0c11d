"""Where callbacks go: how they are sent, retried, given up, and when an address is spared."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

import pytest

from tests.simulator.conftest import Simulator, wait_for
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import ANYONE, JOIN_ALERTS, participant, registration

HERE = "config/callbacks/"


def owe(simulator: Simulator, receiver: Receiver, **destination: str) -> None:
    """Somebody joins, and the receiver is to be told."""
    asked = registration(receiver.url, "subscription_added")
    asked["destination"] |= destination
    simulator.post(HERE, asked)
    simulator.post(JOIN_ALERTS, participant(ANYONE))


def only(simulator: Simulator) -> Any:
    """The one callback there is."""
    [owed] = simulator.control("GET", "callbacks")["callbacks"]
    return owed


def wait_for_attempt(simulator: Simulator, number: int) -> None:
    wait_for(lambda: only(simulator)["attempts"] == number)


def address(simulator: Simulator) -> Any:
    [found] = simulator.control("GET", "addresses")["addresses"]
    return found


def fail_until_down(simulator: Simulator, receiver: Receiver, failures: int = 10) -> None:
    receiver.statuses = [500] * failures
    simulator.set(callback_retries=100)
    owe(simulator, receiver)
    for attempt in range(1, failures + 1):
        wait_for_attempt(simulator, attempt)
        simulator.advance(0.5 if attempt == failures else 1.1)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_they_go_by_the_method_and_content_type_asked_for(
    simulator: Simulator, receiver: Receiver, method: str
) -> None:
    owe(simulator, receiver, method=method, content_type="text/json")
    simulator.settle()

    assert receiver.heads == [(method, "text/json")]


@pytest.mark.parametrize("status", [301, 302, 307])
def test_redirects_are_not_followed_but_tried_again(
    simulator: Simulator, receiver: Receiver, status: int
) -> None:
    receiver.statuses = [status]
    owe(simulator, receiver)
    wait_for_attempt(simulator, 1)

    assert (only(simulator)["state"], only(simulator)["status"]) == ("queued", status)
    assert len(receiver.bodies) == 1


def test_a_slow_answer_is_waited_for_only_so_long(simulator: Simulator, receiver: Receiver) -> None:
    simulator.set(callback_timeout_s=0.2)
    receiver.pause_s = 0.6
    owe(simulator, receiver)
    wait_for_attempt(simulator, 1)

    assert (only(simulator)["state"], only(simulator)["status"]) == ("queued", None)
    assert "TimeoutError" in only(simulator)["error"]


def test_an_answer_that_drips_is_waited_for_only_so_long(simulator: Simulator) -> None:
    with dripping() as url:
        simulator.set(callback_timeout_s=0.3, callback_allow=[url])
        simulator.post(HERE, registration(url, "subscription_added"))
        simulator.post(JOIN_ALERTS, participant(ANYONE))
        wait_for_attempt(simulator, 1)

    assert "TimeoutError" in only(simulator)["error"]


@contextmanager
def dripping() -> Iterator[str]:
    """An address that never comes to the end of its first line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=_drip, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _drip(server: socket.socket) -> None:
    line, _ = server.accept()
    with line, suppress(OSError):
        while True:
            line.send(b"H")
            time.sleep(0.02)


def test_after_five_more_attempts_one_is_given_up(simulator: Simulator, receiver: Receiver) -> None:
    receiver.statuses = [503] * 10
    owe(simulator, receiver)
    for attempt in range(1, 7):
        wait_for_attempt(simulator, attempt)
        simulator.advance(1.1)
    simulator.settle()

    assert (only(simulator)["state"], len(receiver.bodies)) == ("failed", 6)


def test_an_address_that_fails_ten_times_in_a_row_is_down(
    simulator: Simulator, receiver: Receiver
) -> None:
    fail_until_down(simulator, receiver, failures=9)
    before = address(simulator)
    receiver.statuses = [500]
    simulator.set(time_scale=1)
    simulator.advance(1.1)
    wait_for_attempt(simulator, 10)

    after = address(simulator)
    assert (before["down"], after["down"]) == (False, True)
    assert (after["failures_in_a_row"], after["owed"]) == (10, 1)


def test_a_down_address_is_spared_and_then_tried_again(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.set(callback_down_after=1, callback_down_s=600, callback_retry_s=1, time_scale=1)
    receiver.statuses = [500]
    owe(simulator, receiver)
    wait_for(lambda: address(simulator)["down"])

    wait_for(lambda: only(simulator)["next_at"] == address(simulator)["down_until"])
    simulator.advance(601)
    receiver.wait("subscription_added", count=2)

    wait_for(lambda: address(simulator)["failures_in_a_row"] == 0)
    assert only(simulator)["attempts"] == 2


def test_a_host_taken_off_the_list_is_called_no_more(
    simulator: Simulator, receiver: Receiver
) -> None:
    receiver.statuses = [503]
    owe(simulator, receiver)
    wait_for_attempt(simulator, 1)

    simulator.set(callback_allow=[])
    simulator.advance(1.1)
    wait_for(lambda: only(simulator)["state"] == "refused")

    assert len(receiver.bodies) == 1


def test_one_that_was_given_up_can_be_sent_again(simulator: Simulator, receiver: Receiver) -> None:
    receiver.statuses = [404]
    owe(simulator, receiver)
    wait_for(lambda: only(simulator)["state"] == "failed")

    simulator.control("POST", f"callbacks/{only(simulator)['id']}/redeliver")

    wait_for(lambda: only(simulator)["state"] == "delivered")


def test_one_that_was_refused_can_be_sent_once_its_host_is_allowed(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.set(callback_allow=[])
    owe(simulator, receiver)
    wait_for(lambda: only(simulator)["state"] == "refused")

    simulator.set(callback_allow=[receiver.url])
    simulator.control("POST", f"callbacks/{only(simulator)['id']}/redeliver")

    wait_for(lambda: only(simulator)["state"] == "delivered")


def test_what_was_under_way_when_all_was_forgotten_is_waited_for_and_says_nothing(
    simulator: Simulator, receiver: Receiver
) -> None:
    receiver.statuses, receiver.pause_s = [500], 0.5
    owe(simulator, receiver)
    wait_for(lambda: receiver.raw)

    simulator.control("POST", "reset", {"fixture": "demo"})
    assert not simulator.control("GET", "clock")["idle"]
    simulator.settle()

    assert simulator.control("GET", "addresses")["addresses"] == []
