"""Each fault of the simulator, for each kind of call: the right error, whatever Vibes had done."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.vibes.make import ANA, BEN
from tests.vibes.pretend import Simulator
from tests.vibes.test_client import EVENT
from vibes.client import Client, LoginRefused, Refused, Retryable, Unknown, VibesError
from vibes.client import transport as wire_transport

Outcome = type[VibesError] | None
Call = Callable[[Client, str], Any]
CALLS: dict[str, tuple[str, str, Call]] = {
    "event": (
        "POST",
        "/events",
        lambda client, key: client.send_event(EVENT, "rd_1", ANA, "Hi", {}),
    ),
    "participant": (
        "POST",
        "/participants",
        lambda client, key: client.add_participant("Kwnl5OL3", ANA),
    ),
    "find": ("GET", "/subscribers", lambda client, key: client.find_subscriber("1234", BEN)),
    "delete": (
        "DELETE",
        "/subscriptions/",
        lambda client, key: client.end_subscription(key, "1234"),
    ),
}
# What each fault means for a call whose status decides (an event, a DELETE), and for one whose body
# is needed too; and whether Vibes has done what it was asked to.
FAULTS: dict[str, tuple[dict[str, Any], Outcome, Outcome, bool]] = {
    "delay": ({"seconds": 0.1}, None, None, True),
    "hang": ({"seconds": 5}, Unknown, Unknown, False),
    "timeout_after": ({"seconds": 5}, Unknown, Unknown, True),
    "reset_before": ({}, Unknown, Unknown, False),
    "reset_after": ({}, Unknown, Unknown, True),
    "drip": ({"seconds": 0.001}, None, None, True),
    "drip for ever": ({"seconds": 0.3}, None, Unknown, True),
    "truncate": ({}, None, Unknown, True),
    "bad_json": ({}, None, Unknown, True),
    "wrong_content_type": ({}, None, None, True),
    "extra_fields": ({}, None, None, True),
    "null_fields": ({}, None, Unknown, True),
    "status 204": ({"status": 204}, None, Unknown, False),
    "status 302": ({"status": 302, "headers": {"Location": "/_sim/"}}, Unknown, Unknown, False),
    "status 400": ({"status": 400}, Refused, Refused, False),
    "status 401": ({"status": 401}, LoginRefused, LoginRefused, False),
    "status 403": ({"status": 403}, LoginRefused, LoginRefused, False),
    "status 408": ({"status": 408}, Unknown, Unknown, False),
    "status 422": ({"status": 422}, Refused, Refused, False),
    "status 429": ({"status": 429}, Retryable, Retryable, False),
    "status 500": ({"status": 500}, Unknown, Unknown, False),
    "status 502": ({"status": 502}, Unknown, Unknown, False),
    "status 503": ({"status": 503}, Unknown, Unknown, False),
    "status_after 500": ({"status": 500}, Unknown, Unknown, True),
    "status 503 in Vibes' words": (
        {"status": 503, "body": {"errors": [{"message": "Later", "code": 9}]}},
        Retryable,
        Retryable,
        False,
    ),
    "status 504": ({"status": 504}, Unknown, Unknown, False),
}
OUTLASTS_US = ("hang", "timeout_after", "drip for ever")
NEEDS_BODY = ("participant", "find")
OF_CALLBACKS = {
    *("drop", "duplicate", "shuffle", "malform", "mislabel", "unknown_type", "v1_numbers"),
    "stop_all",
}


@pytest.fixture
def key(client_of_vibes: Client, simulator: Simulator) -> str:
    """Of Ben, who is on the list."""
    simulator.members("1234", BEN)
    return client_of_vibes.find_persons(BEN)[0].person_key


def has_done(simulator: Simulator, call: str) -> bool:
    """Whether Vibes did what a call asked for; to find somebody changes nothing."""
    if call == "event":
        return bool(simulator.ledger())
    standing = simulator.memberships("1234")
    return ANA in standing if call == "participant" else standing[BEN] == "unsubscribed"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_ends_in_the_right_error(
    client_of_vibes: Client,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    call: str,
    fault: str,
) -> None:
    if fault in OUTLASTS_US:
        monkeypatch.setattr(wire_transport, "TIMEOUT", (5.0, 0.5))
    method, path, make = CALLS[call]
    rule, bodiless, with_body, done = FAULTS[fault]
    simulator.fault(fault.split(maxsplit=1)[0], path=path, method=method, **rule)

    outcome = _outcome(lambda: make(client_of_vibes, key))

    assert outcome is (with_body if call in NEEDS_BODY else bodiless)
    assert call == "find" or has_done(simulator, call) is done


def test_every_fault_of_the_simulator_is_tried(simulator: Simulator) -> None:
    with pytest.raises(AssertionError) as refused:
        simulator.fault("no such fault")

    offered = set(re.findall(r"'(\w+)'", str(refused.value).partition("one of")[2]))
    assert offered - OF_CALLBACKS == {each.split()[0] for each in FAULTS}


def _outcome(call: Callable[[], Any]) -> Outcome:
    try:
        call()
    except VibesError as failed:
        return type(failed)
    return None
