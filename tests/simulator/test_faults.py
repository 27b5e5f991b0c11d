"""Trouble on request: for calls and for callbacks."""

import pytest
import requests

from tests.simulator.conftest import Simulator, wait_for
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_ALERTS,
    SOMEONE_ELSE,
    event,
    participant,
    registration,
)

LISTS = "mobiledb/subscription_lists/"


def break_(simulator: Simulator, kind: str, **rule: object) -> None:
    more = rule.pop("more", {})
    assert isinstance(more, dict)
    simulator.control("POST", "faults", rule | {"action": {"type": kind} | more})


def _journal(simulator: Simulator) -> list[dict[str, object]]:
    calls: list[dict[str, object]] = simulator.control("GET", "requests")["requests"]
    return calls


def test_a_call_can_be_made_to_fail_with_any_status(simulator: Simulator) -> None:
    more = {"status": 429, "headers": {"Retry-After": "7"}, "body": {"slow": "down"}}
    break_(simulator, "status", match={"path": "/events"}, more=more)

    answer = simulator.post("events", event())

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json() == {"slow": "down"}
    assert simulator.get(LISTS).status_code == 200


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ({"nth": 2}, [200, 500, 200, 200]),
        ({"every": 2}, [200, 500, 200, 500]),
        ({"count": 1}, [500, 200, 200, 200]),
        ({"probability": 0}, [200, 200, 200, 200]),
    ],
)
def test_a_rule_acts_only_when_it_is_due(
    simulator: Simulator, when: dict[str, int], codes: list[int]
) -> None:
    break_(simulator, "status", when=when)

    assert [simulator.get(LISTS).status_code for _ in codes] == codes


def test_a_rule_can_concern_one_number(simulator: Simulator) -> None:
    break_(simulator, "status", match={"mdn_suffix": "0142"})

    codes = [simulator.post("events", event(m)).status_code for m in (ANYONE, SOMEONE_ELSE)]

    assert codes == [500, 202]


def test_a_reset_before_does_nothing_and_drops_the_line(simulator: Simulator) -> None:
    break_(simulator, "reset_before")

    with pytest.raises(requests.ConnectionError):
        simulator.post("events", event())
    assert simulator.ledger() == []


def test_a_reset_after_does_the_work_and_drops_the_line(simulator: Simulator) -> None:
    break_(simulator, "reset_after")

    with pytest.raises(requests.ConnectionError):
        simulator.post("events", event())
    assert len(simulator.ledger()) == 1


def test_a_hanging_call_never_answers(simulator: Simulator) -> None:
    break_(simulator, "hang", more={"seconds": 0.5})

    with pytest.raises(requests.ReadTimeout):
        simulator.call("GET", LISTS, timeout=0.1)
    wait_for(lambda: [call["status"] for call in _journal(simulator)] == [444])


def test_a_truncated_answer_stops_in_the_middle(simulator: Simulator) -> None:
    break_(simulator, "truncate")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        simulator.get(LISTS)


def test_a_bad_answer_is_no_json(simulator: Simulator) -> None:
    break_(simulator, "bad_json")

    with pytest.raises(requests.JSONDecodeError):
        simulator.get(LISTS).json()


@pytest.mark.parametrize(("kind", "arrive"), [("drop", 0), ("duplicate", 2)])
def test_callbacks_can_be_lost_and_doubled(
    simulator: Simulator, receiver: Receiver, kind: str, arrive: int
) -> None:
    break_(simulator, kind)
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    simulator.settle()

    assert len(receiver.bodies) == arrive


def test_callbacks_can_be_late(simulator: Simulator, receiver: Receiver) -> None:
    match = {"callback_type": "subscription_*"}
    break_(simulator, "delay", match=match, more={"seconds": 60})
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_ALERTS, participant(ANYONE))

    before = list(receiver.bodies)
    simulator.advance(61)

    assert before == []
    receiver.wait("subscription_added")


def test_the_journal_names_the_rule_that_acted(simulator: Simulator) -> None:
    break_(simulator, "status", match={"path": "sourcecodes"})
    simulator.get("sourcecodes")

    [rule] = simulator.control("GET", "faults")["faults"]
    [call] = simulator.control("GET", "requests?path=sourcecodes")["requests"]
    assert (call["fault"], call["status"], rule["hits"]) == (rule["id"], 500, 1)


def test_rules_can_be_withdrawn(simulator: Simulator) -> None:
    break_(simulator, "status")
    simulator.control("DELETE", "faults")

    assert simulator.get(LISTS).status_code == 200


def test_a_rule_that_makes_no_sense_is_refused(simulator: Simulator) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        break_(simulator, "explode")
