import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from tests.vibes import make
from tests.vibes.make import ANA, BEN
from tests.vibes.pretend import Simulator
from vibes import rate, registrations
from vibes.client import (
    Busy,
    Client,
    LoginRefused,
    OfferedCampaign,
    OfferedList,
    Participation,
    Refused,
    Retryable,
    Sender,
    SourceCode,
    TransactionOpen,
    Unknown,
    VibesError,
)
from vibes.client import transport as wire_transport
from vibes.models import Account

EVENT = uuid.UUID("3b0e5871-d8b5-5393-b275-07ca0541c8de")


def send(client: Client, mobile: str = ANA) -> None:
    client.send_event(EVENT, "rd_test_sms_1234", mobile, "Hello", {"send_id": "1"})


# --- Its share of the rate ---------------------------------------------------------------------


def test_counts_each_call_where_it_is_made(account: Account, client_of_vibes: Client) -> None:
    client_of_vibes.lists()
    client_of_vibes.source_codes()
    Client(account, kind=None).lists()  # as whoever has taken its share before

    assert rate.current(account, rate.Kind.OTHER).used == 2


def test_a_call_for_which_nothing_is_left_is_not_made(
    account: Account, simulator: Simulator
) -> None:
    account.calls_per_second = 1
    client = Client(account, patience=0.05)
    client.lists()

    with pytest.raises(Busy):
        client.lists()

    assert len(simulator.requests()) == 1
    assert rate.current(account, rate.Kind.OTHER).allowed == 1  # Vibes did not ask for less


def test_an_address_that_nothing_can_be_sent_to_is_a_call_that_was_not_made(db: None) -> None:
    with pytest.raises(Retryable):
        Client(make.account(base_url="http://[::1]8099")).lists()


# --- What it asks and understands -------------------------------------------------------------


def test_reads_what_the_account_offers(client_of_vibes: Client) -> None:
    assert client_of_vibes.lists() == [
        OfferedList("1234", "Offers"),
        OfferedList("5678", "Service alerts"),
    ]
    offered = client_of_vibes.acquisition_campaigns("1234")
    assert OfferedCampaign("Kwnl5OL3", "Offers by web", "active") in offered
    assert SourceCode("65301", "1", "SC", True) in client_of_vibes.source_codes()


def test_hands_over_a_text_once(client_of_vibes: Client, simulator: Simulator) -> None:
    send(client_of_vibes)

    (event,) = simulator.ledger()
    assert event["event_id"] == str(EVENT)
    assert event["mdn"] == ANA


def test_never_sends_an_empty_text(client_of_vibes: Client, simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="empty"):
        client_of_vibes.send_event(EVENT, "rd_test_sms_1234", ANA, "", {})
    assert simulator.ledger() == []


def test_counts_an_id_that_vibes_has_already_as_accepted(
    client_of_vibes: Client, simulator: Simulator
) -> None:
    simulator.put("settings", {"event_id_reuse": "reject409"})

    send(client_of_vibes)
    send(client_of_vibes)

    assert len(simulator.ledger()) == 1


def test_tells_a_new_opt_in_from_one_that_waits(client_of_vibes: Client) -> None:
    first = client_of_vibes.add_participant("Kwnl5OL3", ANA, "rd-1")
    again = client_of_vibes.add_participant("Kwnl5OL3", ANA, "rd-1")

    assert (first.status, first.is_new) == ("PENDING", True)
    assert (again.status, again.is_new) == ("PENDING", False)
    assert first.expires_at is not None
    assert first.expires_at.tzinfo is not None
    (waiting,) = client_of_vibes.pending("Kwnl5OL3", ANA)
    assert waiting == Participation("PENDING", again.expires_at, first.person_key)


def test_joins_at_once_where_the_campaign_asks_nothing(client_of_vibes: Client) -> None:
    joined = client_of_vibes.add_participant("Sngl0pt1", ANA)

    assert (joined.status, joined.expires_at, joined.is_new) == ("SUBSCRIBED", None, True)
    with pytest.raises(Refused) as refused:
        client_of_vibes.add_participant("Sngl0pt1", ANA)
    assert refused.value.status == 409


@pytest.mark.parametrize("shape", ["object", "array"])
def test_finds_people_in_both_documented_shapes(
    client_of_vibes: Client, simulator: Simulator, shape: str
) -> None:
    simulator.put("settings", {"person_search": shape})
    simulator.members("1234", ANA)

    (found,) = client_of_vibes.find_persons(ANA)

    assert found.mobile == ANA
    assert client_of_vibes.find_persons(BEN) == []
    assert client_of_vibes.find_subscriber("1234", ANA) == found
    assert client_of_vibes.find_subscriber("1234", BEN) is None
    assert client_of_vibes.find_person(found.person_key) == found
    assert client_of_vibes.find_person("nobody") is None


