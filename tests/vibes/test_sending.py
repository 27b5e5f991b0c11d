"""The table of answers, cell by cell: every call, every status, against the simulator."""

import json
from datetime import timedelta
from typing import Any

import pytest

from people.models import Activity
from tests.vibes import make, owing
from tests.vibes.make import NOON
from tests.vibes.owing import states
from tests.vibes.pretend import Simulator
from vibes import delivery, loops, outbox, senders, sending
from vibes.client import Client
from vibes.models import (
    Account,
    AcquisitionCampaign,
    Number,
    OutboxRange,
    OutboxRow,
    Subscription,
    VibesList,
)
from vibes.outbox import Visit

pytestmark = pytest.mark.django_db
BLOCKED, MISMATCHED, LANDLINE = "+13125550181", "+13125550182", "+13125550180"
NOT_A_MOBILE = "The supplied phone number does not map to a provisioned carrier"
ANSWERS: list[tuple[str, int, str, str, str]] = [
    ("text", 400, "The event is malformed", "rejected", "not-understood-by-vibes"),
    ("text", 401, "", "ready", ""),
    ("text", 403, "", "ready", ""),
    ("text", 404, "There is nothing at this address", "rejected", "no-sender"),
    ("text", 409, "The event_id was used before", "accepted", ""),
    ("text", 422, "The text is too odd", "rejected", "refused-by-vibes"),
    ("text", 429, "", "ready", ""),
    ("text", 500, "", "unknown", "answer-lost"),
    ("text", 503, "", "unknown", "answer-lost"),
    ("text", 503, "Down for maintenance", "ready", ""),
    ("subscribe", 400, "Not a number", "skipped", "invalid-at-vibes"),
    ("subscribe", 401, "", "ready", ""),
    ("subscribe", 403, "", "ready", ""),
    ("subscribe", 404, "No such campaign", "rejected", "campaign-gone"),
    ("subscribe", 422, "MDNHASCONFIRMATIONBLOCK", "rejected", "declined-at-vibes"),
    ("subscribe", 422, NOT_A_MOBILE, "rejected", "landline"),
    ("subscribe", 422, "A landline takes no texts", "rejected", "landline"),
    ("subscribe", 422, "The custom field zip is required", "rejected", "configuration-error"),
    ("subscribe", 422, "The acquisition campaign is not active", "rejected", "campaign-not-active"),
    ("subscribe", 422, "Mercury is in retrograde", "rejected", "refused-by-vibes"),
    ("subscribe", 429, "", "ready", ""),
    ("subscribe", 502, "", "ready", ""),
    ("unsubscribe", 400, "Not a number", "skipped", "invalid-at-vibes"),
    ("unsubscribe", 401, "", "ready", ""),
    ("unsubscribe", 403, "", "ready", ""),
    ("unsubscribe", 404, "Not a member", "accepted", ""),
    ("unsubscribe", 422, "Mercury is in retrograde", "rejected", "refused-by-vibes"),
    ("unsubscribe", 429, "", "ready", ""),
    ("unsubscribe", 504, "", "ready", ""),
]
CALLS = {
    "text": {"path": "events"},
    "subscribe": {"path": "participants", "method": "POST"},
    "unsubscribe": {"path": "subscribers"},
}


def said(words: str) -> dict[str, Any]:
    """The body of an answer, in Vibes' envelope; none where Vibes says nothing."""
    return {"body": json.dumps({"errors": [{"message": words, "code": 1}]})} if words else {}


@pytest.fixture
def offers(account: Account, simulator: Simulator) -> VibesList:
    """A list whose sender is known at both ends."""
    made = make.vibes_list(account)
    with Client(account) as client:
        return senders.ensure_sender(made, client, NOON)


def owe(action: str, offers: VibesList, through: AcquisitionCampaign, mobile: str) -> OutboxRow:
    if action == "text":
        owing.texts(offers, mobile)
    elif action == "subscribe":
        owing.opt_ins(offers, through, mobile)
    else:
        owing.ends(offers, mobile)
    return OutboxRow.objects.select_related("vibes_list", "acquisition_campaign").get()


