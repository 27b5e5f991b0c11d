from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from people import binning, erasing
from people.models import Person
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, EVE, NOON
from tests.vibes.pretend import Simulator
from vibes import roll, standing, sweeps, tasks
from vibes.client import Client, Refused, Unknown, VibesPerson
from vibes.models import Account, AcquisitionCampaign, Drift, Number, Subscription, Sweep, VibesList

State = Subscription.State
LATER = NOON + timedelta(hours=1)
NUMBERS = [f"+131255502{each:02}" for each in range(12)]


def clock() -> datetime:
    return LATER


def states() -> dict[str, str]:
    return dict(Subscription.objects.values_list("mobile", "state"))


@pytest.fixture
def sweep(account: Account, offers: VibesList) -> Sweep:
    return sweeps.start(account, by="ada", now=LATER)


@pytest.mark.parametrize("person_search", ["object", "array"])
def test_learns_who_is_a_member_of_what(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator, person_search: str
) -> None:
    simulator.put("settings", {"person_search": person_search})
    people.person(mobile=ANA)
    people.person(mobile=BEN)
    simulator.members("1234", ANA)

    sweep = sweeps.reconcile(offers.account, client_of_vibes, LATER)

    assert states() == {ANA: State.SUBSCRIBED, BEN: State.NEVER}
    assert (sweep.state, sweep.total, sweep.asked, sweep.learnt) == ("finished", 2, 2, 2)
    assert not Drift.objects.exists()