def test_finds_every_member_with_a_number(client_of_vibes: Client, simulator: Simulator) -> None:
    both = [{"person_key": each, "mobile_phone": {"mdn": ANA}} for each in ("new", "old")]
    simulator.fault("status", path="subscribers", status=200, body=both)

    found = client_of_vibes.find_subscribers("1234", ANA)

    assert [each.person_key for each in found] == ["new", "old"]


@pytest.mark.parametrize("shape", ["object", "array"])
def test_ends_a_subscription_and_reads_it_back_in_both_shapes(
    client_of_vibes: Client, simulator: Simulator, shape: str
) -> None:
    simulator.put("settings", {"subscription_status": shape})
    simulator.members("1234", ANA)
    (person,) = client_of_vibes.find_persons(ANA)

    (active,) = client_of_vibes.subscription_status(person.person_key, "1234")
    client_of_vibes.end_subscription(person.person_key, "1234")
    client_of_vibes.end_subscription(person.person_key, "1234")

    assert (active.list_id, active.opted_out_at) == ("1234", None)
    (ended,) = client_of_vibes.subscriptions(person.person_key)
    assert (ended.list_id, ended.reason) == ("1234", "api_opt_out")
    assert simulator.memberships("1234") == {ANA: "unsubscribed"}


def test_makes_a_sender_and_finds_it_again(client_of_vibes: Client) -> None:
    made = client_of_vibes.create_sender(
        name="Texts", event_type="rd_x_sms_1234", list_id="1234", starts=date(2026, 6, 1)
    )

    assert isinstance(made, Sender)
    (found,) = client_of_vibes.senders("rd_x_sms_1234")
    assert (found.sender_id, found.status) == (made.sender_id, "in_progress")
    assert found.targeting["message_template"] == "{{ ev.message_body }}"
    assert client_of_vibes.senders("rd_y_sms_1234") == []


def test_registers_and_ends_callbacks(client_of_vibes: Client) -> None:
    url = "http://127.0.0.1:8000/vibes/callbacks/secret/"
    made = client_of_vibes.register_callback("subscription_added", url, {"list_id": "1234"})

    (found,) = client_of_vibes.callbacks()
    assert (found.callback_id, found.url) == (made.callback_id, url)
    assert found.scope == {"list_id": "1234"}
    client_of_vibes.delete_callback(made.callback_id)
    (ended,) = client_of_vibes.callbacks()
    assert ended.ends_at is not None
    assert ended.ends_at <= datetime.now(UTC)


def test_says_its_version_on_every_call(client_of_vibes: Client, simulator: Simulator) -> None:
    simulator.members("1234", ANA)

    assert client_of_vibes.find_subscriber("1234", ANA) is not None


# --- Which failure is which ---------------------------------------------------------------------

ENVELOPE = '{"errors":[{"message":"Try later","code":9}]}'


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, ENVELOPE, Refused),
        (401, "<html>", LoginRefused),
        (403, "", LoginRefused),
        (404, ENVELOPE, Refused),
        (422, ENVELOPE, Refused),
        (429, "<html>", Retryable),
        (500, "<html>", Unknown),
        (502, "", Unknown),
        (503, ENVELOPE, Retryable),
        (503, "<html>", Unknown),
        (504, "", Unknown),
        (301, "", Unknown),
    ],
)
def test_tells_failures_apart_by_their_status(
    client_of_vibes: Client, simulator: Simulator, status: int, body: str, kind: type[VibesError]
) -> None:
    simulator.fault("status", path="events", status=status, body=body)

    with pytest.raises(VibesError) as failed:
        send(client_of_vibes)

    assert (type(failed.value), failed.value.status) == (kind, status)
    assert simulator.ledger() == []


@pytest.mark.parametrize("body", ["<html>Nothing here</html>", '{"status":"error"}'])
@pytest.mark.parametrize(
    ("status", "path", "call"),
    [
        (404, "subscribers", lambda client: client.find_subscriber("1234", ANA)),
        (404, "subscriptions/", lambda client: client.end_subscription("key", "1234")),
        (409, "events", send),
    ],
)
def test_only_in_vibes_own_words_is_a_no_what_was_wished_for(
    client_of_vibes: Client,
    simulator: Simulator,
    status: int,
    path: str,
    call: Callable[[Client], object],
    body: str,
) -> None:
    simulator.fault("status", status=status, path=path, body=body)

    with pytest.raises(Refused):
        call(client_of_vibes)


def test_knows_that_vibes_asked_it_to_slow_down(
    client_of_vibes: Client, simulator: Simulator
) -> None:
    simulator.fault("status", path="events", status=429, headers={"Retry-After": "7"})

    with pytest.raises(Retryable) as failed:
        send(client_of_vibes)

    assert (failed.value.throttled, failed.value.retry_after) == (True, 7.0)


@pytest.mark.parametrize("said", ["seconds", "date"])
def test_any_429_slows_everybody_down(
    client_of_vibes: Client, simulator: Simulator, account: Account, said: str
) -> None:
    simulator.put("settings", {"rate_limit_events": 1, "retry_after": said})

    send(client_of_vibes)
    with pytest.raises(Retryable, match="Too many"):
        client_of_vibes.send_event(uuid.uuid4(), "rd_test_sms_1234", BEN, "Hello", {})

    assert rate.take(account, rate.Kind.EVENTS, 1) == 0
    assert rate.current(account, rate.Kind.OTHER).allowed == account.calls_per_second


