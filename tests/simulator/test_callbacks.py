"""Registering for callbacks, what they look like, and how they are delivered."""

import pytest

from tests.contract import files
from tests.simulator.conftest import Simulator
from tests.simulator.receiver import Receiver
from tests.simulator.storm import KINDS
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_ALERTS,
    JOIN_OFFERS,
    participant,
    registration,
)

HERE = "config/callbacks/"
CAN_BE_TRIED = [
    *(kind for kind in KINDS if kind != "unmatched_message_received"),
    *("subscription_list_added", "subscription_list_updated"),
]


@pytest.mark.parametrize("kind", CAN_BE_TRIED)
def test_every_kind_can_be_tried_but_one(
    simulator: Simulator, receiver: Receiver, kind: str
) -> None:
    simulator.post(HERE, registration(receiver.url, kind))

    answer = simulator.post("config/callback_events/test", {"callback_type": kind})

    assert answer.status_code == 201
    [body] = receiver.wait(kind)
    assert body["event_id"] == answer.json()["event_id"]
    files.check_callback(body)


def test_the_test_call_does_not_know_unmatched_messages(
    simulator: Simulator, receiver: Receiver
) -> None:
    kind = "unmatched_message_received"
    simulator.post(HERE, registration(receiver.url, kind))

    answer = simulator.post("config/callback_events/test", {"callback_type": kind})

    assert answer.status_code == 400


def test_trying_a_kind_nobody_wants_is_404(simulator: Simulator) -> None:
    answer = simulator.post("config/callback_events/test", {"callback_type": "person_added"})

    assert answer.status_code == 404


def test_an_opt_in_tells_of_the_participant_and_the_subscription(
    simulator: Simulator, receiver: Receiver
) -> None:
    for kind in ("ack_participant_added", "ack_participant_changed", "subscription_added"):
        simulator.post(HERE, registration(receiver.url, kind))
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.says(ANYONE, "Y")
    simulator.settle()

    [added], [changed] = (receiver.got(f"ack_participant_{k}") for k in ("added", "changed"))
    [subscribed] = receiver.got("subscription_added")
    statuses = [body["participant"]["status"] for body in (added, changed)]
    assert statuses == ["PENDING", "CONFIRMED"]
    assert subscribed["subscription"]["person"]["mobile_phone"] == {"mdn": ANYONE}


def test_joining_without_a_question_raises_no_change(
    simulator: Simulator, receiver: Receiver
) -> None:
    for kind in ("ack_participant_added", "ack_participant_changed"):
        simulator.post(HERE, registration(receiver.url, kind))
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    simulator.settle()

    kinds = [body["callback_type"] for body in receiver.bodies]
    assert kinds == ["ack_participant_added"]


def test_a_registration_for_another_list_hears_nothing(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.post(HERE, registration(receiver.url, "subscription_added", list_id="1234"))
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    simulator.settle()

    assert receiver.bodies == []


def test_a_registration_made_in_version_1_gets_short_numbers(
    simulator: Simulator, receiver: Receiver
) -> None:
    asked = registration(receiver.url, "subscription_added")
    simulator.call("POST", HERE, asked, headers={})
    simulator.post(JOIN_ALERTS, participant(ANYONE))

    [body] = receiver.wait("subscription_added")
    assert body["subscription"]["person"]["mobile_phone"]["mdn"] == "3125550142"


def test_a_registration_can_be_read_and_ended(simulator: Simulator, receiver: Receiver) -> None:
    asked = registration(receiver.url, "subscription_added", list_id="1234")
    made = simulator.post(HERE, asked)
    here = f"{HERE}{made.json()['callback_id']}"

    ended = simulator.call("DELETE", here)
    simulator.subscribe(ANYONE)

    assert (made.status_code, ended.status_code) == (201, 200)
    assert made.json()["subscription_added"] == {"list_id": "1234"}
    assert made.json()["end_date"] is None
    assert simulator.get(here).json()["end_date"] is not None
    assert receiver.bodies == []


def test_the_same_registration_twice_is_409(simulator: Simulator, receiver: Receiver) -> None:
    asked = registration(receiver.url, "subscription_added", list_id="1234")

    assert [simulator.post(HERE, asked).status_code for _ in range(2)] == [201, 409]


def test_bad_registrations_are_refused(simulator: Simulator) -> None:
    assert simulator.post(HERE, registration("nowhere", "no_such_type")).status_code == 400


def test_addresses_not_on_the_allow_list_are_never_called(simulator: Simulator) -> None:
    simulator.post(HERE, registration("http://127.0.0.1:9", "subscription_added"))

    simulator.post(JOIN_ALERTS, participant(ANYONE))

    [owed] = simulator.control("GET", "callbacks")["callbacks"]
    assert (owed["state"], owed["attempts"]) == ("refused", 0)


def test_a_server_error_is_tried_again_later(simulator: Simulator, receiver: Receiver) -> None:
    receiver.statuses = [503]
    simulator.post(HERE, registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    receiver.wait("subscription_added")

    simulator.advance(2)
    first, second = receiver.wait("subscription_added", count=2)
    simulator.settle()

    assert first == second
    [owed] = simulator.control("GET", "callbacks")["callbacks"]
    assert (owed["state"], owed["attempts"], owed["status"]) == ("delivered", 2, 200)


def test_an_allowed_address_may_end_in_a_slash(simulator: Simulator, receiver: Receiver) -> None:
    simulator.set(callback_allow=[f"{receiver.url}/"])
    simulator.post(HERE, registration(receiver.url, "subscription_added"))

    simulator.post(JOIN_ALERTS, participant(ANYONE))

    assert receiver.wait("subscription_added")


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_client_error_is_final(simulator: Simulator, receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]
    simulator.post(HERE, registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    simulator.settle()

    [owed] = simulator.control("GET", "callbacks")["callbacks"]
    assert (owed["state"], owed["status"]) == ("failed", status)


def test_a_callback_can_be_sent_again_by_hand(simulator: Simulator, receiver: Receiver) -> None:
    simulator.post(HERE, registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    simulator.settle()
    [owed] = simulator.control("GET", "callbacks")["callbacks"]

    simulator.control("POST", f"callbacks/{owed['id']}/redeliver")

    first, second = receiver.wait("subscription_added", count=2)
    assert first == second