@pytest.mark.parametrize(("action", "status", "words", "state", "reason"), ANSWERS)
def test_what_an_answer_means(
    action: str,
    status: int,
    words: str,
    state: str,
    reason: str,
    offers: VibesList,
    offers_by_web: AcquisitionCampaign,
    simulator: Simulator,
    client_of_vibes: Client,
) -> None:
    row = owe(action, offers, offers_by_web, make.ANA)
    simulator.fault("status", status=status, count=1, **CALLS[action], **said(words))

    answer = sending.send(row, client_of_vibes)

    assert (answer.state, answer.reason, answer.holds) == (state, reason, status in (401, 403))
    assert words in answer.detail or status in (404, 409)


@pytest.mark.parametrize("action", ["text", "subscribe", "unsubscribe"])
@pytest.mark.parametrize("status", [401, 403, 429])
def test_what_is_not_the_rows_fault_burns_no_attempt(
    action: str,
    status: int,
    account: Account,
    offers: VibesList,
    offers_by_web: AcquisitionCampaign,
    simulator: Simulator,
) -> None:
    owe(action, offers, offers_by_web, make.ANA)
    simulator.fault("status", status=status, count=1, **CALLS[action])

    owing.deliver(account)

    row = OutboxRow.objects.get()
    assert (row.state, row.attempts) == ("ready", 0)


# --- Send -----------------------------------------------------------------------------------------


