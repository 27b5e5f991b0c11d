"""Events: accepted, routed, delivered, and told about at every stage."""

import json
from datetime import datetime

import pytest

from tests.simulator.conftest import Simulator
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    CARRIER_FAILS_ONCE,
    CARRIER_REJECTS,
    LANDLINE,
    NO_RECEIPT,
    RECEIPT_FAILS,
    SAYS_STOP,
    SENDERS,
    SOMEONE_ELSE,
    event,
    registration,
    sender,
)

ON_THE_WAY = {"accepted_by_event_triggered_message", "sms_message_queued"}
ARRIVED = ON_THE_WAY | {"carrier_delivered", "handset_delivered"}


@pytest.fixture(autouse=True)
def list_gated(simulator: Simulator, receiver: Receiver) -> None:
    """One sender for list 1234, one member, and every stage reported."""
    simulator.post(SENDERS, sender())
    simulator.subscribe(ANYONE)
    simulator.post("config/callbacks/", registration(receiver.url, "event_processed"))


def test_a_member_gets_the_text_and_every_stage_is_told(
    simulator: Simulator, receiver: Receiver
) -> None:
    answer = simulator.post("events", event(text="20% off"))

    assert (answer.status_code, answer.json()) == (202, {"event_id": "one"})
    receiver.wait("event_processed", count=4)
    assert receiver.reasons() == ARRIVED
    assert simulator.texts(ANYONE) == ["20% off"]


def test_a_stage_carries_what_the_client_sent_and_an_id_of_its_own(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.post("events", event())

    told = receiver.wait("event_processed", count=4)

    assert {body["event_processed"]["event_id"] for body in told} == {"one"}
    assert len({body["event_id"] for body in told} - {"one"}) == 4
    assert told[0]["event_processed"]["debug_data"] == {"send_id": "918273"}


def test_routing_takes_50_to_200_ms(simulator: Simulator) -> None:
    simulator.set(time_scale=1)
    for number in range(20):
        simulator.post("events", event(event_id=str(number)))
    simulator.advance(0.2)

    accepted = {entry["event_id"]: _moment(entry) for entry in simulator.ledger()}
    took = [
        _moment(owed) - accepted[json.loads(owed["body"])["event_processed"]["event_id"]]
        for owed in simulator.control("GET", "callbacks")["callbacks"]
        if '"routing"' in owed["body"]
    ]
    assert len(took) == 20
    assert 0.049 < min(took) < 0.1 < max(took) < 0.201


def _moment(entry: dict[str, str]) -> float:
    return datetime.fromisoformat(entry["at"]).timestamp()


def test_an_event_that_names_a_device_means_nobody_with_an_external_id(
    simulator: Simulator, receiver: Receiver
) -> None:
    person = {"mobile_phone": {"mdn": ANYONE}, "external_person_id": "None"}
    simulator.post("mobiledb/persons/", person)

    simulator.post("events", event() | {"event_data": {"vibes_device_id": "d"}})
    simulator.settle()

    assert receiver.reasons() == {"person_not_found"}


@pytest.mark.parametrize(
    ("mdn", "event_type", "reason"),
    [
        (SOMEONE_ELSE, "fs_1234", "person_not_subscribed"),
        ("+13125550199", "fs_1234", "person_not_found"),
        (ANYONE, "nobody_listens", "no_route_rules"),
    ],
)
def test_what_cannot_be_routed_is_told_and_not_sent(
    simulator: Simulator, receiver: Receiver, mdn: str, event_type: str, reason: str
) -> None:
    simulator.subscribe(SOMEONE_ELSE, list_id="5678")

    simulator.post("events", event(mdn, event_type=event_type))
    simulator.settle()

    assert receiver.reasons() == {reason}
    assert simulator.control("GET", f"handsets/{mdn}/messages") == {"messages": []}


@pytest.mark.parametrize(
    ("mdn", "reasons"),
    [
        (LANDLINE, {"carrier_not_supported"}),
        (CARRIER_REJECTS, ON_THE_WAY | {"carrier_rejected"}),
        (RECEIPT_FAILS, ON_THE_WAY | {"carrier_delivered", "handset_undelivered"}),
        (NO_RECEIPT, ON_THE_WAY | {"carrier_delivered"}),
    ],
)
def test_some_numbers_fail_in_their_own_way(
    simulator: Simulator, receiver: Receiver, mdn: str, reasons: set[str]
) -> None:
    simulator.subscribe(mdn)

    simulator.post("events", event(mdn))
    simulator.settle()

    assert receiver.reasons() == reasons


def test_a_soft_failure_happens_once(simulator: Simulator, receiver: Receiver) -> None:
    simulator.subscribe(CARRIER_FAILS_ONCE)

    for event_id in ("first", "second"):
        simulator.post("events", event(CARRIER_FAILS_ONCE, event_id, event_id=event_id))
        simulator.settle()

    assert simulator.texts(CARRIER_FAILS_ONCE) == ["second"]
    assert "carrier_temporary_failure" in receiver.reasons()


def test_a_number_that_answers_stop_leaves_its_lists(simulator: Simulator) -> None:
    simulator.subscribe(SAYS_STOP)

    simulator.post("events", event(SAYS_STOP))
    simulator.settle()

    assert simulator.standing(SAYS_STOP) == {"1234": "unsubscribed"}


def test_every_campaign_of_the_event_type_sends(simulator: Simulator) -> None:
    simulator.post(SENDERS, sender("FS_1234"))

    simulator.post("events", event())
    simulator.settle()

    assert simulator.texts(ANYONE) == ["Hello", "Hello"]


def test_a_canceled_campaign_sends_nothing_and_stays_canceled(simulator: Simulator) -> None:
    [mine] = simulator.get(SENDERS, event_type="fs_1234", status="in_progress").json()
    here = f"{SENDERS}/{mine['event_triggered_message_id']}"

    canceled = simulator.call("DELETE", here)
    changed = simulator.call("PUT", here, sender())

    assert (canceled.json()["status"], changed.status_code) == ("canceled", 422)
    assert simulator.get(SENDERS, event_type="fs_1234", status="in_progress").json() == []


def test_the_template_is_filled_once_only(simulator: Simulator) -> None:
    simulator.post("events", event(text="Say {{ ev.mdn }}"))
    simulator.settle()

    assert simulator.texts(ANYONE) == ["Say {{ ev.mdn }}"]


def template(simulator: Simulator, text: str) -> None:
    """A second sender, of event type ``other`` and for everyone, with this template."""
    asked = sender("other", lists=())
    asked["targeting"] |= {"message_template": text, "filters": []}
    simulator.post(SENDERS, asked)


@pytest.mark.parametrize(
    ("liquid", "text"),
    [
        ("Hi {{ev.name}}!", "Hi Ada!"),
        ("Hi {{ ev.name }}, {{ ev.name | default: 'you' }}", "Hi Ada, Ada"),
        ('Hi {{ ev.nobody | default: "you" }}!', "Hi you!"),
        ("{{ ev.message_body | default: 'Nothing new' }}", "Nothing new"),
        ("[{{ ev.nobody }}]", "[]"),
        ("{{ ev.points }} of {{ ev.points | default: 'no' }} points", "0 of 0 points"),
    ],
)
def test_templates_take_what_the_event_says_or_a_default(
    simulator: Simulator, liquid: str, text: str
) -> None:
    template(simulator, liquid)

    data = {"mdn": ANYONE, "message_body": "", "name": "Ada", "points": 0}
    simulator.post("events", event(event_type="other") | {"event_data": data})
    simulator.settle()

    assert simulator.texts(ANYONE) == [text]


@pytest.mark.parametrize(
    "liquid",
    [
        "{{ ev.message_body }}{{ person.first_name }}",
        "{{ ev.message_body | upcase }}",
        "{% if ev.message_body %}Hi{% endif %}",
        "{{ ev.message_body",
        "{{ ev.nobody }}",
    ],
)
def test_other_liquid_and_empty_texts_are_routing_failures(
    simulator: Simulator, receiver: Receiver, liquid: str
) -> None:
    template(simulator, liquid)

    simulator.post("events", event(event_type="other"))
    simulator.settle()

    [body] = receiver.got("event_processed")
    action = body["event_processed"]["action"]
    assert (action["type"], action["status_reason"]) == ("routing", "unexpected_error")
    assert simulator.texts(ANYONE) == []


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("only_failures", set()),
        ("routing", {"accepted_by_event_triggered_message"}),
        ("carrier_dlr", {"carrier_delivered"}),
        ("handset_dlr", {"handset_delivered"}),
    ],
)
def test_a_registration_may_want_only_some_stages(
    simulator: Simulator, receiver: Receiver, scope: str, told: set[str]
) -> None:
    [mine] = simulator.get("config/callbacks/").json()
    wanted = registration(receiver.url, "event_processed", callbacks_to_send=scope)
    simulator.call("PUT", f"config/callbacks/{mine['callback_id']}", wanted)

    simulator.post("events", event())
    simulator.settle()

    assert receiver.reasons() == told


