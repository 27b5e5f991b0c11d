"""Who leaves is out, whatever the callback calls them, however it is numbered, and whose STOP came first."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from tests.vibes.pretend import Simulator
from tests.vibes.test_callbacks import NOW, by_list, participant, states, subscription, tell
from vibes import callbacks, consequences, intake, registrations
from vibes.client import Client, VibesPerson
from vibes.models import (
    Account,
    AcquisitionCampaign,
    Callback,
    Number,
    Stop,
    Subscription,
    VibesList,
)

State = Subscription.State
SECOND = timedelta(seconds=1)
BEFORE = NOON - timedelta(days=1)
pytestmark = pytest.mark.usefixtures("offers_by_web")


@pytest.fixture
def alerts(account: Account) -> VibesList:
    return make.vibes_list(account, vibes_id="5678", name="Service alerts")


# --- STOP -----------------------------------------------------------------------------------------


def test_stop_counts_at_each_service_though_one_told_of_a_later_stop_before(
    account: Account, offers: VibesList
) -> None:
    other = make.account(name="Canada", source_code="520123", base_url=account.base_url)
    named, unnamed = (make.vibes_list(other, vibes_id=each, name=each) for each in ("c1", "c2"))
    for each in (offers, named, unnamed):
        make.subscription(each, told_at=BEFORE)

    tell(account, subscription("removed", at=NOON + 10 * SECOND))
    tell(other, subscription("removed", at=NOON, subscription_list={"id": "c1"}))

    assert by_list(ANA)["c2"] == (State.UNSUBSCRIBED, "stop")
    kept = dict(Stop.objects.values_list("account__name", "stopped_at"))
    assert kept == {"Vibes": NOON + 10 * SECOND, "Canada": NOON}


def test_stop_at_one_service_leaves_what_another_tells(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    other = make.account(name="Canada", source_code="520123", base_url=account.base_url)
    named = make.vibes_list(other, vibes_id="c1", name="c1")
    make.subscription(named, told_at=BEFORE)
    simulator.members("1234", ANA)
    tell(other, subscription("removed", at=NOW, subscription_list={"id": "c1"}))

    opted_in = subscription("added", at=NOON)
    assert tell(account, opted_in) == ["member, as Vibes confirms"]
    assert by_list(ANA)["Offers"][0] == State.SUBSCRIBED


def test_stop_ends_a_list_that_the_sweep_which_saw_it_left_for_the_next(
    account: Account, offers: VibesList, alerts: VibesList
) -> None:
    make.stop(account)
    make.subscription(offers, told_at=BEFORE)
    make.subscription(alerts, source="asked", told_at=NOON + 5 * SECOND)

    tell(account, subscription("removed", at=NOON))

    assert by_list(ANA)["Service alerts"] == (State.UNSUBSCRIBED, "stop")


@pytest.mark.parametrize("order", [(0, 10), (10, 0)])
def test_two_stops_end_the_same_lists_in_either_order(
    account: Account, offers: VibesList, alerts: VibesList, order: tuple[int, int]
) -> None:
    joined_between = make.vibes_list(account, vibes_id="joined", name="Joined")
    make.subscription(offers, told_at=BEFORE)
    make.subscription(alerts, source="asked", told_at=NOON + 30 * SECOND)
    make.subscription(joined_between, source="callback", told_at=NOON + 5 * SECOND)

    tell(account, *[subscription("removed", at=NOON + each * SECOND) for each in order])

    assert {state for state, _ in by_list(ANA).values()} == {State.UNSUBSCRIBED}
    assert Stop.objects.get().stopped_at == NOON + 10 * SECOND


# --- Whose number ---------------------------------------------------------------------------------


@pytest.mark.parametrize("holders", [[ANA], [ANA, BEN]])
@pytest.mark.parametrize("is_no", [True, False])
def test_a_key_that_was_of_another_number_saves_nobody_from_leaving(
    account: Account, offers: VibesList, holders: list[str], is_no: bool
) -> None:
    for each in holders:
        Number.objects.create(mobile=each, person_key="key-1")
    make.subscription(offers, BEN, told_at=BEFORE)
    no = participant("REJECTED")
    no["participant"]["person"] = {"person_key": "key-1", "mobile_phone": {"mdn": BEN}}

    tell(account, no if is_no else subscription("removed", who=BEN))

    assert states()[BEN] == (State.DECLINED if is_no else State.UNSUBSCRIBED)


def test_every_key_a_body_holds_is_asked_for(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    simulator.members("1234", ANA)
    with Client(account, slots=1) as client:
        (ana,) = client.find_subscribers("1234", ANA)
    make.subscription(offers, told_at=BEFORE)
    address = "/companies/X/mobiledb/persons/external/lead-7"

    tell(account, subscription("removed", person={"id": ana.person_key, "url": address}))

    assert states() == {ANA: State.UNSUBSCRIBED}


def test_an_id_that_two_companies_use_means_each_ones_own_person(
    account: Account, offers: VibesList, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make.account(name="Else", company_key="ELSE", base_url=account.base_url)
    known = {account.pk: VibesPerson("key-a", ANA), other.pk: VibesPerson("key-b", BEN)}
    monkeypatch.setattr(Client, "find_person", lambda client, _: known[client.account.pk])
    make.subscription(offers, ANA, told_at=BEFORE)
    make.subscription(make.vibes_list(other), BEN, told_at=BEFORE)

    for each in (account, other):
        tell(each, subscription("removed", person={"id": "88"}))

    assert states() == {ANA: State.UNSUBSCRIBED, BEN: State.UNSUBSCRIBED}


# --- Which list, which callback -------------------------------------------------------------------


@pytest.mark.parametrize("stays", [True, False])
def test_an_end_that_names_no_list_is_looked_up(
    account: Account, offers: VibesList, simulator: Simulator, stays: bool
) -> None:
    make.subscription(offers, told_at=BEFORE)
    simulator.members("1234", *([ANA] if stays else []))

    tell(account, subscription("removed", subscription_list=None, opt_out_reason=""))

    assert states() == {ANA: State.SUBSCRIBED if stays else State.UNSUBSCRIBED}


def test_an_id_used_twice_hides_no_second_end(
    account: Account, offers: VibesList, alerts: VibesList
) -> None:
    consequences.STOP_SCOPE.set("list")
    for each in (offers, alerts):
        make.subscription(each, told_at=BEFORE)
    one = subscription("removed")
    two = subscription("removed", subscription_list={"id": "5678"}) | {"event_id": one["event_id"]}

    kept = [_store(account, each).callback_id for each in (one, two, two | {"delivery_attempt": 2})]
    for callback_id in filter(None, kept):
        callbacks.apply(callback_id, NOW)

    assert kept[2] is None
    assert {state for state, _ in by_list(ANA).values()} == {State.UNSUBSCRIBED}


def test_an_id_as_long_as_we_keep_may_be_used_twice_too(account: Account) -> None:
    bodies = [{"event_id": "x" * 120, "callback_type": each} for each in ("one", "two")]

    assert None not in [_store(account, each).callback_id for each in bodies]
    assert max(len(each.event_id) for each in Callback.objects.all()) <= 120


def _store(account: Account, body: dict[str, Any]) -> intake.Kept:
    return intake.store(account.pk, json.dumps(body).encode(), NOW)


def test_no_to_one_campaign_ends_no_membership_through_another(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    through = make.campaign(offers, vibes_id="Another", name="Another")
    simulator.members("1234", ANA)
    make.subscription(offers, told_at=BEFORE, acquisition_campaign=through)

    tell(account, participant("REJECTED"))

    assert states() == {ANA: State.SUBSCRIBED}


# --- Rotation -------------------------------------------------------------------------------------


def test_an_address_is_not_closed_by_a_second_rotation_while_vibes_still_calls_it(
    account: Account, offers_by_web: AcquisitionCampaign
) -> None:
    first = account.callback_token
    registrations.rotate(account, NOW)

    with pytest.raises(registrations.StillMoving):
        registrations.rotate(account, NOW + SECOND)

    intake.forget_tokens()
    assert intake.account_of(first) == account.pk
