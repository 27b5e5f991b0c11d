"""Joining a list: add participant, what the phone answers, expiry."""

import pytest

from tests.simulator.conftest import Simulator
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    BABBLES,
    BLOCKED,
    DISCONNECTS,
    DOUBLE_YES,
    ID_MISMATCH,
    JOIN_ALERTS,
    JOIN_OFFERS,
    LANDLINE,
    LATE_YES,
    SAYS_NO,
    SAYS_YES,
    YES_THEN_STOP,
    participant,
    registration,
)

HOUR = 3600


def test_joining_asks_the_phone_first(simulator: Simulator) -> None:
    answer = simulator.post(JOIN_OFFERS, participant(ANYONE))

    assert (answer.status_code, answer.json()["status"]) == (201, "PENDING")
    assert simulator.texts(ANYONE)[0].startswith("Offers: reply Y")
    assert simulator.standing(ANYONE) == {"1234": "pending"}


def test_joining_twice_while_pending_is_200_and_asks_once(simulator: Simulator) -> None:
    first, second = (simulator.post(JOIN_OFFERS, participant(ANYONE)) for _ in range(2))

    assert (second.status_code, second.json()) == (200, first.json())
    assert len(simulator.texts(ANYONE)) == 1


def test_a_campaign_without_a_question_subscribes_at_once(simulator: Simulator) -> None:
    answer = simulator.post(JOIN_ALERTS, participant(ANYONE))

    assert (answer.status_code, answer.json()["status"]) == (201, "SUBSCRIBED")
    assert simulator.standing(ANYONE) == {"5678": "subscribed"}


def test_a_member_cannot_join_again(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)

    assert simulator.post(JOIN_OFFERS, participant(ANYONE)).status_code == 409


def test_pending_requests_can_be_asked_for(simulator: Simulator) -> None:
    assert simulator.get(JOIN_OFFERS, mdn=ANYONE).json() == []

    joined = simulator.post(JOIN_OFFERS, participant(ANYONE)).json()

    assert simulator.get(JOIN_OFFERS, mdn=ANYONE).json() == [joined]


@pytest.mark.parametrize(
    ("mdn", "message"),
    [
        (LANDLINE, "The supplied phone number does not map to a provisioned carrier"),
        (BLOCKED, "MDNHASCONFIRMATIONBLOCK"),
        (ID_MISMATCH, "EXTERNALPERSONIDMISMATCH"),
    ],
)
def test_some_numbers_cannot_join(simulator: Simulator, mdn: str, message: str) -> None:
    answer = simulator.post(JOIN_OFFERS, participant(mdn, external_person_id="lead-1"))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == message


def test_a_mismatched_person_joins_without_the_external_id(simulator: Simulator) -> None:
    assert simulator.post(JOIN_OFFERS, participant(ID_MISMATCH)).status_code == 201


def test_an_unknown_custom_field_writes_nothing(simulator: Simulator) -> None:
    answer = simulator.post(JOIN_OFFERS, participant(ANYONE, custom_fields={"shoe_size": "44"}))

    assert answer.status_code == 422
    assert simulator.get("mobiledb/persons", mdn=ANYONE).status_code == 404


def test_nobody_joins_through_a_past_campaign(simulator: Simulator) -> None:
    answer = simulator.post("campaigns/acquisition/PastCamp/participants", participant(ANYONE))

    assert answer.status_code == 422


def test_after_a_no_only_the_keyword_lifts_the_block(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.says(ANYONE, "N")

    refused = simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.says(ANYONE, "OFFERS")

    assert refused.json()["errors"][0]["message"] == "MDNHASCONFIRMATIONBLOCK"
    assert simulator.standing(ANYONE) == {"1234": "pending"}


@pytest.mark.parametrize(
    ("mdn", "state"),
    [
        (SAYS_YES, "subscribed"),
        (DOUBLE_YES, "subscribed"),
        (SAYS_NO, "declined"),
        (BABBLES, "pending"),
        (YES_THEN_STOP, "unsubscribed"),
    ],
)
def test_some_numbers_answer_by_themselves(simulator: Simulator, mdn: str, state: str) -> None:
    simulator.post(JOIN_OFFERS, participant(mdn))
    simulator.settle()

    assert simulator.standing(mdn) == {"1234": state}


def test_a_request_expires_after_a_day_and_tells_nobody(
    simulator: Simulator, receiver: Receiver
) -> None:
    for kind in ("ack_participant_changed", "subscription_added"):
        simulator.post("config/callbacks/", registration(receiver.url, kind))
    simulator.post(JOIN_OFFERS, participant(ANYONE))

    simulator.advance(23 * HOUR)
    before = simulator.standing(ANYONE)
    simulator.advance(2 * HOUR)
    simulator.settle()

    assert (before, simulator.standing(ANYONE)) == ({"1234": "pending"}, {"1234": "expired"})
    assert receiver.bodies == []


def test_a_yes_after_the_end_is_too_late(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(LATE_YES))

    simulator.advance(25 * HOUR)

    assert simulator.standing(LATE_YES) == {"1234": "expired"}


def test_a_number_that_disconnects_is_off_every_list(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.post("config/callbacks/", registration(receiver.url, "subscription_removed"))
    simulator.subscribe(DISCONNECTS, list_id="5678")
    simulator.post(JOIN_OFFERS, participant(DISCONNECTS))

    removed = receiver.wait("subscription_removed", count=2)

    assert {body["subscription"]["opt_out_reason"] for body in removed} == {"disconnect"}


def test_its_stop_is_reported_before_its_opt_in(simulator: Simulator, receiver: Receiver) -> None:
    for kind in ("subscription_added", "subscription_removed"):
        simulator.post("config/callbacks/", registration(receiver.url, kind))
    simulator.post(JOIN_OFFERS, participant(YES_THEN_STOP))

    receiver.wait("subscription_removed")
    simulator.advance(5)
    receiver.wait("subscription_added")

    kinds = [body["callback_type"] for body in receiver.bodies]
    assert kinds == ["subscription_removed", "subscription_added"]


def test_a_number_taken_from_its_person_takes_nothing_along(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE, list_id="5678")
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    key = simulator.get("mobiledb/persons", mdn=ANYONE).json()["person_key"]

    simulator.call("PUT", f"mobiledb/persons/{key}", {"mobile_phone": {"mdn": None}})

    assert simulator.standing(ANYONE) == {}
    assert simulator.says(ANYONE, "Y")["matched"] == "unmatched"
    left = simulator.get(f"mobiledb/persons/{key}/subscriptions").json()
    assert [each["subscription_list"]["id"] for each in left] == ["5678"]
