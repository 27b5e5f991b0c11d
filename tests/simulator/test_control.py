"""Seeding, journals, the clock, settings, and a process that stops and starts."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import requests

from tests.simulator.conftest import Simulator, wait_for
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_OFFERS,
    SOMEONE_ELSE,
    event,
    participant,
    registration,
)


def test_the_controls_want_their_token(simulator: Simulator) -> None:
    answer = requests.get(f"{simulator.home}/_sim/ledger", timeout=5)

    assert answer.status_code == 401


@pytest.mark.timed
def test_a_large_world_is_seeded_in_one_quick_call(simulator: Simulator) -> None:
    members = [
        {"mdn": f"+1312{2_000_000 + n}", "list_id": "1234", "state": "subscribed"}
        for n in range(20_000)
    ]
    began = time.monotonic()

    assert simulator.seed(memberships=members) == {"handsets": 0, "memberships": 20_000}

    assert time.monotonic() - began < 5
    assert simulator.standing("+13122000007") == {"1234": "subscribed"}


@pytest.mark.parametrize("state", ["subscribed", "pending", "declined", "unsubscribed"])
def test_a_number_can_be_put_anywhere(simulator: Simulator, state: str) -> None:
    simulator.seed(memberships=[{"mdn": ANYONE, "list_id": "1234", "state": state}])

    assert simulator.standing(ANYONE) == {"1234": state}


def test_a_seeded_pending_request_can_be_answered(simulator: Simulator) -> None:
    simulator.seed(memberships=[{"mdn": ANYONE, "list_id": "1234", "state": "pending"}])

    simulator.says(ANYONE, "Y")

    assert simulator.standing(ANYONE) == {"1234": "subscribed"}


def test_lists_and_campaigns_can_be_added(simulator: Simulator) -> None:
    simulator.seed(
        lists=[{"id": "77", "name": "VIP"}],
        campaigns=[
            {"id": "VipCamp", "description": "VIP", "list_id": "77", "double_opt_in": False}
        ],
    )

    simulator.post("campaigns/acquisition/VipCamp/participants", participant(ANYONE))

    assert simulator.standing(ANYONE) == {"77": "subscribed"}


@pytest.mark.parametrize(("announce", "count"), [(False, 0), (True, 1)])
def test_seeding_tells_only_when_asked_to(
    simulator: Simulator, receiver: Receiver, announce: bool, count: int
) -> None:
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_added"))
    place = {"mdn": ANYONE, "list_id": "1234", "state": "subscribed"}

    simulator.seed(memberships=[place], callbacks=announce)
    simulator.settle()

    assert len(receiver.bodies) == count


def test_resetting_the_world_keeps_lists_and_registrations(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_added"))
    simulator.subscribe(ANYONE)

    simulator.seed(reset=True)

    assert simulator.standing(ANYONE) == {}
    assert len(simulator.get("config/callbacks/").json()) == 1
    assert len(simulator.get("mobiledb/subscription_lists/").json()) == 2


def test_a_world_with_a_bad_number_is_refused_whole(simulator: Simulator) -> None:
    members = [{"mdn": m, "list_id": "1234", "state": "subscribed"} for m in (ANYONE, "555")]

    with pytest.raises(requests.HTTPError):
        simulator.seed(memberships=members)
    assert simulator.standing(ANYONE) == {}


@pytest.mark.parametrize(
    "world",
    [
        {"lists": [{"id": "9"}]},
        {"lists": {"id": "9", "name": "Nine"}},
        {"campaigns": [{"id": "Nine"}]},
        {"handsets": ["+13125550142"]},
        {"memberships": [{"mdn": ANYONE, "list_id": "1234"}]},
        {"memberships": [{"mdn": ANYONE, "list_id": ["1234"], "state": "subscribed"}]},
    ],
)
def test_a_world_that_makes_no_sense_is_refused(
    simulator: Simulator, world: dict[str, object]
) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        simulator.seed(**world)


def test_the_empty_fixture_has_no_lists(simulator: Simulator) -> None:
    simulator.control("POST", "reset", {"fixture": "empty"})

    assert simulator.get("mobiledb/subscription_lists/").json() == []


def test_the_ledger_is_read_on_from_where_one_stopped(simulator: Simulator) -> None:
    for number in range(3):
        simulator.post("events", event(event_id=str(number)))

    first = simulator.control("GET", "ledger?limit=2")
    rest = simulator.control("GET", f"ledger?since={first['last']}")

    ids = [entry["event_id"] for page in (first, rest) for entry in page["events"]]
    assert (ids, first["total"]) == (["0", "1", "2"], 3)


def test_the_journal_remembers_calls_with_their_bodies(simulator: Simulator) -> None:
    simulator.post("events", event())

    [call] = simulator.control("GET", "requests?path=/events")["requests"]

    assert (call["method"], call["status"]) == ("POST", 202)
    assert '"message_body": "Hello"' in call["body"]


def test_the_door_counts_the_calls_that_are_not_answered_yet(simulator: Simulator) -> None:
    slow = {"match": {"path": "/events"}, "action": {"type": "delay", "seconds": 0.5}}
    simulator.control("POST", "faults", slow)

    with ThreadPoolExecutor(2) as pool:
        pool.map(lambda mdn: simulator.post("events", event(mdn)), [ANYONE, SOMEONE_ELSE])
        wait_for(lambda: simulator.control("GET", "door") == {"events": 2, "other": 0})
    wait_for(lambda: simulator.control("GET", "door") == {"events": 0, "other": 0})


def test_the_journal_says_how_long_a_call_took(simulator: Simulator) -> None:
    simulator.set(latency_ms=30)
    simulator.post("events", event())

    (call,) = simulator.control("GET", "requests")["requests"]
    assert datetime.fromisoformat(call["at"]) < datetime.fromisoformat(call["done_at"])


def test_the_clock_moves_forward_by_hand(simulator: Simulator) -> None:
    simulator.advance(3600)

    assert simulator.control("GET", "clock")["offset"] == 3600


@pytest.mark.parametrize("seconds", [-1, "soon", True, 1e12])
def test_the_clock_goes_nowhere_senseless(simulator: Simulator, seconds: object) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        simulator.control("POST", "clock/advance", {"seconds": seconds})

    assert simulator.control("GET", "clock")["offset"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"no_such": 1},
        {"stop_scope": "planet"},
        {"stop_scope": ["code"]},
        {"latency_ms": "slow"},
        {"rate_limit_events": True},
        {"strict": 1},
        {"callback_allow": "http://127.0.0.1"},
        {"callback_allow": [8000]},
        {"callback_down_after": 0},
        {"time_scale": -1},
        {"receipt_loss": 1.1},
        {"pending_hours": 1e300},
    ],
)
def test_settings_that_make_no_sense_are_refused(
    simulator: Simulator, settings: dict[str, object]
) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        simulator.set(**settings)


@pytest.mark.parametrize(
    "settings", [{"pending_hours": 1}, {"pending_hours": 0.5}, {"strict": True}, {"strict": False}]
)
def test_settings_keep_their_kind(simulator: Simulator, settings: dict[str, object]) -> None:
    simulator.set(**settings)

    assert settings.items() <= simulator.control("GET", "settings").items()


def test_latency_can_be_set(simulator: Simulator) -> None:
    simulator.set(latency_ms=100)

    elapsed = [simulator.get("sourcecodes").elapsed.total_seconds() for _ in range(5)]

    assert max(elapsed) > 0.05


@pytest.mark.timed
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_quickly_even_with_a_call_hanging(other: Simulator, how: signal.Signals) -> None:
    other.control("POST", "faults", {"action": {"type": "hang"}})
    with pytest.raises(requests.ReadTimeout):
        other.call("GET", "sourcecodes", timeout=0.2)

    assert other.stop(how) < 2.5


@pytest.mark.timed
def test_what_happened_survives_a_restart(other: Simulator) -> None:
    other.post(JOIN_OFFERS, participant(ANYONE))
    other.post("events", event())
    other.advance(60)

    other.stop()
    other.start()

    assert [entry["event_id"] for entry in other.ledger()] == ["one"]
    assert other.standing(ANYONE) == {"1234": "pending"}
    assert other.control("GET", "clock")["offset"] == 60