def test_a_429_to_another_call_slows_those(
    client_of_vibes: Client, simulator: Simulator, account: Account
) -> None:
    simulator.fault("status", path="subscription_lists", status=429)

    with pytest.raises(Retryable):
        client_of_vibes.lists()

    assert rate.current(account, rate.Kind.OTHER).allowed == account.calls_per_second // 2
    assert rate.current(account, rate.Kind.EVENTS).allowed == account.events_per_second


def test_keeps_vibes_own_words(client_of_vibes: Client) -> None:
    with pytest.raises(Refused) as refused:
        client_of_vibes.add_participant("Kwnl5OL3", "+13125550181")

    assert refused.value.status == 422
    assert refused.value.token == "MDNHASCONFIRMATIONBLOCK"


def test_a_lost_answer_is_unknown_before_and_after_it_was_processed(
    client_of_vibes: Client, simulator: Simulator
) -> None:
    simulator.fault("reset_before", path="events", nth=1)
    with pytest.raises(Unknown):
        send(client_of_vibes)
    assert simulator.ledger() == []

    simulator.fault("reset_after", path="events")
    with pytest.raises(Unknown):
        send(client_of_vibes)
    assert len(simulator.ledger()) == 1


def test_an_answer_that_does_not_come_is_unknown(
    client_of_vibes: Client, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_transport, "TIMEOUT", (1.0, 0.3))
    simulator.fault("hang", path="events", seconds=2)

    with pytest.raises(Unknown):
        send(client_of_vibes)


@pytest.mark.parametrize("damage", ["bad_json", "truncate"])
def test_an_accepted_text_is_accepted_whatever_the_body(
    client_of_vibes: Client, simulator: Simulator, damage: str
) -> None:
    simulator.fault(damage, path="events")

    send(client_of_vibes)

    assert len(simulator.ledger()) == 1


def test_a_body_that_makes_no_sense_is_unknown_elsewhere(
    client_of_vibes: Client, simulator: Simulator
) -> None:
    simulator.fault("bad_json", path="participants")

    with pytest.raises(Unknown):
        client_of_vibes.add_participant("Kwnl5OL3", ANA)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "https://127.0.0.1:1"], ids=["refused", "refused over TLS"]
)
def test_nothing_left_when_nobody_listens(db: None, url: str) -> None:
    with Client(make.account(base_url=url)) as client, pytest.raises(Retryable) as failed:
        send(client)

    assert failed.value.throttled is False


def test_nothing_left_when_the_handshake_fails(account: Account) -> None:
    account.base_url = account.base_url.replace("http:", "https:")

    with Client(account) as client, pytest.raises(Retryable):
        send(client)


# --- Care ---------------------------------------------------------------------------------------


def test_refuses_to_wait_while_a_transaction_is_open(client_of_vibes: Client) -> None:
    with transaction.atomic(), pytest.raises(TransactionOpen):
        client_of_vibes.lists()


def test_goes_only_where_it_may(db: None) -> None:
    account = make.account(base_url="http://169.254.169.254")

    with Client(account) as client, pytest.raises(LoginRefused, match="not allowed"):
        client.lists()


@pytest.mark.parametrize("fault", ["status", "reset_before"])
def test_errors_show_no_whole_number(
    client_of_vibes: Client,
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    said = f'{{"errors":[{{"message":"The number {ANA} is bad","code":1}}]}}'
    simulator.fault(fault, path="subscribers", status=422, body=said)

    with pytest.raises(VibesError) as failed:
        client_of_vibes.find_subscriber("1234", ANA)

    assert ANA not in str(failed.value)
    assert ANA[1:] not in caplog.text


def test_errors_show_no_callback_address(client_of_vibes: Client, simulator: Simulator) -> None:
    address = registrations.callback_address("a-secret-token")
    said = {"errors": [{"message": f"{address} does not answer", "code": 1}]}
    simulator.fault("status", path="callbacks", status=422, body=said)

    with pytest.raises(Refused, match="does not answer") as refused:
        client_of_vibes.register_callback("subscription_added", address, {"list_id": "1234"})

    assert "a-secret-token" not in refused.value.message


def test_follows_no_redirect(client_of_vibes: Client, simulator: Simulator) -> None:
    simulator.fault("status", status=302, headers={"Location": "/_sim/"}, path="events")

    with pytest.raises(Unknown):
        send(client_of_vibes)


def test_makes_every_call_once(client_of_vibes: Client, simulator: Simulator) -> None:
    simulator.fault("status", status=500, path="subscription_lists")

    with pytest.raises(Unknown):
        client_of_vibes.lists()

    asked = [each for each in simulator.requests() if "subscription_lists" in each["path"]]
    assert len(asked) == 1
