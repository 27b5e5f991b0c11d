from datetime import timedelta

import pytest
import requests

from tests.vibes.make import NOON
from tests.vibes.pretend import Simulator
from vibes import senders
from vibes.client import Client, Unknown
from vibes.models import VibesList

LATER = NOON + timedelta(days=1)


def test_makes_one_sender_for_a_list(client_of_vibes: Client, offers: VibesList) -> None:
    senders.ensure_sender(offers, client_of_vibes, NOON)
    first = offers.sender_id
    senders.ensure_sender(offers, client_of_vibes, LATER)

    offers.refresh_from_db()
    assert offers.event_type == senders.event_type(offers)
    assert offers.event_type.startswith("rd_")
    assert offers.sender_id == first != ""
    assert len(client_of_vibes.senders(offers.event_type)) == 1


def test_a_lost_answer_makes_no_second_sender(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    simulator.fault("reset_after", method="POST", path="event_triggered_messages", count=1)

    with pytest.raises(Unknown):
        senders.ensure_sender(offers, client_of_vibes, NOON)
    senders.ensure_sender(offers, client_of_vibes, NOON)

    assert len(client_of_vibes.senders(senders.event_type(offers))) == 1


def test_two_senders_on_one_event_type_are_refused(
    client_of_vibes: Client, offers: VibesList
) -> None:
    name = senders.event_type(offers)
    for _ in range(2):
        client_of_vibes.create_sender(
            name="Twin", event_type=name, list_id="1234", starts=NOON.date()
        )

    with pytest.raises(senders.SenderConflict):
        senders.ensure_sender(offers, client_of_vibes, NOON)


def test_a_name_somebody_typed_is_looked_at_and_kept(
    client_of_vibes: Client, offers: VibesList
) -> None:
    offers.event_type = "acme_texts"
    with pytest.raises(senders.SenderConflict, match="No campaign"):
        senders.ensure_sender(offers, client_of_vibes, NOON)

    client_of_vibes.create_sender(
        name="Ours", event_type="acme_texts", list_id="1234", starts=NOON.date()
    )
    senders.ensure_sender(offers, client_of_vibes, NOON)

    offers.refresh_from_db()
    assert offers.event_type == "acme_texts"
    assert client_of_vibes.senders(senders.event_type(offers)) == []


def test_one_that_was_ended_at_vibes_gets_a_successor(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    senders.ensure_sender(offers, client_of_vibes, NOON)
    ended = f"{simulator.url}/companies/DEMO0001/mobiledb/event_triggered_messages"
    requests.delete(
        f"{ended}/{offers.sender_id}",
        auth=("demo", "demo"),
        headers={"X-API-Version": "2"},
        timeout=5,
    ).raise_for_status()

    senders.ensure_sender(offers, client_of_vibes, NOON)

    assert offers.event_type == senders.event_type(offers, generation=2)
