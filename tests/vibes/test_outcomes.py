"""What receipts mean is a table; what it does not know changes nothing, is counted, and can be taught."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, NOON
from vibes import callbacks, intake, outbox, outcomes, tasks
from vibes.models import (
    Account,
    Callback,
    EventOutcome,
    Number,
    OutboxRow,
    UnrecognisedReceipt,
    VibesList,
)
from vibes.outcomes import Meaning

pytestmark = pytest.mark.django_db
State = OutboxRow.State


@pytest.fixture
def account(db: None) -> Account:
    """Nothing here asks Vibes."""
    return make.account()


@pytest.fixture
def text(offers: VibesList) -> OutboxRow:
    """A text that Vibes accepted."""
    ana = people.person(mobile=ANA)
    visit = outbox.Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=NOON)
    order = outbox.Order(ana.pk, ana.pk, ANA, "Hi", 1)
    outbox.queue_texts([order], vibes_list=offers, visit=visit, message_name="Offer")
    OutboxRow.objects.update(state=State.ACCEPTED, sending_at=NOON)
    return OutboxRow.objects.get()


def tell(text: OutboxRow, kind: str, status: str, reason: str = "") -> None:
    """Let a receipt arrive."""
    action = {"type": kind, "status": status, "status_reason": reason}
    event = {"event_id": str(text.event_id), "action": action}
    body = {"event_id": uuid4().hex, "callback_type": "event_processed", "event_processed": event}
    intake.store(text.account_id, json.dumps(body).encode(), NOON)


def stands(text: OutboxRow) -> tuple[str, str, str]:
    text.refresh_from_db()
    return text.state, text.reason, text.detail


def test_the_defaults_are_written_where_there_is_no_table() -> None:
    assert outcomes.table().meaning(outcomes.said("sms", "queued", "")) == Meaning.ACCEPTED
    assert EventOutcome.objects.count() == len(outcomes.DEFAULTS)
    outcomes.table()
    assert EventOutcome.objects.count() == len(outcomes.DEFAULTS)


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (("routing", "processing", "accepted_by_event_triggered_message"), Meaning.ACCEPTED),
        (("ROUTING", "Failed", "No_Route_Rules"), Meaning.NO_SENDER),
        (("routing", "failed", "person_not_in_associated_list"), Meaning.NOT_A_MEMBER),
        (("routing", "failed", "person_not_found"), Meaning.NOT_A_MEMBER),
        (("routing", "failed", "carrier_not_supported"), Meaning.NOT_MOBILE),
        (("routing", "failed", "duplicate_event_id"), Meaning.NOTHING),
        (("routing", "failed", "no_incentive_codes"), Meaning.REFUSED),
        (("carrier_dlr", "failed", "carrier_rejected"), Meaning.HARD_BOUNCE),
        (("carrier_dlr", "failed", "carrier_temporary_failure"), Meaning.SOFT_BOUNCE),
        (("handset_dlr", "failed", "handset_undelivered"), Meaning.SOFT_BOUNCE),
        (("handset_dlr", "success", "handset_delivered"), Meaning.DELIVERED),
        (("handset_dlr", "pondering", ""), None),
    ],
)
def test_the_defaults_know_every_documented_case(
    said: tuple[str, str, str], meaning: Meaning | None
) -> None:
    assert outcomes.table().meaning(outcomes.said(*said)) == meaning


def test_the_lowest_position_that_fits_decides() -> None:
    outcomes.table()
    EventOutcome.objects.create(
        position=1, type="sms", status="queued", piece="odd", meaning=Meaning.REFUSED
    )

    assert outcomes.table().meaning(outcomes.said("sms", "queued", "an ODD one")) == "refused"
    assert outcomes.table().meaning(outcomes.said("sms", "queued", "")) == Meaning.ACCEPTED


@pytest.mark.parametrize(
    ("reason", "bounce"), [("carrier_rejected", "hard"), ("carrier_busy", "soft")]
)
def test_a_bounce_says_of_which_kind_it_is(text: OutboxRow, reason: str, bounce: str) -> None:
    tell(text, "carrier_dlr", "failed", reason)
    callbacks.apply_receipts(NOON)

    assert stands(text) == (State.UNDELIVERED, "not-delivered", f"{bounce} bounce: {reason}")
    assert Activity.objects.get(kind="sms_bounced").details["bounce"] == bounce


def test_a_number_that_is_no_mobile_is_known_as_one_from_then_on(text: OutboxRow) -> None:
    tell(text, "routing", "failed", "carrier_not_supported")
    callbacks.apply_receipts(NOON)

    assert Number.objects.get(mobile=ANA).line == Number.Line.LANDLINE


@pytest.mark.postgres
def test_a_number_is_locked_before_its_text_as_whoever_sends_does(text: OutboxRow) -> None:
    tell(text, "routing", "failed", "carrier_not_supported")
    with CaptureQueriesContext(connection) as seen:
        callbacks.apply_receipts(NOON)

    locks = [each["sql"] for each in seen.captured_queries if "FOR UPDATE" in each["sql"]]
    number, row = (
        min(place for place, sql in enumerate(locks) if f'FROM "{table}"' in sql)
        for table in ("vibes_number", "vibes_outboxrow")
    )
    assert number < row


def test_a_missing_sender_stops_the_list_and_asks_for_a_sync(text: OutboxRow) -> None:
    tell(text, "routing", "failed", "no_route_rules")
    callbacks.apply_receipts(NOON)

    assert stands(text)[:2] == (State.REJECTED, "no-sender")
    assert "no_route_rules" in VibesList.objects.get().sender_fault
    assert Account.objects.get().sync_wanted_at == NOON


def test_what_says_nothing_changes_nothing(text: OutboxRow) -> None:
    tell(text, "routing", "failed", "duplicate_event_id")
    callbacks.apply_receipts(NOON)

    assert stands(text)[0] == State.ACCEPTED
    assert not UnrecognisedReceipt.objects.exists()


def test_what_is_not_understood_is_kept_counted_and_changes_nothing(text: OutboxRow) -> None:
    for _ in range(2):
        tell(text, "handset_dlr", "Pondering", "since +13125550142")
    callbacks.apply_receipts(NOON)

    row = UnrecognisedReceipt.objects.get()
    assert (row.type, row.status, row.reason, row.count) == (
        "handset_dlr",
        "pondering",
        "since …",
        2,
    )
    assert stands(text)[0] == State.ACCEPTED
    assert row.last_callback_id == Callback.objects.latest("pk").pk


def test_words_that_come_often_are_counted_in_one_statement(
    text: OutboxRow, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    two = {("a", "one"): [1], ("a", "two"): [2, 3]}
    unknown = {(text.account_id, outcomes.said(*words, "")): ids * 50 for words, ids in two.items()}
    outcomes.count(unknown, now=NOON)

    with django_assert_num_queries(len(unknown)):
        outcomes.count(unknown, now=NOON)

    counts = UnrecognisedReceipt.objects.values_list("status", "count", "last_callback_id")
    assert set(counts) == {("one", 100, 1), ("two", 200, 3)}


def test_strangers_texts_are_not_counted(text: OutboxRow) -> None:
    text.event_id = uuid4()
    tell(text, "handset_dlr", "pondering")
    callbacks.apply_receipts(NOON)

    assert Callback.objects.get().outcome == "no text of ours"
    assert not UnrecognisedReceipt.objects.exists()


def test_what_the_table_learns_is_applied_to_what_came_before(text: OutboxRow) -> None:
    tell(text, "handset_dlr", "pondering", "at last")
    callbacks.apply_receipts(NOON)
    assert outcomes.understood_now() == []

    EventOutcome.objects.create(type="handset_dlr", status="pondering", meaning=Meaning.DELIVERED)
    tasks.apply_callbacks_again()

    assert stands(text)[0] == State.DELIVERED
    assert not UnrecognisedReceipt.objects.exists()


# --- In the admin ---------------------------------------------------------------------------------


def test_the_admin_says_what_it_means(text: OutboxRow, admin_client: Browser) -> None:
    tell(text, "handset_dlr", "pondering", "at last")
    callbacks.apply_receipts(NOON)
    page = admin_client.get(reverse("admin:vibes_unrecognisedreceipt_changelist")).text
    words = "?type=handset_dlr&amp;status=pondering&amp;piece=at+last"
    address = reverse("admin:vibes_eventoutcome_add")
    assert f'href="{address}{words}"' in page

    form = admin_client.get(address + words.replace("&amp;", "&"))
    assert 'value="pondering"' in form.text
    row = {"position": 5, "type": " Handset_DLR", "status": "Pondering", "piece": "At last"}
    admin_client.post(address, row | {"meaning": "delivered"})

    made = EventOutcome.objects.get(position=5)
    assert (made.type, made.status, made.piece) == ("handset_dlr", "pondering", "at last")
    assert [each.reason for each in outcomes.understood_now()] == ["at last"]


def test_the_admin_shows_the_defaults_at_once(admin_client: Browser) -> None:
    page = admin_client.get(reverse("admin:vibes_eventoutcome_changelist"))

    assert "carrier_dlr" in page.text


def test_the_admin_shows_a_callback_without_the_number(
    account: Account, admin_client: Browser
) -> None:
    kept = intake.store(account.pk, b'{"mdn": "+13125550142"}', NOON)

    page = admin_client.get(reverse("admin:vibes_callback_change", args=[kept.callback_id])).text

    assert "mdn" in page
    assert "3125550142" not in page
