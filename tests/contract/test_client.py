"""The client makes only calls the contract knows, and understands every documented answer."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract import files, recorded, samples
from tests.vibes import make
from tests.vibes.make import ANA, BEN
from tests.vibes.pretend import Simulator
from vibes.client import (
    Client,
    LoginRefused,
    Refused,
    Retryable,
    Unknown,
    VibesError,
    VibesPerson,
    answers,
)
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


EVENT = uuid.UUID("3b0e5871-d8b5-5393-b275-07ca0541c8de")
HERE = "http://127.0.0.1:8000/x/"
# Each method of the client, with what it is given in daily life.
CALLS: dict[str, Callable[[Client, str], Any]] = {
    "lists": lambda client, key: client.lists(),
    "acquisition_campaigns": lambda client, key: client.acquisition_campaigns("1234"),
    "acquisition_campaign": lambda client, key: client.acquisition_campaign("Kwnl5OL3"),
    "source_codes": lambda client, key: client.source_codes(),
    "send_event": lambda client, key: client.send_event(EVENT, "rd_1", BEN, "Hi", {"send_id": "1"}),
    "senders": lambda client, key: client.senders("rd_1"),
    "create_sender": lambda client, key: client.create_sender(
        name="T", event_type="rd_1", list_id="1234", starts=date(2026, 6, 1)
    ),
    "cancel_sender": lambda client, key: client.cancel_sender("4711"),
    "add_participant": lambda client, key: client.add_participant("Kwnl5OL3", ANA, "rd-1"),
    "pending": lambda client, key: client.pending("Kwnl5OL3", ANA),
    "find_subscriber": lambda client, key: client.find_subscriber("1234", BEN),
    "find_subscribers": lambda client, key: client.find_subscribers("1234", BEN),
    "find_person": lambda client, key: client.find_person(key),
    "find_persons": lambda client, key: client.find_persons(BEN),
    "subscriptions": lambda client, key: client.subscriptions(key),
    "subscription_status": lambda client, key: client.subscription_status(key, "1234"),
    "end_subscription": lambda client, key: client.end_subscription(key, "1234"),
    "callbacks": lambda client, key: client.callbacks(),
    "register_callback": lambda client, key: client.register_callback("event_processed", HERE, {}),
    "delete_callback": lambda client, key: client.delete_callback("77"),
    "send_test_callback": lambda client, key: client.send_test_callback("subscription_added"),
}
EVERY_CALL = pytest.mark.parametrize("name", CALLS)


@pytest.fixture
def key(client_of_vibes: Client, simulator: Simulator) -> str:
    """Of a person who is on a list, at a Vibes that has a callback registered for it."""
    simulator.members("1234", BEN)
    client_of_vibes.register_callback("subscription_added", HERE, {"list_id": "1234"})
    return client_of_vibes.find_persons(BEN)[0].person_key


@pytest.fixture
def offline(db: None) -> Iterator[Client]:
    with Client(make.account()) as client:
        yield client


def test_every_method_of_the_client_is_called_here() -> None:
    public = {name for name, each in vars(Client).items() if callable(each) and name[0] != "_"}

    assert public - {"close"} == CALLS.keys()


@EVERY_CALL
def test_makes_only_calls_the_profile_knows(client_of_vibes: Client, key: str, name: str) -> None:
    made = recorded.record(client_of_vibes)

    CALLS[name](client_of_vibes, key)

    (request,) = made
    recorded.check(request)


@EVERY_CALL
def test_understands_every_shape_of_every_documented_success(offline: Client, name: str) -> None:
    for status, body in _successes(offline, name):
        _answer(offline, status, body)

        CALLS[name](offline, "key")


FAILURES = {401: LoginRefused, 403: LoginRefused, 429: Retryable, 500: Unknown, 503: Retryable}
# 404 and 409 may be what was wished for: nobody there, sent already.
WISHED_FOR = (404, 409)


@EVERY_CALL
@pytest.mark.parametrize("status", [400, 404, 409, 422, *FAILURES])
def test_tells_every_documented_failure(offline: Client, name: str, status: int) -> None:
    _answer(offline, status, {"errors": [{"message": "In Vibes' own words", "code": 1}]})

    outcome = _outcome(offline, name)

    if isinstance(outcome, VibesError):
        assert type(outcome) is FAILURES.get(status, Refused)
        assert status == 429 or "In Vibes' own words" in str(outcome)
    else:
        assert status in WISHED_FOR
        assert not outcome


def test_an_id_stays_one_part_of_the_path(offline: Client) -> None:
    made = recorded.record(offline)
    _answer(offline, 200, [])

    offline.acquisition_campaigns("a/../b c?d#e")

    assert "/subscription_lists/a%2F..%2Fb%20c%3Fd%23e/acquisition" in str(made[0].url)


def _outcome(client: Client, name: str) -> Any:
    try:
        return CALLS[name](client, "key")
    except VibesError as failed:
        return failed


def _answer(client: Client, status: int, body: object) -> None:
    for scheme in ("http://", "https://"):
        client._transport.session.mount(scheme, recorded.Canned(status, body))


def _successes(client: Client, name: str) -> Iterator[tuple[int, object]]:
    """Every documented 2xx answer of the operation that this method calls, in all its shapes."""
    made = recorded.record(client)
    _answer(client, 404, {})
    with suppress(VibesError):
        CALLS[name](client, "key")
    request = made[0]
    operation = files.operation(str(request.method), urlsplit(str(request.url)).path)
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            yield from ((int(status), body) for body in (samples.of(schema) if schema else [None]))


def test_the_samples_fit_the_profile() -> None:
    for path in recorded.PROFILE["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                schema = answer.get("content", {}).get("application/json", {}).get("schema")
                for body in samples.of(schema) if schema and status.startswith("2") else []:
                    files._validate(body, schema)


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

    assert person == VibesPerson(
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
