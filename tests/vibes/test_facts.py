"""What a body says, in every form Vibes' samples have it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract import files
from tests.vibes.make import NOON
from vibes import facts
from vibes.facts import Membership, OptIn, Receipt, Texted

HOLDER = "+13125550142"
EXAMPLES = files.examples("callbacks")


def read(name: str, **changed: Any) -> Any:
    return facts.read(EXAMPLES[name] | changed, received_at=NOON)


def test_the_inner_id_of_a_receipt_is_ours() -> None:
    fact = read("event_processed.carrier.ok.json")

    assert isinstance(fact, Receipt)
    assert fact.event_id == "3b0e5871-d8b5-5393-b275-07ca0541c8de"
    assert (fact.kind, fact.status, fact.reason) == ("carrier_dlr", "success", "carrier_delivered")


@pytest.mark.parametrize("kind", ["subscription_added", "person_updated", "event_processed", ""])
def test_a_participant_is_judged_by_its_status(kind: str) -> None:
    fact = read("ack_participant_changed.rejected.json", callback_type=kind)

    assert isinstance(fact, OptIn)
    assert (fact.status, fact.person.mobile) == ("REJECTED", HOLDER)


@pytest.mark.parametrize("label", ["callback_type", "event_type"])
def test_an_end_is_one_by_either_label(label: str) -> None:
    body = EXAMPLES["subscription_added.json"] | {label: "subscription_removed"}

    fact = facts.read(body, received_at=NOON)

    assert isinstance(fact, Membership)
    assert fact.ended


@pytest.mark.parametrize("left", ["opt_out_date", "opt_out_reason"])
def test_an_end_is_one_whatever_it_is_called(left: str) -> None:
    body = json.loads(json.dumps(EXAMPLES["subscription_removed.json"]))
    body |= {"callback_type": "subscription_added", "event_type": "subscription_added"}
    del body["subscription"][left]

    fact = facts.read(body, received_at=NOON)

    assert isinstance(fact, Membership)
    assert fact.ended


def test_the_campaign_is_the_one_in_the_address() -> None:
    body = json.loads(json.dumps(EXAMPLES["ack_participant_added.pending.json"]))
    body["participant"]["acquisition_campaign"]["id"] = "Another"

    fact = facts.read(body, received_at=NOON)

    assert isinstance(fact, OptIn)
    assert fact.campaign_id == "Kwnl5OL3"


def test_every_name_of_a_person_is_heard() -> None:
    added = read("subscription_added.json").person
    pending = read("ack_participant_added.pending.json").person

    assert added.person_key == "0f8b6a54-6a0e-4b5e-9a53-1c1a6f0f2d11"
    assert (added.mobile, added.external_id) == (HOLDER, "lead-7c1d")
    assert (pending.person_key, pending.external_id) == ("", "lead-7c1d")
    assert pending.other_keys == ("123456789",)


@pytest.mark.parametrize(
    "told",
    [
        "2026-06-01T12:30Z",
        "2026-06-01T12:30:00Z",
        "2026-06-01T12:30:00.000Z",
        "2026-06-01T12:30:00+00:00",
        "2026-06-01T14:30:00+02:00",
    ],
)
def test_every_spelling_of_a_date_is_read(told: str) -> None:
    fact = read("subscription_added.json", event_date=told)

    assert fact.told_at == datetime(2026, 6, 1, 12, 30, tzinfo=UTC)


def test_words_vibes_makes_nothing_of() -> None:
    fact = read("unmatched_message_received.json")

    assert isinstance(fact, Texted)
    assert (fact.person.mobile, fact.source_code) == (HOLDER, "65301")
    assert fact.text == "Hello, this is my message!"


def test_what_no_database_takes_is_left_out() -> None:
    body = {"message": "a\0b\ud800", "participant": {"mdn": "\ud800"}}

    fact = facts.read(body, received_at=NOON)

    assert isinstance(fact, Texted)
    assert fact.text == "ab?"