def test_a_malformed_text_is_an_alarm(
    account: Account,
    offers: VibesList,
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    owing.texts(offers, make.ANA)
    simulator.fault("status", status=400, count=1, path="events", **said("What is this?"))

    owing.deliver(account)

    assert [each.levelname for each in caplog.records if "understand" in each.message] == ["ERROR"]


def test_a_sender_that_is_gone_stops_its_list_until_it_was_looked_at(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    simulator.members("1234", make.ANA, make.BEN)
    owing.texts(offers, make.ANA, make.BEN)
    simulator.fault("status", status=404, count=1, path="events", **said("No such company"))

    owing.deliver(account)

    offers.refresh_from_db()
    assert states() == {make.ANA: ("rejected", "no-sender"), make.BEN: ("ready", "")}
    assert "No such company" in offers.sender_fault
    account.refresh_from_db()
    assert account.sync_wanted_at == NOON

    owing.deliver(account)  # its sender is found sound again
    assert states()[make.BEN] == ("accepted", "")


# --- Subscribe ------------------------------------------------------------------------------------


def posts(simulator: Simulator) -> list[dict[str, Any]]:
    """The bodies of all calls that start an opt-in."""
    asked = [each for each in simulator.requests() if each["path"].endswith("/participants")]
    return [json.loads(each["body"]) for each in asked if each["method"] == "POST"]


def test_an_opt_in_introduces_the_person_to_vibes(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    (eve,) = owing.opt_ins(offers, offers_by_web, make.EVE)

    owing.deliver(account)

    (body,) = posts(simulator)
    assert body["external_person_id"] == outbox.external_person_id(eve.pk)
    assert Number.objects.get(mobile=make.EVE).person_key != ""
    kinds = Activity.objects.values_list("kind", flat=True)
    assert list(kinds) == ["opt_in_requested"]


def test_one_whom_vibes_knows_by_a_key_is_not_introduced_again(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    owing.opt_ins(offers, offers_by_web, make.EVE)
    Number.objects.filter(mobile=make.EVE).update(person_key="k-1")

    owing.deliver(account)

    assert "external_person_id" not in posts(simulator)[0]


def test_without_double_opt_in_the_answer_makes_a_member(
    account: Account, simulator: Simulator
) -> None:
    alerts = make.vibes_list(account, vibes_id="5678", name="Service alerts")
    owing.opt_ins(alerts, make.campaign(alerts, vibes_id="Sngl0pt1"), make.EVE)

    owing.deliver(account)

    assert Subscription.objects.get().state == "subscribed"
    assert Activity.objects.get().kind == "subscribe_to_vibes_list"


def test_an_opt_in_that_waits_already_is_told_once(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    simulator.members("1234", make.EVE, state="pending")
    owing.opt_ins(offers, offers_by_web, make.EVE)

    owing.deliver(account)

    waiting = Subscription.objects.get()
    assert (waiting.state, waiting.acquisition_campaign) == ("pending", offers_by_web)
    assert Activity.objects.get().kind == "opt_in_requested"


def test_a_member_already_is_one_after_one_read(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    simulator.members("1234", make.ANA)
    owing.opt_ins(offers, offers_by_web, make.ANA)

    owing.deliver(account)

    reads = [each for each in simulator.requests() if each["path"].endswith("/subscribers")]
    assert (states()[make.ANA], len(reads)) == (("accepted", ""), 1)
    assert Subscription.objects.get().state == "subscribed"


def test_a_member_whom_no_read_finds_is_none(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    owing.opt_ins(offers, offers_by_web, make.EVE)
    already = said("Already subscribed")
    simulator.fault("status", status=409, count=1, path="participants", **already)

    owing.deliver(account)

    assert states()[make.EVE] == ("rejected", "refused-by-vibes")
    assert not Subscription.objects.exists()


def test_a_number_with_a_block_declined_this_campaign(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    owing.opt_ins(offers, offers_by_web, BLOCKED)

    owing.deliver(account)

    kept = Subscription.objects.get()
    assert states()[BLOCKED] == ("rejected", "declined-at-vibes")
    assert (kept.state, kept.acquisition_campaign) == ("declined", offers_by_web)


def test_who_declined_is_asked_through_another_campaign_only(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    fields = {"state": "declined", "acquisition_campaign": offers_by_web}
    make.subscription(offers, make.EVE, **fields)
    simulator.put("world", {"campaigns": [{"id": "Other", "description": "O", "list_id": "1234"}]})
    other = make.campaign(offers, vibes_id="Other", name="Another")
    owing.opt_ins(offers, offers_by_web, make.EVE)
    owing.opt_ins(offers, other, make.EVE, visit=Visit(1, 9, 3, 0, NOON))

    owing.deliver(account, NOON + timedelta(minutes=1))

    rows = OutboxRow.objects.order_by("pk").values_list("state", "reason")
    assert list(rows) == [("skipped", "declined-at-vibes"), ("accepted", "")]
    assert Subscription.objects.get().state == "pending"


def test_a_number_known_under_another_id_is_asked_again_without_ours(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    simulator.members("5678", MISMATCHED)
    owing.opt_ins(offers, offers_by_web, MISMATCHED)

    owing.deliver(account)

    ours = ["external_person_id" in each for each in posts(simulator)]
    assert (states()[MISMATCHED], ours) == (("accepted", ""), [True, False])
    assert Number.objects.get(mobile=MISMATCHED).person_key != ""


def test_a_number_vibes_does_not_take_is_marked(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    owing.opt_ins(offers, offers_by_web, make.EVE)
    simulator.fault("status", status=400, count=1, path="participants", **said("Not a number"))

    owing.deliver(account)

    assert Number.objects.get(mobile=make.EVE).line == Number.Line.INVALID


def test_a_campaign_that_is_gone_ends_the_step_with_few_calls(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    gone = make.campaign(offers, vibes_id="N0where")
    mobiles = [f"+1312555{place:04d}" for place in range(2000, 2050)]
    owing.opt_ins(offers, gone, *mobiles)
    Account.objects.update(calls_per_second=1)  # what settles without a call needs no share of it

    owing.deliver(account)

    gone.refresh_from_db()
    assert (gone.status, len(posts(simulator))) == ("gone", 1)
    assert set(states().values()) == {("rejected", "campaign-gone")}


def test_a_lost_answer_to_an_opt_in_is_looked_up(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    owing.opt_ins(offers, offers_by_web, make.EVE)
    simulator.fault("reset_after", path="participants", method="POST", count=1)

    owing.deliver(account)

    assert (states()[make.EVE], len(posts(simulator))) == (("accepted", ""), 1)
    assert Subscription.objects.get().state == "pending"


def test_a_lost_call_for_an_opt_in_is_made_again_when_nobody_knows_it(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    owing.opt_ins(offers, offers_by_web, make.EVE)
    simulator.fault("reset_before", path="participants", method="POST", count=1)

    owing.deliver(account)
    owing.deliver(account, NOON + timedelta(minutes=1))

    assert states()[make.EVE] == ("accepted", "")
    assert simulator.memberships("1234")[make.EVE] == "pending"


# --- Unsubscribe ----------------------------------------------------------------------------------


def test_an_end_leaves_alone_who_has_not_answered_yet(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    simulator.members("1234", make.EVE, state="pending")
    make.subscription(offers, make.EVE, state="pending")
    owing.ends(offers, make.EVE)

    owing.deliver(account, NOON + timedelta(minutes=1))

    assert (states()[make.EVE], Subscription.objects.get().state) == (("accepted", ""), "pending")


def test_a_lost_answer_to_an_end_is_asked_for_again(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    simulator.members("1234", make.ANA)
    make.subscription(offers, make.ANA)
    owing.ends(offers, make.ANA)
    simulator.fault("reset_after", method="DELETE", count=1)

    owing.deliver(account)
    owing.deliver(account, NOON + timedelta(minutes=1))

    assert simulator.memberships("1234")[make.ANA] == "unsubscribed"
    assert (states()[make.ANA], Subscription.objects.get().state) == (
        ("accepted", ""),
        "unsubscribed",
    )


def test_ending_many_subscriptions_keeps_to_the_rate_of_calls(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    many = [f"+1312555011{each}" for each in range(5)]
    simulator.members("1234", *many)
    owing.ends(offers, *many)
    Account.objects.update(calls_per_second=8)
    simulator.put("settings", {"rate_limit_other": 12})

    owing.deliver(account)

    assert states() == dict.fromkeys(many, ("accepted", ""))


def test_an_end_has_its_turn_before_the_opt_ins_behind_it_though_it_takes_more_calls(
    account: Account,
    offers: VibesList,
    offers_by_web: AcquisitionCampaign,
    simulator: Simulator,
    settings: Any,
) -> None:
    settings.RATE_SHARERS = 1
    Account.objects.update(calls_per_second=2)
    simulator.members("1234", make.ANA)
    owing.opt_ins(offers, offers_by_web, make.BEN)
    owing.ends(offers, make.ANA)
    # So many that they alone would take twice as long as it may last.
    owing.opt_ins(offers, offers_by_web, *[f"+13125550{each}" for each in range(110, 134)])

    delivery.deliver(account.pk, clock=owing.at(NOON), budget=6)

    assert states()[make.ANA] == ("accepted", "")


@pytest.mark.parametrize(
    ("found", "state"),
    [({}, "ready"), ({"stopped": "run-stopped"}, "unknown"), ({"attempts": 6}, "unknown")],
)
def test_an_end_whose_worker_died_is_asked_for_again_within_limits(
    offers: VibesList, found: dict[str, Any], state: str
) -> None:
    owing.ends(offers, make.ANA)
    OutboxRow.objects.update(**{"state": "sending", "attempts": 1} | found)
    OutboxRange.objects.update(state="claimed", lease_until=NOON)

    delivery.sweep(now=NOON + timedelta(minutes=2))

    assert OutboxRow.objects.get().state == state


def test_errors_of_ours_lose_no_answer_that_vibes_gave_meanwhile(
    account: Account, offers: VibesList, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    Account.objects.update(events_per_second=100_000)  # all of them at once
    mobiles = [f"+1312555{place:04d}" for place in range(2000, 2006)]
    simulator.members("1234", *mobiles)
    owing.texts(offers, *mobiles)
    send = sending.send

    def stumble(row: OutboxRow, client: Client, **also: Any) -> sending.Answer:
        if row.mobile in mobiles[1:3]:
            raise ZeroDivisionError
        return send(row, client, **also)

    monkeypatch.setattr(sending, "send", stumble)
    with pytest.raises(ZeroDivisionError):
        owing.deliver(account)

    assert [state for state, _ in states().values()].count("sending") == 2


# --- Away -----------------------------------------------------------------------------------------


def test_sending_rests_when_vibes_is_away(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    mobiles = [f"+1312555{place:04d}" for place in range(2000, 2020)]
    simulator.members("1234", *mobiles)
    owing.texts(offers, *mobiles)
    simulator.fault("status", status=502, path="events", count=loops.AWAY_AFTER)

    assert owing.deliver(account) is False
    assert list(states().values()).count(("unknown", "answer-lost")) == loops.AWAY_AFTER
    assert (owing.deliver(account, NOON + timedelta(seconds=20)), simulator.ledger()) == (False, [])

    owing.deliver(account, NOON + timedelta(seconds=31))
    assert list(states().values()).count(("accepted", "")) == 20 - loops.AWAY_AFTER
