"""The client makes only calls the contract knows, and understands every documented answer."""

import json
import uuid
from datetime import date
from typing import Any

import pytest

from tests.contract import files
from tests.vibes.make import ANA, BEN
from tests.vibes.pretend import Simulator
from vibes.client import Client, answers
from vibes.models import AcquisitionCampaign

pytestmark = pytest.mark.contract
INDEX = [
    each
    for each in files.read("examples/index.json")["examples"]
    if each["kind"] == "response" and each["file"].startswith("responses/")
]
READERS = {
    "SubscriptionList": answers.offered_list,
    "AcquisitionCampaign": answers.offered_campaign,
    "SourceCode": answers.source_code,
    "Participant": answers.participation,
    "Person": answers.person,
    "Subscription": answers.subscription,
    "EventTriggeredMessage": answers.sender,
    "Callback": answers.registration,
}


def call_everything(client: Client) -> None:
    """Every method of the client once, in an order that makes each succeed."""
    client.lists()
    client.acquisition_campaigns("1234")
    client.source_codes()
    client.create_sender(name="T", event_type="rd_1", list_id="1234", starts=date(2026, 6, 1))
    client.senders("rd_1")
    client.add_participant("Kwnl5OL3", ANA, "rd-1")
    client.pending("Kwnl5OL3", ANA)
    client.find_subscriber("1234", BEN)
    (person,) = client.find_persons(BEN)
    client.subscriptions(person.person_key)
    client.subscription_status(person.person_key, "1234")
    client.send_event(uuid.uuid4(), "rd_1", BEN, "Hello", {"send_id": "1"})
    client.end_subscription(person.person_key, "1234")
    made = client.register_callback("event_processed", "http://127.0.0.1:8000/x/", {})
    client.register_callback("subscription_added", "http://127.0.0.1:8000/x/", {"list_id": "1234"})
    client.callbacks()
    client.send_test_callback("subscription_added")
    client.delete_callback(made.callback_id)


@pytest.mark.usefixtures("offers_by_web")
def test_makes_only_calls_the_profile_knows(client_of_vibes: Client, simulator: Simulator) -> None:
    simulator.members("1234", BEN)

    call_everything(client_of_vibes)

    made = simulator.requests()
    assert len(made) == 18
    for each in made:
        body = json.loads(each["body"]) if each["body"] else None
        files.check_request(each["method"], each["path"].split("?")[0], body)
        assert each["status"] < 300, each


# Of the other answers the client needs nothing, or their words alone.
READ = [each for each in INDEX if each["schema"].rpartition(":")[2] in READERS]


@pytest.mark.parametrize("example", READ, ids=[each["file"] for each in READ])
def test_understands_every_documented_answer(example: dict[str, Any]) -> None:
    body = files.read(f"examples/{example['file']}")

    found = answers.each(body, READERS[example["schema"].rpartition(":")[2]])

    assert len(found) == (len(body) if isinstance(body, list) else 1)


def test_every_example_answer_fits_the_profile() -> None:
    for example in INDEX:
        files.check_schema(files.read(f"examples/{example['file']}"), example["schema"])


def test_reads_the_published_sample_of_a_person() -> None:
    (person,) = answers.each(
        files.read("examples/responses/findPersonByMdn.200.array.json"), answers.person
    )

    assert person == answers.VibesPerson(
        "0f8b6a54-6a0e-4b5e-9a53-1c1a6f0f2d11", "+13125550142", "lead-7c1d"
    )


def test_writes_an_event_as_the_example_does(
    client_of_vibes: Client, simulator: Simulator, offers_by_web: AcquisitionCampaign
) -> None:
    example = files.read("examples/requests/createEvent.send-sms.json")
    data = example["event_data"]
    client_of_vibes.send_event(
        uuid.UUID(example["event_id"]),
        example["event_type"],
        data["mdn"],
        data["message_body"],
        example["debug_data"],
    )

    (made,) = simulator.requests()
    assert json.loads(made["body"]) == example
