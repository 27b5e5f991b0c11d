"""What phones are and can be made to be, and the numbers that behave in ways of their own."""

import pytest
import requests

from tests.simulator.conftest import Simulator
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    BABBLES,
    DISCONNECTS,
    DOUBLE_YES,
    JOIN_ALERTS,
    JOIN_OFFERS,
    LATE_YES,
    PORTED,
    SAYS_STOP,
    participant,
    registration,
)

HOUR = 3600


def patch(simulator: Simulator, mdn: str, **changes: object) -> dict[str, object]:
    found: dict[str, object] = simulator.control("PATCH", f"handsets/{mdn}", changes)
    return found


def keys(simulator: Simulator, mdn: str) -> list[str]:
    """The person keys of a number, newest first."""
    simulator.set(person_search="array")
    return [person["person_key"] for person in simulator.get("mobiledb/persons", mdn=mdn).json()]


@pytest.mark.parametrize(
    "change",
    [
        {"carrier": "77"},
        {"line_type": "voip"},
        {"powered": False},
        {"blocked": True},
        {"auto_reply": {"text": "Y", "after_s": 2}},
    ],
)
def test_a_phone_can_be_changed(simulator: Simulator, change: dict[str, object]) -> None:
    assert change.items() <= patch(simulator, ANYONE, **change).items()


@pytest.mark.parametrize(
    "change",
    [
        {"line_type": "tin can"},
        {"carrier": 5},
        {"powered": "maybe"},
        {"auto_reply": "Y"},
        {"auto_reply": {"text": "Y", "after_s": "soon"}},
        {"colour": "red"},
    ],
)
def test_what_makes_no_sense_is_refused(simulator: Simulator, change: dict[str, object]) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        patch(simulator, ANYONE, **change)


def test_a_blocked_phone_cannot_be_asked_until_it_texts_the_keyword(simulator: Simulator) -> None:
    patch(simulator, ANYONE, blocked=True)

    refused = simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.says(ANYONE, "OFFERS")

    assert refused.json()["errors"][0]["message"] == "MDNHASCONFIRMATIONBLOCK"
    assert simulator.standing(ANYONE) == {"1234": "pending"}


def test_a_phone_made_a_landline_cannot_join(simulator: Simulator) -> None:
    patch(simulator, ANYONE, line_type="landline")

    assert simulator.post(JOIN_OFFERS, participant(ANYONE)).status_code == 422


@pytest.mark.parametrize("more", [{}, {"carrier": "312"}])
def test_a_ported_number_is_a_second_person_from_its_next_opt_in(
    simulator: Simulator, more: dict[str, str]
) -> None:
    simulator.post(JOIN_ALERTS, participant(ANYONE))

    simulator.control("POST", f"handsets/{ANYONE}/port", more)
    before = keys(simulator, ANYONE)
    joined = simulator.post(JOIN_ALERTS, participant(ANYONE))

    assert joined.status_code == 201
    assert len(before) == 1
    assert keys(simulator, ANYONE)[1:] == before


def test_a_stop_ends_the_memberships_of_both_people(simulator: Simulator) -> None:
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    simulator.control("POST", f"handsets/{ANYONE}/port")
    simulator.post(JOIN_ALERTS, participant(ANYONE))

    simulator.says(ANYONE, "STOP")

    for key in keys(simulator, ANYONE):
        listed = simulator.get(f"mobiledb/persons/{key}/subscriptions", active_only="true")
        assert listed.json() == []


def test_a_disconnected_number_leaves_its_lists_and_takes_no_more(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_removed"))
    simulator.subscribe(ANYONE)

    simulator.control("POST", f"handsets/{ANYONE}/disconnect")

    [removed] = receiver.wait("subscription_removed")
    assert removed["subscription"]["opt_out_reason"] == "disconnect"
    assert simulator.post(JOIN_OFFERS, participant(ANYONE)).status_code == 422


@pytest.mark.parametrize("seeded", [True, False])
def test_one_special_number_has_two_records(simulator: Simulator, seeded: bool) -> None:
    if seeded:
        simulator.subscribe(PORTED)
    else:
        simulator.post(JOIN_ALERTS, participant(PORTED))

    assert len(keys(simulator, PORTED)) == 2


def test_one_answers_when_it_is_too_late(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(LATE_YES))

    simulator.advance(25 * HOUR)

    messages = simulator.control("GET", f"handsets/{LATE_YES}/messages")["messages"]
    assert [m["text"] for m in messages if m["direction"] == "out"] == ["Y"]
    assert simulator.standing(LATE_YES) == {"1234": "expired"}


def test_one_answers_twice_and_joins_once(simulator: Simulator, receiver: Receiver) -> None:
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_OFFERS, participant(DOUBLE_YES))
    simulator.settle()

    messages = simulator.control("GET", f"handsets/{DOUBLE_YES}/messages")["messages"]
    assert [m["text"] for m in messages if m["direction"] == "out"] == ["Y", "Y"]
    assert len(receiver.bodies) == 1


def test_one_stops_whatever_it_is_sent(simulator: Simulator) -> None:
    simulator.post(JOIN_ALERTS, participant(SAYS_STOP))
    simulator.settle()

    assert simulator.standing(SAYS_STOP) == {"5678": "unsubscribed"}


def test_one_babbles_and_stays_asked(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(BABBLES))
    simulator.settle()

    assert simulator.standing(BABBLES) == {"1234": "pending"}
    assert simulator.texts(BABBLES)[-1].startswith("Sorry")


def test_one_disconnects_a_minute_after_it_joined(simulator: Simulator) -> None:
    simulator.set(time_scale=1)
    simulator.post(JOIN_ALERTS, participant(DISCONNECTS))

    simulator.advance(50)
    before = simulator.standing(DISCONNECTS)
    simulator.advance(15)

    assert before == {"5678": "subscribed"}
    assert simulator.standing(DISCONNECTS) == {"5678": "unsubscribed"}


@pytest.mark.parametrize(
    "said",
    [
        {"text": ""},
        {"text": 5},
        {"text": "hi", "source_code": 65301},
        {"text": "hi", "source_code": []},
    ],
)
def test_a_text_that_makes_no_sense_is_refused(
    simulator: Simulator, said: dict[str, object]
) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        simulator.control("POST", f"handsets/{ANYONE}/messages", said)
