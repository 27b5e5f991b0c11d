from datetime import UTC, datetime, timedelta

import pytest

from people.models import Activity, Person
from tests.people.make import person
from tests.vibes import make
from tests.vibes.pretend import Simulator
from vibes import consent, delivery, loops, outbox, receipts, subscriptions
from vibes.models import Account, AcquisitionCampaign, Number, OutboxRow, Subscription, VibesList
from vibes.outbox import Order, Visit
from vibes.sending import Answer

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
VISIT = Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=NOON)
SENDER = "offers_sender"


@pytest.fixture
def offers(account: Account, simulator: Simulator) -> VibesList:
    """A list whose sender is known at both ends, with two members."""
    from vibes import senders
    from vibes.client import Client

    made = make.vibes_list(account)
    simulator.members("1234", make.ANA, make.BEN)
    with Client(account) as client:
        return senders.ensure_sender(made, client, NOON)


def owe(offers: VibesList, *mobiles: str) -> list[Person]:
    """A text owed to a new member behind each number."""
    people = [person(mobile=mobile, first_name=mobile) for mobile in mobiles]
    for each in people:
        make.subscription(offers, each.mobile)
    orders = [Order(each.pk, each.pk, each.mobile, "Hi", 1) for each in people]
    outbox.queue_texts(orders, vibes_list=offers, visit=VISIT, message_name="Offer")
    return people


def deliver(account: Account, at: datetime = NOON) -> bool:
    return delivery.deliver(account.pk, clock=lambda: at)


def states() -> dict[str, tuple[str, str]]:
    return {row.mobile: (row.state, row.reason) for row in OutboxRow.objects.all()}


def sent(simulator: Simulator) -> list[str]:
    return sorted(each["mdn"] for each in simulator.ledger())


def test_sends_each_text_once(account: Account, offers: VibesList, simulator: Simulator) -> None:
    owe(offers, make.ANA, make.BEN)

    deliver(account)
    deliver(account)

    assert sent(simulator) == [make.ANA, make.BEN]
    assert states() == {make.ANA: ("accepted", ""), make.BEN: ("accepted", "")}


def test_writes_history_when_vibes_accepts(account: Account, offers: VibesList) -> None:
    (ana,) = owe(offers, make.ANA)

    deliver(account)

    line = Activity.objects.get()
    assert (line.person_id, line.kind, line.run_id) == (ana.pk, "send_sms", VISIT.run_id)


