"""Known states: what a reset sets up, and that a seed sets it up the same again."""

import pytest
import requests

from tests.simulator.conftest import TOKEN, Simulator
from tests.simulator.vibes_bodies import ANYONE, JOIN_ALERTS, SOMEONE_ELSE, participant

ADA = "+14155550100"


def reset(simulator: Simulator, fixture: str = "demo", seed: int = 1) -> None:
    simulator.control("POST", "reset", {"fixture": fixture, "seed": seed})


def key_of(simulator: Simulator, mdn: str) -> str:
    return str(simulator.get("mobiledb/persons", mdn=mdn).json()["person_key"])


def test_the_demonstration_knows_twelve_people_on_no_list(simulator: Simulator) -> None:
    handsets = simulator.control("GET", "handsets")["handsets"]
    person = simulator.get("mobiledb/persons", mdn=ADA).json()

    assert len(handsets) == 12
    assert person["custom_fields"] == {"first_name": "Ada"}
    assert simulator.control("GET", "memberships")["memberships"] == []


def test_the_demonstration_has_its_lists_codes_and_campaigns(simulator: Simulator) -> None:
    campaigns = simulator.get("campaigns/acquisition").json()
    codes = {code["sourcecode"] for code in simulator.get("sourcecodes").json()}

    found = {campaign["acquisition_id"]: campaign["status"] for campaign in campaigns}
    assert found.pop("PastCamp") == "past"
    assert found == dict.fromkeys(("Kwnl5OL3", "Sngl0pt1", "Zip5code"), "active")
    assert codes == {"65301", "520123"}


def test_the_large_one_has_a_hundred_thousand_members(simulator: Simulator) -> None:
    url, login = f"{simulator.home}/_sim/reset", {"Authorization": f"Bearer {TOKEN}"}
    requests.post(url, json={"fixture": "large"}, headers=login, timeout=100).raise_for_status()

    assert simulator.standing("+13122000000") == {"1234": "subscribed"}
    assert simulator.standing("+13122099999") == {"1234": "subscribed"}
    assert simulator.standing("+13122100000") == {}


@pytest.mark.parametrize(("seed", "same"), [(7, True), (8, False)])
def test_a_seed_gives_people_the_same_keys_in_any_order(
    simulator: Simulator, seed: int, same: bool
) -> None:
    keys = []
    for chosen, order in ((7, (ANYONE, SOMEONE_ELSE)), (seed, (SOMEONE_ELSE, ANYONE))):
        reset(simulator, seed=chosen)
        for mdn in order:
            simulator.post(JOIN_ALERTS, participant(mdn))
        keys.append([key_of(simulator, mdn) for mdn in (ADA, ANYONE, SOMEONE_ELSE)])

    assert (keys[0] == keys[1]) is same


def test_a_seed_gives_luck_the_same_course(simulator: Simulator) -> None:
    courses = []
    for _ in range(2):
        reset(simulator, seed=3)
        rule = {"when": {"probability": 0.5}, "action": {"type": "status"}}
        simulator.control("POST", "faults", rule)
        courses.append([simulator.get("sourcecodes").status_code for _ in range(20)])

    assert courses[0] == courses[1]
    assert set(courses[0]) == {200, 500}


def test_a_reset_that_asks_for_nothing_is_as_at_the_start(simulator: Simulator) -> None:
    reset(simulator, fixture="empty", seed=3)

    assert simulator.control("POST", "reset") == {"fixture": "demo", "seed": 1}


@pytest.mark.parametrize("asked", [{"fixture": "huge"}, {"seed": "seven"}])
def test_a_reset_to_nothing_known_is_refused(
    simulator: Simulator, asked: dict[str, object]
) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        simulator.control("POST", "reset", asked)


def test_a_reset_forgets_people_faults_settings_and_the_clock(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)
    simulator.set(stop_scope="company")
    simulator.control("POST", "faults", {"action": {"type": "status"}})
    simulator.advance(60)

    reset(simulator)

    assert simulator.standing(ANYONE) == {}
    assert simulator.control("GET", "settings")["stop_scope"] == "code"
    assert simulator.control("GET", "clock")["offset"] == 0
    assert simulator.get("sourcecodes").status_code == 200
