"""One of everything that can happen at the simulator, and the callbacks it raises."""

from typing import Any

from tests.contract import files
from tests.simulator.conftest import Simulator
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    CARRIER_REJECTS,
    DISCONNECTS,
    JOIN_ALERTS,
    JOIN_OFFERS,
    LANDLINE,
    PORTED,
    RECEIPT_FAILS,
    SENDERS,
    SOMEONE_ELSE,
    participant,
    registration,
)

KINDS = [kind for kind in files.read("vibes-callbacks.schema.json")["$defs"] if "_" in kind]
KINDS.remove("person_ref")
EXAMPLE = files.read("examples/requests/createEvent.send-sms.json")
NOBODY = "+13125550199"


def everything(simulator: Simulator, receiver: Receiver) -> list[dict[str, Any]]:
    """Let it all happen, to ``ANYONE`` what the examples show; every callback there was."""
    simulator.control("POST", "reset", {"fixture": "demo"})
    simulator.set(rate_limit_other=0)
    receiver.clear()
    for kind in KINDS:
        simulator.post("config/callbacks/", registration(receiver.url, kind))
    simulator.post(
        SENDERS, files.read("examples/requests/createEventTriggeredMessage.list-gated.json")
    )
    _opt_in(simulator)
    _send(simulator)
    _leave(simulator)
    simulator.settle()
    return list(receiver.bodies)


def _opt_in(simulator: Simulator) -> None:
    """Yes, no, no question asked, gibberish; and yes once more, called by the wrong name."""
    fields = files.read("examples/callbacks/person_added.json")["person"]["custom_fields"]
    known = participant(ANYONE, external_person_id="lead-7c1d", custom_fields=fields)
    simulator.post("mobiledb/persons/", known)
    _join(simulator, ANYONE, "N")
    simulator.says(ANYONE, "OFFERS")
    simulator.says(ANYONE, "Hello, this is my message!")
    simulator.says(ANYONE, "Y")
    simulator.says(ANYONE, "STOP")
    simulator.settle()
    _mislabel(simulator)
    simulator.says(ANYONE, "OFFERS")
    simulator.says(ANYONE, "Y")
    simulator.settle()
    simulator.control("DELETE", "faults")
    for mdn in (PORTED, DISCONNECTS, SOMEONE_ELSE):
        simulator.post(JOIN_ALERTS, participant(mdn))


def _join(simulator: Simulator, mdn: str, answer: str) -> None:
    simulator.post(JOIN_OFFERS, participant(mdn))
    simulator.says(mdn, answer)


def _mislabel(simulator: Simulator) -> None:
    rule = {"match": {"callback_type": "ack_*"}, "action": {"type": "mislabel"}}
    simulator.control("POST", "faults", rule)


def _send(simulator: Simulator) -> None:
    """Texts that arrive, and one for each way not to."""
    for mdn in (LANDLINE, CARRIER_REJECTS, RECEIPT_FAILS):
        simulator.subscribe(mdn)
    for mdn in (ANYONE, LANDLINE, CARRIER_REJECTS, RECEIPT_FAILS, SOMEONE_ELSE, NOBODY):
        _text(simulator, mdn)
    _text(simulator, ANYONE)  # its id was used before
    _text(simulator, ANYONE, event_id="unheard", event_type="nobody_listens")
    _text(simulator, ANYONE, event_id="empty", text="")
    simulator.settle()


def _text(
    simulator: Simulator, mdn: str, *, event_id: str = "", text: str = "Hello", **more: str
) -> None:
    data = {"mdn": mdn, "message_body": text}
    simulator.post("events", EXAMPLE | {"event_id": event_id or mdn, "event_data": data} | more)


def _leave(simulator: Simulator) -> None:
    """By STOP, by the API, by losing the number."""
    me = "mobiledb/persons/external/lead-7c1d"
    simulator.call("DELETE", f"{me}/subscriptions/1234")
    simulator.post(JOIN_ALERTS, participant(ANYONE))
    simulator.says(ANYONE, "STOP")
    simulator.call("PUT", me, {"mobile_phone": {"mdn": None}})
    simulator.advance(61)
