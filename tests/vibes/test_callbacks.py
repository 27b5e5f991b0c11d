"""From what Vibes tells us to what we hold, against a Vibes that can be asked."""

import json
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from tests.vibes.pretend import Simulator
from vibes import callbacks, consent, consequences, intake, subscriptions
from vibes.client import Client
from vibes.models import Account, AcquisitionCampaign, Callback, Number, Subscription, VibesList

State = Subscription.State
NOW = NOON + timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("offers_by_web")


def subscription(kind: str, *, at: datetime = NOON, who: str = ANA, **more: Any) -> dict[str, Any]:
    """A callback about a membership, `kind` added or removed."""
    ended = {"opt_out_date": at.isoformat(), "opt_out_reason": "user_opt_out"}
    body = {
        "person": {"person_key": "key-1", "mobile_phone": {"mdn": who}},
        "subscription_list": {"id": "1234"},
        "opt_in_date": NOON.isoformat(),
    }
    return _envelope(
        f"subscription_{kind}",
        at,
        {"subscription": body | (ended if kind == "removed" else {}) | more},
    )


def participant(status: str, *, at: datetime = NOON, **more: Any) -> dict[str, Any]:
    """A callback about an opt-in."""
    body = {
        "person": {"id": "123", "mobile_phone": {"mdn": ANA}},
        "acquisition_campaign": {
            "id": "Other",
            "url": "/companies/X/campaigns/acquisition/Kwnl5OL3",
        },
        "expire_date": (NOON + timedelta(days=1)).isoformat(),
        "status": status,
    }
    return _envelope("ack_participant_added", at, {"participant": body | more})


def _envelope(kind: str, at: datetime, body: dict[str, Any]) -> dict[str, Any]:
    return {"event_id": uuid4().hex, "callback_type": kind, "event_date": at.isoformat()} | body


def keep(account: Account, raw: bytes, now: datetime = NOW) -> Callback:
    """Keep it as the endpoint does; the row that stands for it."""
    made = intake.store(account.pk, raw, now)
    if made.callback_id is not None:
        return Callback.objects.get(pk=made.callback_id)
    return Callback.objects.get(event_id=intake.identity(intake.parse(raw.decode()), raw))


def tell(account: Account, *bodies: dict[str, Any] | bytes, now: datetime = NOW) -> list[str]:
    """Let Vibes tell us this; returns what each one did."""
    raw = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in bodies]
    kept = [keep(account, each, now) for each in raw]
    return [callbacks.apply(each.pk, now) for each in kept]


def states() -> dict[str, str]:
    return dict(Subscription.objects.values_list("mobile", "state"))


