"""Whatever the examples of the contract show of Vibes, the simulator can be brought to say."""

from collections.abc import Callable
from typing import Any

import pytest
from requests import Response

from tests.contract import files
from tests.simulator.conftest import Simulator
from tests.simulator.likeness import differences
from tests.simulator.receiver import Receiver
from tests.simulator.storm import KINDS, everything
from tests.simulator.vibes_bodies import (
    ANYONE,
    BLOCKED,
    ID_MISMATCH,
    JOIN_ALERTS,
    JOIN_OFFERS,
    LANDLINE,
    SENDERS,
    event,
    participant,
    registration,
)

REQUESTS, RESPONSES, CALLBACKS = (
    files.examples(kind) for kind in ("requests", "responses", "callbacks")
)
LISTS, PERSONS, HOOKS = "mobiledb/subscription_lists", "mobiledb/persons", "config/callbacks/"
ME = f"{PERSONS}/external/lead-7c1d"
Deed = Callable[[Simulator], Response]


def as_member(simulator: Simulator) -> None:
    """The person of the examples, on list 1234."""
    simulator.post(f"{PERSONS}/", a_person())
    simulator.subscribe(ANYONE)


def a_person() -> dict[str, Any]:
    fields = RESPONSES["getPerson.200.json"]["custom_fields"]
    return participant(ANYONE, external_person_id="lead-7c1d", custom_fields=fields)


def join(mdn: str = ANYONE, path: str = JOIN_OFFERS) -> Deed:
    return lambda it: it.post(path, participant(mdn, external_person_id="lead-7c1d"))


def join_twice(simulator: Simulator) -> Response:
    join()(simulator)
    return join()(simulator)


def join_as_member(simulator: Simulator) -> Response:
    as_member(simulator)
    return join()(simulator)


def pending(simulator: Simulator) -> Response:
    join()(simulator)
    return simulator.get(JOIN_OFFERS, mdn=ANYONE)


def read(path: str, params: dict[str, str] | None = None, **settings: str) -> Deed:
    """Read something of a member, with the simulator set so."""

    def deed(simulator: Simulator) -> Response:
        as_member(simulator)
        simulator.set(**settings)
        return simulator.get(path, **(params or {}))

    return deed


def read_active_and_ended(simulator: Simulator) -> Response:
    as_member(simulator)
    simulator.says(ANYONE, "STOP")
    simulator.says(ANYONE, "OFFERS")
    simulator.says(ANYONE, "Y")
    return simulator.get(f"{ME}/subscriptions", active_only="false")


def registered(simulator: Simulator) -> Response:
    simulator.post(HOOKS, registration(simulator.callbacks_to, "person_added"))
    return simulator.get(HOOKS)


def tried(simulator: Simulator) -> Response:
    simulator.post(HOOKS, registration(simulator.callbacks_to, "subscription_added"))
    return simulator.post("config/callback_events/test", {"callback_type": "subscription_added"})


DEEDS: dict[str, Deed] = {
    "addParticipant.200.already-pending.json": join_twice,
    "addParticipant.201.pending.json": join(),
    "addParticipant.201.subscribed.json": join(path=JOIN_ALERTS),
    "addParticipant.400.bad-mdn.json": join("31255"),
    "addParticipant.409.already-subscribed.json": join_as_member,
    "addParticipant.422.confirmation-block.json": join(BLOCKED),
    "addParticipant.422.external-id-mismatch.json": join(ID_MISMATCH),
    "addParticipant.422.not-a-mobile.json": join(LANDLINE),
    "addParticipant.422.unprocessable.json": join(
        path="campaigns/acquisition/PastCamp/participants"
    ),
    "createEvent.202.json": lambda it: it.post("events", event()),
    "createEventTriggeredMessage.202.json": lambda it: it.post(
        SENDERS, REQUESTS["createEventTriggeredMessage.list-gated.json"]
    ),
    "errors.4xx.multiple.json": lambda it: it.post(
        JOIN_OFFERS, participant("31255", person_key="", custom_fields="none")
    ),
    "findPendingParticipants.200.json": pending,
    "findPendingParticipants.200.none.json": lambda it: it.get(JOIN_OFFERS, mdn=ANYONE),
    "findPersonByMdn.200.array.json": read(PERSONS, {"mdn": ANYONE}, person_search="array"),
    "findPersonByMdn.200.object.json": read(PERSONS, {"mdn": ANYONE}, person_search="object"),
    "getPerson.200.json": read(ME),
    "getSubscription.200.array.json": read(f"{ME}/subscriptions/1234", subscription_status="array"),
    "getSubscription.200.object.json": read(
        f"{ME}/subscriptions/1234", subscription_status="object"
    ),
    "listAcquisitionCampaignsForList.200.json": read(f"{LISTS}/1234/acquisition_campaigns/"),
    "listCallbacks.200.json": registered,
    "listSourceCodes.200.json": read("sourcecodes"),
    "listSubscriptionLists.200.json": read(f"{LISTS}/"),
    "listSubscriptions.200.active-and-ended.json": read_active_and_ended,
    "sendTestCallback.201.json": tried,
}


@pytest.mark.parametrize("name", RESPONSES)
def test_every_example_of_an_answer_can_be_had(simulator: Simulator, name: str) -> None:
    status, example = name.split(".")[1], RESPONSES[name]

    answer = DEEDS[name](simulator)

    assert str(answer.status_code).startswith(status.removesuffix("xx"))
    assert differences(example, answer.json()) == []
    assert bool(answer.json()) == bool(example)


@pytest.mark.parametrize(
    "name", [name for name in RESPONSES if name.startswith("addParticipant.4")]
)
def test_refusals_to_join_use_the_words_and_codes_of_vibes(simulator: Simulator, name: str) -> None:
    [error], [example] = DEEDS[name](simulator).json()["errors"], RESPONSES[name]["errors"]

    # What Vibes says of a campaign that is over is not known; its plain 422 has no words.
    if example["message"] != "UNPROCESSABLE ENTITY":
        assert error["message"] == example["message"]
    assert error["code"] == example["code"]


@pytest.fixture(scope="module")
def told(running: Simulator, address: Receiver) -> list[dict[str, Any]]:
    """Every callback of a storm in which everything happens."""
    return everything(running, address)


def test_the_storm_tells_of_every_kind(told: list[dict[str, Any]]) -> None:
    assert {body["callback_type"] for body in told} == set(KINDS)


def test_every_callback_fits_the_schema(told: list[dict[str, Any]]) -> None:
    for body in told:
        files.check_callback(body)


@pytest.mark.parametrize("name", CALLBACKS)
def test_every_example_of_a_callback_is_told(told: list[dict[str, Any]], name: str) -> None:
    example = CALLBACKS[name]

    of_its_kind = [body for body in told if body["callback_type"] == example["callback_type"]]
    unlike = [differences(example, body) for body in of_its_kind]

    assert [] in unlike, min(unlike, key=len)
