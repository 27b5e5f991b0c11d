"""Vibes' answers may be older than what was told since, and news may be forged: neither makes a member."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.vibes import make
from tests.vibes.make import ANA, NOON
from tests.vibes.pretend import Simulator
from tests.vibes.test_callbacks import NOW, by_list, participant, states, subscription, tell
from vibes import callbacks, consequences, evidence, expiry, mirror, standing, sweeps
from vibes.client import Client
from vibes.models import Account, AcquisitionCampaign, Drift, Subscription, VibesList

State = Subscription.State
SECOND = timedelta(seconds=1)
LATER = NOW + SECOND
pytestmark = pytest.mark.usefixtures("offers_by_web")


@pytest.fixture
def alerts(account: Account) -> VibesList:
    return make.vibes_list(account, vibes_id="5678", name="Service alerts")


def after_reading(patch: pytest.MonkeyPatch, where: Any, name: str, act: Callable[[], Any]) -> None:
    """Do it once, between an answer of Vibes and its being written."""
    read, done = getattr(where, name), list[bool]()

    def read_then_act(*args: Any, **more: Any) -> Any:
        answer = read(*args, **more)
        if not done:
            done.append(True)
            act()
        return answer

    patch.setattr(where, name, read_then_act)


REASONS = ["user_opt_out", "", "button_opt_out", "api_opt_out", "disconnect"]


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("scope", ["code", "list"])
def test_an_end_told_while_vibes_is_asked_stays(
    account: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, reason: str, scope: str
) -> None:
    consequences.STOP_SCOPE.set(scope)
    simulator.members("1234", ANA)
    left = subscription("removed", at=NOON + 30 * SECOND, opt_out_reason=reason)
    after_reading(monkeypatch, evidence, "_find", lambda: tell(account, left, now=LATER))

    assert tell(account, participant("CONFIRMED", at=NOON + 20 * SECOND)) == [""]
    assert states() == {ANA: State.UNSUBSCRIBED}

    simulator.members("1234", ANA, state="unsubscribed")
    (waiting,) = callbacks.to_apply()
    callbacks.apply(waiting.pk, LATER)
    assert states() == {ANA: State.UNSUBSCRIBED}


def test_an_end_told_while_a_list_is_asked_about_stays_though_vibes_clock_is_slow(
    account: Account, offers: VibesList, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.members("1234", ANA)
    learn, left = mirror._learn, subscription("removed", at=NOW - 3 * SECOND, opt_out_reason="")

    def told_before(*args: Any) -> None:
        tell(account, left, now=LATER)
        learn(*args)

    monkeypatch.setattr(mirror, "_learn", told_before)
    with Client(account, slots=1) as client:
        mirror.ask(offers, [ANA], client, NOW)

    assert states() == {ANA: State.UNSUBSCRIBED}


def test_an_end_told_while_an_overdue_answer_is_looked_for_stays(
    account: Account,
    offers_by_web: AcquisitionCampaign,
    offers: VibesList,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting: dict[str, Any] = {"state": State.PENDING, "acquisition_campaign": offers_by_web}
    make.subscription(offers, expires_at=NOON + 60 * SECOND, **waiting)
    simulator.members("1234", ANA)
    left = subscription("removed", at=NOW - 3 * SECOND)
    after_reading(monkeypatch, Client, "find_subscribers", lambda: tell(account, left, now=LATER))

    with Client(account, slots=1) as client:
        expiry.expire_pending(account, client, NOW)

    assert states() == {ANA: State.UNSUBSCRIBED}


def test_an_end_told_while_a_sweep_asks_stays_though_vibes_clock_is_slow(
    account: Account, offers: VibesList, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.subscription(offers, state=State.UNSUBSCRIBED, reason="api_opt_out")
    simulator.members("1234", ANA)  # came back, and we were not told
    at = simulator.now()
    left = subscription("removed", at=at - 3 * SECOND, opt_out_reason="api_opt_out")
    after_reading(monkeypatch, standing, "ask_all", lambda: tell(account, left, now=at))

    with Client(account, slots=2) as client:
        sweeps.reconcile(account, client, at)

    assert states() == {ANA: State.UNSUBSCRIBED}
    assert Drift.objects.get().outcome == Drift.Outcome.EXPLAINED


def test_an_opt_in_told_while_an_older_end_is_looked_up_stays(
    account: Account, offers: VibesList, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.subscription(offers)

    def join() -> None:
        simulator.members("1234", ANA)
        tell(account, subscription("added", at=NOON + 20 * SECOND), now=LATER)

    after_reading(monkeypatch, evidence, "_find", join)
    older = subscription("removed", at=NOON - SECOND, opt_out_reason="api_opt_out")

    assert tell(account, older) == [""]
    (waiting,) = callbacks.to_apply()
    callbacks.apply(waiting.pk, LATER)
    assert states() == {ANA: State.SUBSCRIBED}


# --- Vibes still has the membership that STOP ended here ------------------------------------------


def test_a_question_after_stop_makes_no_member_of_a_list_nobody_answered_for(
    account: Account,
    offers: VibesList,
    alerts: VibesList,
    offers_by_web: AcquisitionCampaign,
    simulator: Simulator,
) -> None:
    offers_by_web.feeds.add(alerts)
    simulator.members("5678", ANA)  # Vibes ends the list of the last message only
    for each in (offers, alerts):
        make.subscription(each)
    stopped = simulator.now() + 60 * SECOND
    tell(account, subscription("removed", at=stopped), now=stopped)
    ends = (stopped + 120 * SECOND).isoformat()
    asked = participant("PENDING", at=stopped + 60 * SECOND, expire_date=ends)
    tell(account, asked, now=stopped + 60 * SECOND)

    with Client(account, slots=1) as client:
        mirror.ask(alerts, [ANA], client, stopped + 90 * SECOND)
        assert by_list(ANA)["Service alerts"][0] == State.PENDING
        expiry.expire_pending(account, client, stopped + 200 * SECOND)

    assert by_list(ANA)["Service alerts"][0] == State.EXPIRED


def test_a_yes_after_stop_counts_when_the_time_was_over_before_we_heard(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    make.stop(account, at=NOON - SECOND)
    waiting: dict[str, Any] = {"state": State.PENDING, "acquisition_campaign": offers_by_web}
    make.subscription(offers, expires_at=NOON, **waiting)
    simulator.members("1234", ANA)  # today: after the STOP

    with Client(account, slots=1) as client:
        expiry.expire_pending(account, client, simulator.now())

    assert states() == {ANA: State.SUBSCRIBED}


def test_a_forged_opt_in_lifts_no_stop_since_vibes_record_is_older(
    account: Account, offers: VibesList, alerts: VibesList, simulator: Simulator
) -> None:
    simulator.members("5678", ANA)
    for each in (offers, alerts):
        make.subscription(each)
    stopped = simulator.now() + 60 * SECOND
    tell(account, subscription("removed", at=stopped), now=stopped)
    later = stopped + timedelta(hours=1)

    tell(account, make.forged_opt_in(ANA, "5678", at=later), now=later)

    assert by_list(ANA)["Service alerts"][0] == State.UNSUBSCRIBED


@pytest.mark.parametrize("reason", ["button_opt_out", "keyword_opt_out"])
def test_who_left_by_themselves_stays_out_of_an_older_membership_of_the_number(
    account: Account, offers: VibesList, simulator: Simulator, reason: str
) -> None:
    consequences.STOP_SCOPE.set("list")
    simulator.members("1234", ANA)  # the second person of a ported number, say
    left = simulator.now() + 60 * SECOND
    ended = {"state": State.UNSUBSCRIBED, "reason": reason}
    make.subscription(offers, told_at=left, changed_at=left, **ended)

    with Client(account, slots=2) as client:
        sweeps.reconcile(account, client, left + 60 * SECOND)
        mirror.ask(offers, [ANA], client, left + 90 * SECOND)

    assert states() == {ANA: State.UNSUBSCRIBED}
    assert Drift.objects.get().outcome == Drift.Outcome.EXPLAINED


def test_an_opt_in_after_stop_counts_also_where_vibes_may_be_called_once_a_second(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    offers.account.calls_per_second = 1
    make.stop(account)
    simulator.members("1234", ANA)
    now = simulator.now() + SECOND

    assert evidence.settle(ANA, offers, told_at=now, source="callback", now=now)