def test_an_opt_out_holds_at_once(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    simulator.members("1234", ANA)  # whatever Vibes would say now
    make.subscription(offers, told_at=NOON - timedelta(days=1))
    people.person(mobile=ANA)

    assert tell(account, subscription("removed")) == ["no member any more"]

    assert states() == {ANA: State.UNSUBSCRIBED}
    assert Activity.objects.get().details["why"] == "the person opted out"
    assert [each for each in simulator.requests() if "subscribers" in each["path"]] == []


def test_an_opt_in_holds_only_once_vibes_says_so_when_asked(
    account: Account, simulator: Simulator
) -> None:
    assert tell(account, subscription("added")) == ["Vibes does not confirm the membership"]
    assert states() == {}

    simulator.members("1234", ANA)
    assert tell(account, subscription("added")) == ["member, as Vibes confirms"]
    assert states() == {ANA: State.SUBSCRIBED}
    assert Number.objects.get(mobile=ANA).person_key != ""


def test_an_opt_in_waits_while_vibes_is_away(account: Account, simulator: Simulator) -> None:
    simulator.members("1234", ANA)
    simulator.fault("status", status=500, path="subscribers", count=1)

    assert tell(account, subscription("added")) == [""]
    assert states() == {}
    (waiting,) = callbacks.to_apply()
    assert callbacks.apply(waiting.pk, NOW) == "member, as Vibes confirms"
    assert list(callbacks.to_apply()) == []


@pytest.mark.parametrize("status", ["CONFIRMED", "SUBSCRIBED"])
def test_a_yes_is_read_back_whatever_the_label_says(
    account: Account, simulator: Simulator, status: str
) -> None:
    simulator.members("1234", ANA)

    tell(account, participant(status))

    assert states() == {ANA: State.SUBSCRIBED}
    assert Subscription.objects.get().acquisition_campaign is not None


def test_a_no_holds_at_once(account: Account, simulator: Simulator) -> None:
    people.person(mobile=ANA)

    tell(account, participant("PENDING"), participant("REJECTED", at=NOON + timedelta(seconds=9)))

    assert states() == {ANA: State.DECLINED}
    kinds = Activity.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["opt_in_requested", "opt_in_declined"]


def test_a_request_keeps_when_it_ends(account: Account, offers_by_web: AcquisitionCampaign) -> None:
    tell(account, participant("PENDING"))

    row = Subscription.objects.get()
    assert (row.state, row.acquisition_campaign) == (State.PENDING, offers_by_web)
    assert row.expires_at == NOON + timedelta(days=1)


def test_a_request_makes_nobody_leave_who_is_a_member(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    make.subscription(offers, told_at=NOON - timedelta(days=1))
    simulator.members("1234", ANA)

    tell(account, participant("PENDING"))

    assert states() == {ANA: State.SUBSCRIBED}


def test_an_old_opt_out_does_not_undo_a_newer_opt_in(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    make.subscription(offers, told_at=NOON)
    simulator.members("1234", ANA)

    said = tell(account, subscription("removed", at=NOON - timedelta(minutes=5)))

    assert said == ["older than what we know: a member again, as Vibes confirms"]
    assert states() == {ANA: State.SUBSCRIBED}


def test_an_opt_out_by_a_slow_clock_holds_when_vibes_says_so(
    account: Account, offers: VibesList
) -> None:
    make.subscription(offers, told_at=NOON)

    tell(account, subscription("removed", at=NOON - timedelta(seconds=3)))

    row = Subscription.objects.get()
    assert (row.state, row.reason) == (State.UNSUBSCRIBED, "user_opt_out")


# --- STOP -----------------------------------------------------------------------------------------


@pytest.fixture
def alerts(account: Account) -> VibesList:
    return make.vibes_list(account, vibes_id="5678", name="Service alerts")


def by_list(mobile: str) -> dict[str, tuple[str, str]]:
    rows = Subscription.objects.filter(mobile=mobile).select_related("vibes_list")
    return {row.vibes_list.name: (row.state, row.reason) for row in rows}


def test_stop_ends_all_lists_of_the_code(
    account: Account, offers: VibesList, alerts: VibesList
) -> None:
    for each in (offers, alerts):
        make.subscription(each, told_at=NOON - timedelta(days=1))
    make.subscription(alerts, BEN, told_at=NOON - timedelta(days=1))

    tell(account, subscription("removed"))

    assert by_list(ANA) == {
        "Offers": (State.UNSUBSCRIBED, "user_opt_out"),
        "Service alerts": (State.UNSUBSCRIBED, "stop"),
    }
    assert by_list(BEN) == {"Service alerts": (State.SUBSCRIBED, "")}


def test_stop_ends_one_list_where_the_setting_says_so(
    account: Account, offers: VibesList, alerts: VibesList
) -> None:
    consequences.STOP_SCOPE.set("list")
    for each in (offers, alerts):
        make.subscription(each, told_at=NOON - timedelta(days=1))

    tell(account, subscription("removed"))

    assert Subscription.objects.get(vibes_list=alerts).state == State.SUBSCRIBED


def test_our_own_unsubscribe_ends_one_list(
    account: Account, offers: VibesList, alerts: VibesList
) -> None:
    for each in (offers, alerts):
        make.subscription(each, told_at=NOON - timedelta(days=1))

    tell(account, subscription("removed", opt_out_reason="api_opt_out"))

    assert Subscription.objects.get(vibes_list=alerts).state == State.SUBSCRIBED


def test_stop_is_lifted_by_a_later_opt_in_only(
    account: Account, offers: VibesList, alerts: VibesList, simulator: Simulator
) -> None:
    make.subscription(alerts, state=State.UNSUBSCRIBED, reason="stop")
    simulator.members("5678", ANA)
    joined: dict[str, Any] = {"subscription_list": {"id": "5678"}}

    tell(account, subscription("added", at=NOON - timedelta(hours=1), **joined))
    assert states() == {ANA: State.UNSUBSCRIBED}

    tell(account, subscription("added", at=NOON + timedelta(minutes=1), **joined))
    assert states() == {ANA: State.SUBSCRIBED}


def test_a_late_stop_ends_the_other_lists_too(
    account: Account, offers: VibesList, alerts: VibesList, simulator: Simulator
) -> None:
    simulator.members("1234", ANA)
    make.subscription(offers, told_at=NOON + timedelta(seconds=10))
    make.subscription(alerts, told_at=NOON)

    tell(account, subscription("removed", at=NOON + timedelta(seconds=5)))

    assert by_list(ANA) == {
        "Offers": (State.SUBSCRIBED, ""),  # as Vibes confirms
        "Service alerts": (State.UNSUBSCRIBED, "stop"),
    }


def test_stop_ends_what_we_merely_found_out_after_it_but_no_later_opt_in(
    account: Account, offers: VibesList, alerts: VibesList
) -> None:
    rejoined = make.vibes_list(account, vibes_id="9012", name="Rejoined")
    later = NOON + timedelta(seconds=10)
    make.subscription(alerts, source="asked", told_at=later)
    make.subscription(rejoined, source="callback", told_at=later)

    tell(account, subscription("removed"), subscription("removed"))

    assert by_list(ANA) == {
        "Offers": (State.UNSUBSCRIBED, "user_opt_out"),
        "Rejoined": (State.SUBSCRIBED, ""),
        "Service alerts": (State.UNSUBSCRIBED, "stop"),
    }


def test_stop_that_names_no_list_of_ours_ends_all_of_them(
    account: Account, offers: VibesList
) -> None:
    make.subscription(offers)
    elsewhere = {"id": "unheard-of"}
    body = subscription("removed", at=NOON + timedelta(seconds=5), subscription_list=elsewhere)

    assert tell(account, body) == [""]  # a sync may bring the list, but STOP does not wait for it
    assert by_list(ANA) == {"Offers": (State.UNSUBSCRIBED, "stop")}

    Account.objects.update(synced_at=NOW + timedelta(seconds=1))
    assert tell(account, body) == ["no list of ours, but STOP ends them all"]


def test_stop_speaks_for_lists_nobody_was_asked_about_until_a_later_opt_in(
    account: Account, alerts: VibesList, simulator: Simulator
) -> None:
    simulator.members("5678", ANA)
    joined: dict[str, Any] = {"subscription_list": {"id": "5678"}}
    tell(account, subscription("removed"))

    tell(account, subscription("added", at=NOON - timedelta(hours=1), **joined))
    assert by_list(ANA)["Service alerts"] == (State.UNSUBSCRIBED, "stop")

    tell(account, subscription("added", at=NOON + timedelta(minutes=1), **joined))
    assert by_list(ANA)["Service alerts"] == (State.SUBSCRIBED, "")

    tell(account, subscription("removed"))
    assert by_list(ANA)["Service alerts"] == (State.SUBSCRIBED, "")


# --- Any order, any number of times ---------------------------------------------------------------


def test_duplicates_are_one_row_and_one_line_of_history(account: Account) -> None:
    people.person(mobile=ANA)
    body = subscription("removed")

    tell(account, body, body, body | {"delivery_attempt": 2})

    assert Callback.objects.count() == 1
    assert Activity.objects.count() == 1


def test_without_an_id_what_every_attempt_says_alike_is_the_id(account: Account) -> None:
    body = subscription("removed")
    del body["event_id"]

    tell(account, body | {"delivery_attempt": 1}, body | {"delivery_attempt": 2})

    assert Callback.objects.get().event_id.startswith("sha256:")


STORY = [
    participant("PENDING", at=NOON),
    participant("CONFIRMED", at=NOON + timedelta(seconds=20)),
    subscription("added", at=NOON + timedelta(seconds=20)),
    subscription("removed", at=NOON + timedelta(seconds=40)),
]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_end_is_the_same_in_any_order(account: Account, order: tuple[int, ...]) -> None:
    tell(account, *[STORY[each] for each in order], *STORY)

    assert states() == {ANA: State.UNSUBSCRIBED}


REJOINED = [
    subscription("removed", at=NOON),
    participant("PENDING", at=NOON + timedelta(seconds=20)),
    participant("CONFIRMED", at=NOON + timedelta(seconds=40)),
    subscription("added", at=NOON + timedelta(seconds=40)),
]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_who_joined_again_is_a_member_in_any_order(
    account: Account, simulator: Simulator, order: tuple[int, ...]
) -> None:
    simulator.members("1234", ANA)

    tell(account, *[REJOINED[each] for each in order])

    assert states() == {ANA: State.SUBSCRIBED}


# --- Whatever else comes --------------------------------------------------------------------------

ODD = [
    b"",
    b"\xff\xfe\x00",
    b"null",
    b"[1, 2]",
    b'{"event_id": "\\u0000\\ud800"}',
    b'{"event_id": 7, "participant": "x", "subscription": [], "event_processed": null}',
    b'{"event_id": "' + b"x" * 500 + b'"}',
    b'{"callback_type": {"a": 1}, "subscription": {"person": null, "subscription_list": 3}}',
    b'{"participant": {"status": null, "person": {"mobile_phone": {"mdn": 5}}}}',
    b'{"event_processed": {"event_id": "not a uuid", "action": []}}',
    b"[" * 100_000,
    b'{"subscription": {"person": {"mobile_phone": {"mdn": "+1555"}}, "opt_out_date": "x"}}',
]


@pytest.mark.parametrize("raw", ODD, ids=range(len(ODD)))
def test_odd_bodies_are_kept_and_change_nothing(account: Account, raw: bytes) -> None:
    (outcome,) = tell(account, raw)

    assert outcome in {
        "nothing to do",
        "no text of ours",
        "no list of ours",
        consequences.LOST,
        "no acquisition campaign of ours",
    }
    assert states() == {}


def test_finds_the_number_by_a_key_it_knows(account: Account, offers: VibesList) -> None:
    make.subscription(offers, told_at=NOON - timedelta(days=1))
    Number.objects.create(mobile=ANA, person_key="key-1")

    tell(account, subscription("removed", person={"person_key": "key-1", "mobile_phone": None}))

    assert states() == {ANA: State.UNSUBSCRIBED}


def test_asks_vibes_for_the_number_of_a_key_it_does_not_know(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    simulator.members("1234", ANA)
    with Client(account, slots=1) as client:
        (ana,) = client.find_subscribers("1234", ANA)
    make.subscription(offers, told_at=NOON - timedelta(days=1))

    said = tell(account, subscription("removed", person={"person_key": ana.person_key}))

    assert said == ["no member any more"]
    assert states() == {ANA: State.UNSUBSCRIBED}
    assert Number.objects.get(mobile=ANA).person_key == ana.person_key


def test_an_opt_out_of_a_key_waits_while_vibes_is_away(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    simulator.fault("status", status=500, path="persons", count=1)

    assert tell(account, subscription("removed", person={"person_key": "key-9"})) == [""]
    assert callbacks.to_apply().count() == 1


def test_an_opt_out_of_nobody_says_so_aloud(account: Account, offers: VibesList) -> None:
    with capture_logs() as logs:
        said = tell(account, subscription("removed", person={"person_key": "key-9"}))

    assert said == [consequences.LOST]
    errors = [each for each in logs if each["log_level"] == "error"]
    assert [each["person_key"] for each in errors] == ["key-9"]


@pytest.mark.parametrize(
    "absurd", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1601-01-01T00:00:00Z"]
)
def test_an_absurd_date_keeps_no_opt_out_from_holding(
    account: Account, offers: VibesList, absurd: str
) -> None:
    make.subscription(offers)
    waiting = participant("PENDING", expire_date=absurd)
    waiting["participant"]["person"]["mobile_phone"]["mdn"] = BEN

    tell(account, subscription("removed") | {"event_date": absurd}, waiting)

    assert states() == {ANA: State.UNSUBSCRIBED, BEN: State.PENDING}
    assert Subscription.objects.get(mobile=ANA).told_at == NOW


def test_understands_numbers_of_the_old_form(account: Account) -> None:
    tell(account, subscription("removed", who="3125550101"))

    assert states() == {ANA: State.UNSUBSCRIBED}


def test_a_disconnected_number_is_unusable(account: Account) -> None:
    tell(account, subscription("removed", opt_out_reason="disconnect"))

    assert Number.objects.get(mobile=ANA).line == Number.Line.DISCONNECTED


def test_a_stop_holds_though_whoever_applies_it_has_a_slow_clock(
    account: Account, offers: VibesList
) -> None:
    subscriptions.change(ANA, offers, "subscribed", source=consent.ASKED, told_at=NOON, now=NOON)
    stopped_at = NOON + timedelta(seconds=20)
    kept = intake.store(
        account.pk, json.dumps(subscription("removed", at=stopped_at)).encode(), stopped_at
    )

    callbacks.apply(kept.callback_id or 0, stopped_at - timedelta(seconds=30))

    assert Subscription.objects.get().state == "unsubscribed"