def test_asks_the_gate_once_more_before_sending(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owe(offers, make.ANA)
    subscriptions.change(
        make.ANA,
        offers,
        Subscription.State.UNSUBSCRIBED,
        source="test",
        told_at=NOON + timedelta(minutes=1),
        now=NOON + timedelta(minutes=1),
    )

    deliver(account)

    assert sent(simulator) == []
    assert states() == {make.ANA: ("skipped", "opted-out")}


def test_calls_a_lost_answer_unknown_and_never_sends_again(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owe(offers, make.ANA)
    simulator.fault("reset_after", path="events", count=1)

    deliver(account)
    deliver(account, NOON + timedelta(days=1))

    assert sent(simulator) == [make.ANA]
    assert states() == {make.ANA: ("unknown", "answer-lost")}


def test_tries_again_what_surely_was_not_processed(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owe(offers, make.ANA)
    simulator.fault("status", status=429, path="events", count=1)

    deliver(account)
    assert states() == {make.ANA: ("ready", "")}
    deliver(account, NOON + timedelta(minutes=1))

    assert sent(simulator) == [make.ANA]
    assert OutboxRow.objects.get().attempts == 1


def test_goes_on_by_itself_when_vibes_is_back(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owe(offers, make.ANA, make.BEN)
    address, at = account.base_url, NOON
    Account.objects.update(base_url="http://127.0.0.1:9")

    for _ in range(12):
        deliver(account, at)
        at += timedelta(minutes=10)
    assert set(OutboxRow.objects.values_list("state", "attempts")) == {("ready", 0)}

    Account.objects.update(base_url=address)
    deliver(account, at)
    assert sent(simulator) == [make.ANA, make.BEN]
    assert set(OutboxRow.objects.values_list("attempts", flat=True)) == {1}


def test_keeps_what_vibes_says_when_it_refuses(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owe(offers, make.ANA)
    body = '{"errors": [{"message": "The text is too odd", "code": 9}]}'
    simulator.fault("status", status=422, path="events", count=1, body=body)

    deliver(account)

    row = OutboxRow.objects.get()
    assert (row.state, row.reason) == ("rejected", "refused-by-vibes")
    assert "too odd" in row.detail


def test_takes_back_what_a_dead_worker_had_claimed(account: Account, offers: VibesList) -> None:
    owe(offers, make.ANA)
    delivery.claim(account, actions=["text"], limit=5, now=NOON)

    delivery.sweep(now=NOON + timedelta(minutes=2))

    assert states() == {make.ANA: ("ready", "")}


def test_calls_unknown_what_a_dead_worker_was_sending(account: Account, offers: VibesList) -> None:
    owe(offers, make.ANA)
    claimed = delivery.claim(account, actions=["text"], limit=5, now=NOON)
    delivery.permit(claimed, now=NOON)

    delivery.sweep(now=NOON + timedelta(minutes=2))

    assert states() == {make.ANA: ("unknown", "worker-died")}


def test_leaves_alone_what_is_being_sent(account: Account, offers: VibesList) -> None:
    owe(offers, make.ANA)
    delivery.permit(delivery.claim(account, actions=["text"], limit=5, now=NOON), now=NOON)

    delivery.sweep(now=NOON + timedelta(seconds=30))

    assert states() == {make.ANA: ("sending", "")}


def test_a_second_worker_gets_other_rows(account: Account, offers: VibesList) -> None:
    owe(offers, make.ANA, make.BEN)

    first = delivery.claim(account, actions=["text"], limit=1, now=NOON)
    second = delivery.claim(account, actions=["text"], limit=5, now=NOON)

    assert {row.mobile for row in first}.isdisjoint(row.mobile for row in second)


def test_a_worker_that_lost_its_lease_sends_nothing(account: Account, offers: VibesList) -> None:
    owe(offers, make.ANA)
    slow = delivery.claim(account, actions=["text"], limit=1, now=NOON)
    delivery.sweep(now=NOON + timedelta(minutes=2))
    delivery.claim(account, actions=["text"], limit=1, now=NOON + timedelta(minutes=2))

    assert delivery.permit(slow, now=NOON + timedelta(minutes=2)) == []


def test_sends_only_where_a_loop_is_free(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owe(offers, make.ANA)
    loops.take(account.pk, now=NOON)

    assert (deliver(account), sent(simulator)) == (False, [])
    deliver(account, NOON + timedelta(seconds=20))
    assert sent(simulator) == [make.ANA]


def test_a_receipt_settles_what_was_unknown(account: Account, offers: VibesList) -> None:
    owe(offers, make.ANA)
    delivery.permit(delivery.claim(account, actions=["text"], limit=5, now=NOON), now=NOON)
    delivery.sweep(now=NOON + timedelta(minutes=2))
    row = OutboxRow.objects.get()

    receipt = (str(row.event_id), "handset_dlr", "success", "")
    said = [receipts.apply(*receipt, now=NOON) for _ in range(2)]

    assert said == ["the text is delivered", "nothing new: the text is delivered"]
    kinds = Activity.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["send_sms", "sms_delivered"]


def owe_opt_in(offers: VibesList, through: AcquisitionCampaign, mobile: str) -> None:
    who = person(mobile=mobile)
    outbox.queue_subscribes(
        [Order(who.pk, who.pk, mobile)], vibes_list=offers, campaign=through, visit=VISIT
    )


def test_starts_an_opt_in_and_knows_that_it_waits(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    owe_opt_in(offers, offers_by_web, make.EVE)

    deliver(account)

    assert states() == {make.EVE: ("accepted", "")}
    waiting = Subscription.objects.get(mobile=make.EVE)
    assert (waiting.state, waiting.expires_at is not None) == ("pending", True)


def test_does_not_ask_twice_when_the_answer_to_an_opt_in_is_lost(
    account: Account,
    offers: VibesList,
    offers_by_web: AcquisitionCampaign,
    simulator: Simulator,
) -> None:
    owe_opt_in(offers, offers_by_web, make.EVE)
    simulator.fault("reset_after", path="participants", method="POST", count=1)

    deliver(account)
    deliver(account, NOON + timedelta(minutes=5))

    asked = [each for each in simulator.requests() if each["path"].endswith("/participants")]
    assert sorted(each["method"] for each in asked) == ["GET", "POST"]
    assert states() == {make.EVE: ("accepted", "")}


def test_learns_that_a_number_is_a_landline(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    owe_opt_in(offers, offers_by_web, "+13125550180")

    deliver(account)

    assert states() == {"+13125550180": ("rejected", "landline")}
    assert Number.objects.get(mobile="+13125550180").line == Number.Line.LANDLINE


def test_ends_a_subscription(account: Account, offers: VibesList, simulator: Simulator) -> None:
    ana = person(mobile=make.ANA)
    make.subscription(offers, make.ANA)
    outbox.queue_unsubscribes([Order(ana.pk, 1, make.ANA)], vibes_list=offers, visit=VISIT)

    deliver(account, NOON + timedelta(minutes=1))

    assert simulator.memberships("1234")[make.ANA] == "unsubscribed"
    assert Subscription.objects.get().state == Subscription.State.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("reason", "state", "why"),
    [
        ("person_not_subscribed", "skipped", "not-a-member-at-vibes"),
        ("carrier_not_supported", "undelivered", "not-delivered"),
        ("no_route_rules", "rejected", "no-sender"),
        ("duplicate_event_id", "accepted", ""),
    ],
)
def test_a_failed_routing_says_what_became_of_the_text(
    account: Account, offers: VibesList, reason: str, state: str, why: str
) -> None:
    owe(offers, make.ANA)
    deliver(account)
    text = OutboxRow.objects.get().event_id

    receipts.apply(str(text), "routing", "failed", reason, now=NOON)

    assert states() == {make.ANA: (state, why)}


def test_a_number_that_texted_stop_is_no_member_because_vibes_says_so(
    account: Account,
    offers: VibesList,
    offers_by_web: AcquisitionCampaign,
) -> None:
    owe_opt_in(offers, offers_by_web, make.ANA)  # a member there, so Vibes answers 409
    make.stop(account, at=NOON - timedelta(days=1))
    make.subscription(offers, make.ANA, state="unsubscribed", reason=consent.STOPPED)

    deliver(account)

    assert states() == {make.ANA: ("accepted", "")}
    assert Subscription.objects.get(mobile=make.ANA).state == "unsubscribed"


def test_stop_at_another_service_leaves_who_is_a_member_there_already_one(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    owe_opt_in(offers, offers_by_web, make.ANA)  # a member there, so Vibes answers 409
    make.stop(make.account(name="Canada"))

    deliver(account)

    assert Subscription.objects.get(mobile=make.ANA).state == "subscribed"


def test_an_end_that_was_one_already_corrects_us(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    eve = person(mobile=make.EVE)
    make.subscription(offers, make.EVE)
    outbox.queue_unsubscribes([Order(eve.pk, 1, make.EVE)], vibes_list=offers, visit=VISIT)

    deliver(account, NOON + timedelta(minutes=1))

    assert Subscription.objects.get().state == "unsubscribed"


def test_does_not_ask_again_while_it_cannot_tell(
    account: Account,
    offers: VibesList,
    offers_by_web: AcquisitionCampaign,
    simulator: Simulator,
) -> None:
    owe_opt_in(offers, offers_by_web, make.EVE)
    simulator.fault("reset_after", path="participants", method="POST", count=1)
    simulator.fault("status", status=429, path="participants", method="GET", count=9)

    deliver(account)
    deliver(account, NOON + timedelta(minutes=5))

    asked = [each for each in simulator.requests() if each["method"] == "POST"]
    assert len([each for each in asked if each["path"].endswith("/participants")]) == 1
    assert states() == {make.EVE: ("unknown", "answer-lost")}


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Answer.again("429", counts=False), "unknown"), (Answer("accepted"), "accepted")],
)
def test_a_late_answer_settles_an_unknown_but_never_sends_it_again(
    account: Account, offers: VibesList, answer: Answer, state: str
) -> None:
    owe(offers, make.ANA)
    flying = delivery.permit(delivery.claim(account, actions=["text"], limit=5, now=NOON), now=NOON)
    delivery.sweep(now=NOON + timedelta(minutes=2))

    delivery.settle([(row, answer) for row in flying], now=NOON + timedelta(minutes=3))

    assert OutboxRow.objects.get().state == state