def test_a_registration_may_want_one_event_type(simulator: Simulator, receiver: Receiver) -> None:
    [mine] = simulator.get("config/callbacks/").json()
    wanted = registration(receiver.url, "event_processed", event_type="other")
    simulator.call("PUT", f"config/callbacks/{mine['callback_id']}", wanted)

    simulator.post("events", event())
    simulator.settle()

    assert receiver.bodies == []


@pytest.mark.parametrize(
    ("option", "code", "reason"),
    [
        ("reject409", 409, None),
        ("accept_then_fail_callback", 202, "duplicate_event_id"),
        ("drop_silently", 202, None),
    ],
)
def test_a_used_event_id_never_texts_twice(
    simulator: Simulator, receiver: Receiver, option: str, code: int, reason: str | None
) -> None:
    simulator.set(event_id_reuse=option)

    codes = [simulator.post("events", event()).status_code for _ in range(2)]
    simulator.settle()

    assert codes == [202, code]
    assert simulator.texts(ANYONE) == ["Hello"]
    assert receiver.reasons() == ARRIVED | ({reason} if reason else set())


def test_an_event_over_16_kb_is_refused(simulator: Simulator) -> None:
    assert simulator.post("events", event(text="x" * 17_000)).status_code == 400


def test_the_ledger_holds_every_accepted_event(simulator: Simulator) -> None:
    simulator.post("events", event(text="20% off"))
    simulator.post("events", {"event_type": "fs_1234"})

    [entry] = simulator.ledger()

    assert entry | {"at": "", "seq": 0} == {
        "seq": 0,
        "event_id": "one",
        "event_type": "fs_1234",
        "mdn": ANYONE,
        "text": "20% off",
        "debug_data": {"send_id": "918273"},
        "duplicate": False,
        "at": "",
    }
