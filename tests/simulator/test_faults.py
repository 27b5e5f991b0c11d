"""Trouble on request: for calls and for callbacks."""

import json
import socket
from collections.abc import Iterator

import pytest
import requests

from tests.simulator.conftest import Simulator, wait_for
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_ALERTS,
    JOIN_OFFERS,
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


def test_a_status_after_does_the_work_and_denies_it(simulator: Simulator) -> None:
    break_(simulator, "status_after")

    assert simulator.post("events", event()).status_code == 500
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


def test_a_call_that_times_out_after_is_done_and_never_answered(simulator: Simulator) -> None:
    break_(simulator, "timeout_after")

    with pytest.raises(requests.ReadTimeout):
        simulator.call("POST", "events", event(), timeout=0.3)
    assert len(simulator.ledger()) == 1


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_reset_is_a_real_one(simulator: Simulator, kind: str) -> None:
    break_(simulator, kind)

    with pytest.raises(ConnectionResetError):
        list(pieces(simulator))


def test_an_answer_can_drip(simulator: Simulator) -> None:
    break_(simulator, "drip", more={"seconds": 0.002})

    arrived = list(pieces(simulator))

    assert len(arrived) > 10
    assert json.loads(b"".join(arrived).partition(b"\r\n\r\n")[2]) == {
        "errors": [{"message": "Unauthorized", "code": 1}]
    }


def pieces(simulator: Simulator) -> Iterator[bytes]:
    """The answer to a call without credentials, as it arrives."""
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5) as line:
        line.sendall(
            b"GET /companies/DEMO0001/sourcecodes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        while piece := line.recv(65536):
            yield piece


def test_an_answer_can_be_called_something_else(simulator: Simulator) -> None:
    break_(simulator, "wrong_content_type")

    assert simulator.get(LISTS).headers["Content-Type"] == "text/html"


def test_answers_can_hold_unknown_fields(simulator: Simulator) -> None:
    plain = simulator.get(LISTS).json()
    break_(simulator, "extra_fields")

    for before, after in zip(plain, simulator.get(LISTS).json(), strict=True):
        assert before.items() <= {name: after[name] for name in before}.items()
        assert after.keys() > before.keys()


@pytest.mark.parametrize(
    ("more", "nulls"), [({}, {"id", "name", "url"}), ({"fields": ["name"]}, {"name"})]
)
def test_answers_can_hold_nulls(
    simulator: Simulator, more: dict[str, object], nulls: set[str]
) -> None:
    break_(simulator, "null_fields", more=more)

    [first, _] = simulator.get(LISTS).json()

    assert {name for name in ("id", "name", "url") if first[name] is None} == nulls


def test_a_status_without_a_body_has_none(simulator: Simulator) -> None:
    break_(simulator, "status", more={"status": 204})

    answer = simulator.get(LISTS)

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("match", "codes"),
    [
        ({"path_template": "/mobiledb/subscription_lists/{list_id}"}, [200, 500]),
        ({"path_template": "/companies/{company_key}/mobiledb/subscription_lists/"}, [500, 200]),
        ({"method": "GET"}, [500, 500]),
        ({"method": "PUT"}, [200, 200]),
        ({"header": {"X-API-Version": "2"}}, [500, 500]),
        ({"header": {"X-API-Version": "1"}}, [200, 200]),
        ({"header": {"X-Other": "*"}}, [200, 200]),
    ],
)
def test_a_rule_can_concern_some_calls(
    simulator: Simulator, match: dict[str, object], codes: list[int]
) -> None:
    break_(simulator, "status", match=match)

    assert [simulator.get(path).status_code for path in (LISTS, f"{LISTS}1234")] == codes


@pytest.mark.parametrize(("when", "code"), [({"after_s": 30}, 200), ({"until_s": 30}, 500)])
def test_a_rule_can_begin_late_and_end(
    simulator: Simulator, when: dict[str, int], code: int
) -> None:
    break_(simulator, "status", when=when)

    before = simulator.get(LISTS).status_code
    simulator.advance(31)

    assert {before, simulator.get(LISTS).status_code} == {200, 500}
    assert before == code


def test_the_first_rule_that_matches_wins(simulator: Simulator) -> None:
    break_(simulator, "status", when={"count": 1}, more={"status": 429})
    break_(simulator, "status", more={"status": 503})

    assert [simulator.get(LISTS).status_code for _ in range(2)] == [429, 503]


@pytest.mark.parametrize(("kind", "arrive"), [("drop", 0), ("duplicate", 2)])
def test_callbacks_can_be_lost_and_doubled(
    simulator: Simulator, receiver: Receiver, kind: str, arrive: int
) -> None:
    break_(simulator, kind)
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    simulator.settle()

    assert len(receiver.bodies) == arrive


def join(simulator: Simulator, receiver: Receiver, *kinds: str) -> None:
    """Somebody joins with a yes, while these kinds of callbacks are asked for."""
    for kind in kinds:
        simulator.post("config/callbacks/", registration(receiver.url, kind))
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.says(ANYONE, "Y")
    simulator.settle()