def test_asks_about_people_and_about_numbers_nobody_holds_any_more_each_once(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    for mobile in (ANA, ANA, "", BEN):
        people.person(mobile=mobile)
    people.person(mobile="+13125550150", deleted_at=NOON)
    make.subscription(offers, BEN)
    make.subscription(offers, EVE)

    sweeps.reconcile(offers.account, client_of_vibes, LATER)

    asked = [each["query"] for each in simulator.requests() if each["path"].endswith("/persons")]
    assert len(asked) == 3


def test_a_part_asks_only_about_what_changed_or_waits(
    client_of_vibes: Client, account: Account, offers: VibesList
) -> None:
    make.subscription(offers, ANA, changed_at=LATER)
    make.subscription(offers, BEN, state=State.PENDING)
    make.subscription(offers, EVE)
    Number.objects.create(mobile="+13125550104", changed_at=LATER)

    sweep = sweeps.start(account, by="nightly", now=LATER, changed_since=LATER)
    assert sweeps.advance(sweep.pk, clock=clock) is False

    sweep.refresh_from_db()
    assert (sweep.state, sweep.total, sweep.asked) == ("finished", 3, 3)


def test_the_one_that_runs_is_returned(account: Account, sweep: Sweep) -> None:
    assert sweeps.start(account, by="ben", now=LATER) == sweep
    assert sweeps.stop(sweep, now=LATER) is True
    assert sweeps.start(account, by="ben", now=LATER) != sweep
    assert sweeps.stop(sweep, now=LATER) is False


def test_goes_on_where_a_killed_worker_left_it(
    account: Account, sweep: Sweep, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "SLICE", 4)
    for mobile in NUMBERS:
        people.person(mobile=mobile)
    assert sweeps.advance(sweep.pk, clock=clock, budget=0.0) is True  # nothing was asked
    taken = sweeps._take(sweep.pk, LATER)
    assert taken
    with Client(account, slots=4) as client:
        assert sweeps._advance_a_slice(taken, client, clock)

    assert sweeps.advance(sweep.pk, clock=clock) is False  # the dead one's lease still runs
    after = LATER + sweeps.LEASE + timedelta(seconds=1)
    assert sweeps.advance(sweep.pk, clock=lambda: after) is False

    sweep.refresh_from_db()
    assert (sweep.state, sweep.asked, sweep.total) == ("finished", 12, 12)
    asked = [each for each in simulator.requests() if each["path"].endswith("/persons")]
    assert len(asked) == 12


def test_what_was_asked_counts_for_nothing_once_it_is_stopped(
    account: Account, sweep: Sweep
) -> None:
    people.person(mobile=ANA)
    taken = sweeps._take(sweep.pk, LATER)
    assert taken
    sweeps.stop(sweep, now=LATER)

    with Client(account, slots=1) as client:
        assert sweeps._advance_a_slice(taken, client, clock) is False
    sweep.refresh_from_db()
    assert (sweep.state, sweep.asked, states()) == ("stopped", 0, {})


def erase(mobile: str) -> None:
    who = Person.objects.get(mobile=mobile)
    binning.delete([who.pk], by="ada", now=NOON)
    binning.erase_soon([who.pk], by="ada", now=NOON)
    assert erasing.erase_some(now=NOON) == 1


def test_keeps_no_number_once_it_has_ended(account: Account, sweep: Sweep) -> None:
    Sweep.objects.update(position=ANA)
    sweeps.stop(sweep, now=LATER)
    other = sweeps.start(account, by="ada", now=LATER)
    Sweep.objects.filter(pk=other.pk).update(position=ANA)
    taken = sweeps._take(other.pk, LATER)
    assert taken
    sweeps._finish(taken, LATER)

    assert set(Sweep.objects.values_list("state", "position")) == {
        ("stopped", ""),
        ("finished", ""),
    }


def test_goes_on_from_a_little_before_a_number_that_was_erased(sweep: Sweep) -> None:
    people.person(mobile=ANA)
    people.person(mobile="+14165550142")
    Sweep.objects.update(position=ANA)

    erase(ANA)

    sweep.refresh_from_db()
    assert ANA not in sweep.position
    assert ANA.startswith(sweep.position)
    assert roll.after(sweep, 5) == ["+14165550142"]


def test_learns_nothing_of_whoever_was_erased_while_it_asked(
    account: Account, sweep: Sweep, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mobile in (ANA, BEN):
        people.person(mobile=mobile)
    asks = standing.ask_all

    def and_erase(*args: Any) -> Any:
        answers = asks(*args)
        erase(max(ANA, BEN))
        return answers

    monkeypatch.setattr(standing, "ask_all", and_erase)
    taken = sweeps._take(sweep.pk, LATER)
    assert taken
    with Client(account, slots=1) as client:
        sweeps._advance_a_slice(taken, client, clock)

    sweep.refresh_from_db()
    assert states() == {min(ANA, BEN): State.NEVER}
    assert max(ANA, BEN) not in sweep.position
    assert not Number.objects.filter(mobile=max(ANA, BEN)).exists()


def test_a_refused_login_makes_it_pause_and_go_on_later(sweep: Sweep, simulator: Simulator) -> None:
    people.person(mobile=ANA)
    simulator.fault("status", status=401, path="persons", count=1)

    assert sweeps.advance(sweep.pk, clock=clock) is False

    sweep.refresh_from_db()
    assert (sweep.state, bool(sweep.fault), sweep.asked) == ("running", True, 0)
    assert not sweeps.to_continue(LATER).exists()
    after = LATER + sweeps.PAUSE + timedelta(seconds=1)
    assert list(sweeps.to_continue(after)) == [sweep]
    sweeps.advance(sweep.pk, clock=lambda: after)
    sweep.refresh_from_db()
    assert (sweep.state, sweep.fault, sweep.asked) == ("finished", "", 1)


def test_a_number_vibes_trips_over_is_counted_and_holds_up_no_other(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mobile in (ANA, BEN, EVE):
        people.person(mobile=mobile)
    find = Client.find_persons

    def find_or_fail(client: Client, mobile: str) -> list[VibesPerson]:
        if mobile == BEN:
            raise Unknown("500")
        return find(client, mobile)

    monkeypatch.setattr(Client, "find_persons", find_or_fail)
    sweeps.advance(sweep.pk, clock=clock)

    sweep.refresh_from_db()
    assert (sweep.state, sweep.asked, sweep.unanswered) == ("finished", 3, 1)
    assert sorted(states()) == [ANA, EVE]


def test_keeps_its_place_while_vibes_is_away(sweep: Sweep, simulator: Simulator) -> None:
    people.person(mobile=ANA)
    simulator.fault("status", status=500)

    assert sweeps.advance(sweep.pk, clock=clock) is False
    sweep.refresh_from_db()
    assert (sweep.state, bool(sweep.fault), sweep.asked) == ("running", True, 0)


def test_asks_again_where_vibes_wants_it_slower(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    people.person(mobile=ANA)
    simulator.fault("status", status=429, path="persons", count=2)

    sweep = sweeps.reconcile(offers.account, client_of_vibes, LATER)
    assert (sweep.asked, sweep.unanswered) == (1, 0)


def test_gives_way_when_others_use_the_rate(
    account: Account, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.person(mobile=ANA)
    monkeypatch.setattr(standing, "PATIENCE", 0.05)
    monkeypatch.setattr("vibes.rate.take", lambda *_: 0)

    assert sweeps.advance(sweep.pk, clock=clock) is False
    sweep.refresh_from_db()
    assert (sweep.state, sweep.fault, sweep.asked) == ("running", "", 0)


def test_a_wrong_company_key_makes_nobody_leave(
    client_of_vibes: Client, account: Account, offers: VibesList
) -> None:
    make.subscription(offers)
    Account.objects.filter(pk=account.pk).update(company_key="WRONG")
    account.refresh_from_db()

    with Client(account, slots=1) as client, pytest.raises(Refused):
        sweeps.reconcile(account, client, LATER)
    assert states() == {ANA: State.SUBSCRIBED}


def test_a_list_that_is_gone_makes_nobody_leave_it(
    client_of_vibes: Client, account: Account, offers: VibesList
) -> None:
    make.subscription(make.vibes_list(account, vibes_id="9999", name="Gone"))

    sweeps.reconcile(account, client_of_vibes, LATER)
    gone = Subscription.objects.get(vibes_list__vibes_id="9999")
    assert gone.state == State.SUBSCRIBED


def test_finds_a_question_nobody_told_us_of(
    client_of_vibes: Client, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    people.person(mobile=ANA)
    simulator.texts(ANA, "OFFERS")

    sweeps.reconcile(offers_by_web.account, client_of_vibes, LATER)

    row = Subscription.objects.get()
    assert (row.state, row.acquisition_campaign) == (State.PENDING, offers_by_web)
    assert row.expires_at is not None


# --- Every night --------------------------------------------------------------------------------

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def night(account: Account) -> Account:
    Account.objects.update(synced_at=NOON)
    return account


def test_begins_once_a_night_at_its_hour(night: Account) -> None:
    assert sweeps.start_nightly(MIDNIGHT + timedelta(hours=2, minutes=59)) == []

    (sweep,) = sweeps.start_nightly(MIDNIGHT + timedelta(hours=3))
    sweeps.stop(sweep, now=NOON)

    assert sweep.changed_since == sweep.started_at - timedelta(days=2)
    assert sweeps.start_nightly(MIDNIGHT + timedelta(hours=23)) == []
    assert len(sweeps.start_nightly(MIDNIGHT + timedelta(hours=28))) == 1


def test_the_hour_is_a_setting(night: Account) -> None:
    sweeps.NIGHTLY_HOUR.set(5)
    assert sweeps.start_nightly(MIDNIGHT + timedelta(hours=4)) == []
    assert len(sweeps.start_nightly(MIDNIGHT + timedelta(hours=5))) == 1


def test_waits_for_the_one_that_runs(night: Account) -> None:
    running = sweeps.start(night, by="ada", now=MIDNIGHT)
    assert sweeps.start_nightly(MIDNIGHT + timedelta(hours=3)) == []
    sweeps.stop(running, now=MIDNIGHT)
    assert len(sweeps.start_nightly(MIDNIGHT + timedelta(hours=3))) == 1


def test_the_tick_rings_for_what_is_open(
    night: Account, offers: VibesList, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[dict[str, int]] = []
    monkeypatch.setattr(
        tasks.advance_sweep, "apply_async", lambda **call: rung.append(call["kwargs"])
    )
    sweep = sweeps.start(night, by="ada", now=NOON)

    tasks.tick()
    assert rung == [{"sweep_id": sweep.pk}]

    tasks.advance_sweep(**rung[0])
    sweep.refresh_from_db()
    assert sweep.state == "finished"


def test_the_command_says_what_differed(
    account: Account, offers: VibesList, capsys: pytest.CaptureFixture[str]
) -> None:
    make.subscription(offers)

    call_command("reconcile", service="Vibes")
    said = "Vibes: 1 numbers asked about, 0 new, 1 differences, 0 unanswered\n"
    assert capsys.readouterr().out == said
    with pytest.raises(CommandError):
        call_command("reconcile", service="None such")
