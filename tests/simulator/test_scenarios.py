"""Named scenarios: sets of fault rules for demonstrations and continuous integration."""

import pytest
import requests

from tests.simulator.conftest import Simulator
from tests.simulator.vibes_bodies import event

LISTS = "mobiledb/subscription_lists/"
NAMES = ["calm", "busy", "storm", "outage", "revoked", "slow"]


def play(simulator: Simulator, name: str) -> None:
    simulator.control("POST", "scenario", {"name": name})


def test_all_are_listed_with_what_they_do(simulator: Simulator) -> None:
    listed = simulator.control("GET", "scenario")

    assert [each["name"] for each in listed["scenarios"]] == NAMES
    assert all(each["about"] for each in listed["scenarios"])
    assert listed["in_force"] == "calm"


@pytest.mark.parametrize("name", NAMES)
def test_one_takes_the_place_of_another(simulator: Simulator, name: str) -> None:
    play(simulator, "storm")

    play(simulator, name)

    listed = simulator.control("GET", "scenario")
    [chosen] = [each for each in listed["scenarios"] if each["name"] == name]
    assert listed["in_force"] == name
    assert len(simulator.control("GET", "faults")["faults"]) == len(chosen["rules"])


def test_a_rule_by_hand_ends_the_scenario(simulator: Simulator) -> None:
    play(simulator, "busy")

    simulator.control("POST", "faults", {"action": {"type": "delay", "seconds": 0}})

    assert simulator.control("GET", "scenario")["in_force"] is None


def test_a_rule_that_is_not_there_ends_no_scenario(simulator: Simulator) -> None:
    play(simulator, "busy")

    with pytest.raises(requests.HTTPError, match="404"):
        simulator.control("DELETE", "faults/0")

    assert simulator.control("GET", "scenario")["in_force"] == "busy"


def test_an_unknown_one_is_refused(simulator: Simulator) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        play(simulator, "earthquake")


def test_in_an_outage_nothing_answers_for_a_minute(simulator: Simulator) -> None:
    play(simulator, "outage")

    with pytest.raises(requests.ConnectionError):
        simulator.get(LISTS)
    simulator.advance(61)

    assert simulator.get(LISTS).status_code == 200


def test_a_revoked_account_may_do_nothing(simulator: Simulator) -> None:
    play(simulator, "revoked")

    answer = simulator.post("events", event())

    assert (answer.status_code, simulator.ledger()) == (401, [])
    assert "WWW-Authenticate" in answer.headers


def test_a_busy_one_fails_now_and_then(simulator: Simulator) -> None:
    play(simulator, "busy")

    codes = [simulator.get(LISTS).status_code for _ in range(400)]

    assert {200, 429, 500} == set(codes)
    assert codes.count(200) > 370


def test_a_reset_brings_back_the_calm(simulator: Simulator) -> None:
    play(simulator, "revoked")

    simulator.control("POST", "reset", {"fixture": "demo"})

    assert simulator.control("GET", "scenario")["in_force"] == "calm"