def test_copies_can_be_spread(simulator: Simulator, receiver: Receiver) -> None:
    break_(simulator, "duplicate", more={"n": 3, "spread": 60})
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_ALERTS, participant(ANYONE))

    before = len(receiver.wait("subscription_added"))
    simulator.advance(61)

    assert (before, len(receiver.wait("subscription_added", count=4))) == (1, 4)


def test_callbacks_can_change_places(simulator: Simulator, receiver: Receiver) -> None:
    break_(simulator, "shuffle", more={"window": 3600})
    for kind in ("subscription_added", "subscription_removed"):
        simulator.post("config/callbacks/", registration(receiver.url, kind))
    for _ in range(6):
        simulator.post(JOIN_ALERTS, participant(ANYONE))
        simulator.says(ANYONE, "STOP")

    owed = simulator.control("GET", "callbacks")["callbacks"]
    by_time = sorted(owed, key=lambda callback: callback["next_at"])

    assert len(owed) == 12
    assert [callback["id"] for callback in by_time] != [callback["id"] for callback in owed]


def test_callbacks_can_be_broken_json(simulator: Simulator, receiver: Receiver) -> None:
    break_(simulator, "malform")
    join(simulator, receiver, "subscription_added")

    [raw] = receiver.raw
    with pytest.raises(ValueError, match=r"line 1 column"):
        json.loads(raw)


def test_a_change_can_be_called_an_addition(simulator: Simulator, receiver: Receiver) -> None:
    break_(simulator, "mislabel")
    join(simulator, receiver, "ack_participant_changed", "subscription_added")

    statuses = [body["participant"]["status"] for body in receiver.got("ack_participant_added")]
    assert statuses == ["CONFIRMED"]
    assert len(receiver.got("subscription_added")) == 1


def test_a_callback_can_have_any_wrong_name(simulator: Simulator, receiver: Receiver) -> None:
    more = {"as": "subscription_removed"}
    break_(simulator, "mislabel", match={"callback_type": "subscription_added"}, more=more)
    join(simulator, receiver, "subscription_added")

    [body] = receiver.got("subscription_removed")
    assert body["event_type"] == "subscription_removed"


def test_a_callback_can_be_of_a_type_nobody_knows(simulator: Simulator, receiver: Receiver) -> None:
    break_(simulator, "unknown_type")
    join(simulator, receiver, "subscription_added")

    assert [body["callback_type"] for body in receiver.bodies] == ["subscription_transferred"]


def test_callbacks_can_hold_short_numbers(simulator: Simulator, receiver: Receiver) -> None:
    break_(simulator, "v1_numbers")
    join(simulator, receiver, "subscription_added")

    [body] = receiver.bodies
    assert body["subscription"]["person"]["mobile_phone"]["mdn"] == "3125550142"


def test_all_callbacks_can_be_held_until_the_rule_goes(
    simulator: Simulator, receiver: Receiver
) -> None:
    break_(simulator, "stop_all", when={"nth": 2})
    join(simulator, receiver, "ack_participant_added", "subscription_added", "person_added")

    before = len(receiver.bodies)
    simulator.control("DELETE", "faults")
    simulator.settle()

    assert (before, len(receiver.bodies)) == (1, 3)


def test_the_journal_names_the_rule_that_befell_a_callback(
    simulator: Simulator, receiver: Receiver
) -> None:
    break_(simulator, "drop")
    join(simulator, receiver, "subscription_added")

    [rule] = simulator.control("GET", "faults")["faults"]
    [owed] = simulator.control("GET", "callbacks")["callbacks"]
    assert (owed["fault"], owed["state"], rule["hits"]) == (rule["id"], "dropped", 1)


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


@pytest.mark.parametrize(
    "rule",
    [
        {"action": {"type": "explode"}},
        {"action": "drop"},
        {"action": {"type": "status"}, "match": {"callback_type": "*"}},
        {"action": {"type": "drop"}, "match": {"path": "/events"}},
        {"action": {"type": "status"}, "match": {"colour": "red"}},
        {"action": {"type": "status"}, "match": {"path": 5}},
        {"action": {"type": "status"}, "when": {"nth": "first"}},
        {"action": {"type": "status"}, "when": {"sometimes": 1}},
        {"action": {"type": "status"}, "when": {"every": 0}},
        {"action": {"type": "status"}, "when": [1]},
        {"action": {"type": "status"}, "match": "events"},
        {"action": {"type": "status"}, "match": {"header": "X-API-Version"}},
        {"action": {"type": "status", "status": "bad"}},
        {"action": {"type": "status", "status": 99}},
        {"action": {"type": "status", "headers": "Retry-After"}},
        {"action": {"type": "delay", "seconds": "long"}},
        {"action": {"type": "null_fields", "fields": "id"}},
        {"action": {"type": "duplicate", "n": "twice"}},
        {"action": {"type": "mislabel", "as": 5}},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    simulator: Simulator, rule: dict[str, object]
) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        simulator.control("POST", "faults", rule)
