"""The answers fit the written contract of the Vibes API, field for field."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.simulator.conftest import Simulator
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_ALERTS,
    JOIN_OFFERS,
    SENDERS,
    event,
    participant,
    registration,
    sender,
)

CONTRACT = Path(__file__).parent.parent / "contract"
REQUESTS = sorted((CONTRACT / "examples" / "requests").glob("*.json"))
WHERE = {
    "addParticipant": ("POST", JOIN_OFFERS),
    "addPerson": ("POST", "mobiledb/persons/"),
    "createEvent": ("POST", "events"),
    "createEventTriggeredMessage": ("POST", SENDERS),
    "registerCallback": ("POST", "config/callbacks/"),
    "updatePerson": ("PUT", "mobiledb/persons/external/lead-7c1d"),
}
Schema = dict[str, Any]


@pytest.fixture(scope="module")
def profile() -> Schema:
    """The OpenAPI profile, with its ``nullable`` said in the words of JSON Schema."""
    document = json.loads((CONTRACT / "vibes-platform.profile.openapi.json").read_text())
    schema: Schema = _plain(document)
    return schema


def _plain(part: Any) -> Any:
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    plain = {name: _plain(value) for name, value in part.items()}
    if plain.pop("nullable", False) is True and "type" in plain:
        plain["type"] = [plain["type"], "null"]
    return plain


def _answer_schema(profile: Schema, call: Schema) -> Schema | None:
    """The schema of the call's answer; fails when the contract knows no such answer."""
    path = call["path"].replace("DEMO0001", "{company_key}").rstrip("/")
    for template, operations in profile["paths"].items():
        pattern = re.sub(r"(?<!/companies/)\\{[^/]*\\}", "[^/]+", re.escape(template.rstrip("/")))
        operation = operations.get(call["method"].lower())
        if operation and re.fullmatch(pattern, path):
            response = operation["responses"][str(call["status"])]
            content = response.get("content", {}).get("application/json", {}).get("schema")
            return content | {"components": profile["components"]} if content else None
    raise AssertionError(f"not in the contract: {call['method']} {path}")


@pytest.mark.parametrize("example", REQUESTS, ids=lambda path: str(path.stem))
def test_every_example_of_a_request_is_accepted(simulator: Simulator, example: Path) -> None:
    method, path = WHERE[example.name.split(".")[0]]
    if method == "PUT":
        simulator.post("mobiledb/persons/", participant(ANYONE, external_person_id="lead-7c1d"))

    answer = simulator.call(method, path, json.loads(example.read_text()))

    assert answer.status_code in (200, 201, 202)


def test_every_answer_fits_the_contract(simulator: Simulator, profile: Schema) -> None:
    _call_everything(simulator)

    calls = simulator.control("GET", "requests")["requests"]
    for call in calls:
        schema = _answer_schema(profile, call)
        if schema is not None:
            jsonschema.validate(json.loads(call["response"]), schema)
    assert len(calls) > 40


def _call_everything(simulator: Simulator) -> None:
    """Every operation of the profile, most of them well and badly."""
    _call_lists(simulator)
    _call_opt_in(simulator)
    _call_people(simulator)
    _call_senders(simulator)
    _call_registrations(simulator)


def _call_lists(simulator: Simulator) -> None:
    lists = "mobiledb/subscription_lists"
    for path in (lists, f"{lists}/1234", f"{lists}/none", f"{lists}/1234/acquisition_campaigns"):
        simulator.get(path)
    for path in ("campaigns/acquisition", "campaigns/acquisition/PastCamp", "sourcecodes"):
        simulator.get(path)
    for mdn in (ANYONE, "555"):
        simulator.get(f"{lists}/1234/subscribers", mdn=mdn)


def _call_opt_in(simulator: Simulator) -> None:
    for path in (JOIN_OFFERS, JOIN_OFFERS, JOIN_ALERTS, JOIN_ALERTS):
        simulator.post(path, participant(ANYONE, external_person_id="lead-1"))
    simulator.get(JOIN_OFFERS, mdn=ANYONE)
    simulator.says(ANYONE, "Y")
    simulator.get("mobiledb/subscription_lists/1234/subscribers", mdn=ANYONE)
    simulator.post(JOIN_OFFERS, participant("555"))


def _call_people(simulator: Simulator) -> None:
    key = simulator.get("mobiledb/persons", mdn=ANYONE).json()["person_key"]
    for who in (f"mobiledb/persons/{key}", "mobiledb/persons/external/lead-1"):
        simulator.get(who)
        simulator.call("PUT", who, {"custom_fields": {"city": "Oslo"}})
        simulator.get(f"{who}/subscriptions", active_only="false")
        for method in ("GET", "DELETE", "GET"):
            simulator.call(method, f"{who}/subscriptions/1234")
    simulator.post("mobiledb/persons/", participant("+13125550150"))
    simulator.call("PUT", f"mobiledb/persons/{key}", participant("+13125550150"))


def _call_senders(simulator: Simulator) -> None:
    made = simulator.post(SENDERS, sender()).json()["event_triggered_message_id"]
    for method in ("GET", "PUT", "DELETE", "PUT"):
        simulator.call(method, f"{SENDERS}/{made}", sender())
    for answer in ("in_progress", "canceled", "nonsense"):
        simulator.get(SENDERS, status=answer)
    for body in (event(), {}):
        simulator.post("events", body)


def _call_registrations(simulator: Simulator) -> None:
    asked = registration(simulator.callbacks_to, "subscription_added", list_id="1234")
    made = simulator.post("config/callbacks/", asked).json()["callback_id"]
    simulator.post("config/callbacks/", asked)
    simulator.get("config/callbacks/")
    for kind in ("subscription_added", "person_added"):
        simulator.post("config/callback_events/test", {"callback_type": kind})
    for method in ("GET", "PUT", "DELETE"):
        simulator.call(method, f"config/callbacks/{made}", asked)
    simulator.get("config/callbacks/none")
