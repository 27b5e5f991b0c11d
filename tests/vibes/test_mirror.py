from datetime import timedelta

import pytest
from django.utils import timezone

from people.models import Activity, Person
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, EVE, NOON
from tests.vibes.pretend import Simulator
from vibes import mirror, standing, sweeps
from vibes.client import Client, LoginRefused, Refused, Retryable, VibesError, VibesPerson
from vibes.models import Account, Number, Subscription, VibesList

State = Subscription.State


def states() -> dict[str, str]:
    return dict(Subscription.objects.values_list("mobile", "state"))


def test_learns_who_is_a_member_and_who_never_was(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    people.person(mobile=ANA)
    simulator.members("1234", ANA)

    assert mirror.ask(offers, [ANA, BEN, ANA], client_of_vibes, NOON) == 2

    assert states() == {ANA: State.SUBSCRIBED, BEN: State.NEVER}
    # They joined before we knew of them: nothing happened now.
    assert not Activity.objects.exists()
    assert Number.objects.exclude(person_key="").get().mobile == ANA


def test_keeps_the_key_of_a_member_whose_number_it_had_already(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    Number.objects.create(mobile=ANA)
    simulator.members("1234", ANA)

    mirror.ask(offers, [ANA], client_of_vibes, NOON)

    (ana,) = client_of_vibes.find_subscribers("1234", ANA)
    assert Number.objects.get(mobile=ANA).person_key == ana.person_key


@pytest.mark.parametrize(
    "state", [State.PENDING, State.DECLINED, State.UNSUBSCRIBED, State.EXPIRED]
)
def test_no_member_does_not_overwrite_what_we_know_better(
    client_of_vibes: Client, offers: VibesList, state: str
) -> None:
    make.subscription(offers, state=state)

    assert mirror.ask(offers, [ANA], client_of_vibes, NOON) == 1
    assert states() == {ANA: state}


def test_takes_membership_away_that_vibes_denies(
    client_of_vibes: Client, offers: VibesList
) -> None:
    make.subscription(offers)
    people.person(mobile=ANA)

    mirror.ask(offers, [ANA], client_of_vibes, NOON + timedelta(hours=1))

    row = Subscription.objects.get()
    assert (row.state, row.reason) == (State.UNSUBSCRIBED, "not-at-vibes")
    assert Activity.objects.get().kind == "unsubscribe_from_vibes_list"


def test_finds_an_opt_in_whose_callback_was_lost(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    make.subscription(offers, state=State.PENDING)
    simulator.members("1234", ANA)

    mirror.ask(offers, [ANA], client_of_vibes, NOON + timedelta(hours=1))

    assert states() == {ANA: State.SUBSCRIBED}


def test_stop_is_not_undone_by_a_list_vibes_still_has(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    make.subscription(offers, state=State.UNSUBSCRIBED, reason="stop")
    simulator.members("1234", ANA)

    mirror.ask(offers, [ANA], client_of_vibes, NOON + timedelta(hours=1))

    assert states() == {ANA: State.UNSUBSCRIBED}


def test_a_first_answer_does_not_undo_stop(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    make.stop(offers.account)
    simulator.members("1234", ANA, BEN)

    mirror.ask(offers, [ANA, BEN], client_of_vibes, NOON + timedelta(hours=1))

    assert states() == {ANA: State.UNSUBSCRIBED, BEN: State.SUBSCRIBED}
    assert Subscription.objects.get(mobile=ANA).reason == "stop"


def test_stop_at_another_service_leaves_who_is_asked_about_a_member(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    other = make.account(name="Canada", source_code="520123")
    make.stop(other, ANA)
    make.stop(other, BEN)
    make.subscription(offers, BEN, state=State.NEVER)
    simulator.members("1234", ANA, BEN)

    mirror.ask(offers, [ANA, BEN], client_of_vibes, NOON + timedelta(hours=1))

    assert states() == {ANA: State.SUBSCRIBED, BEN: State.SUBSCRIBED}


def test_an_opt_in_begun_after_stop_counts_though_its_callback_was_lost(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    make.stop(offers.account)
    make.subscription(offers, state=State.PENDING, told_at=NOON + timedelta(minutes=1))
    simulator.members("1234", ANA)

    mirror.ask(offers, [ANA], client_of_vibes, NOON + timedelta(hours=1))
    assert states() == {ANA: State.PENDING}  # Vibes may mean the membership before STOP

    sweeps.reconcile(offers.account, client_of_vibes, simulator.now())
    assert states() == {ANA: State.SUBSCRIBED}  # its record says since when


NUMBERS = [f"+131255502{each:02}" for each in range(60)]


@pytest.mark.parametrize("fault", [Refused("carrier", status=422), Retryable("500")])
def test_a_number_that_vibes_trips_over_holds_up_no_other(
    client_of_vibes: Client,
    offers: VibesList,
    monkeypatch: pytest.MonkeyPatch,
    fault: VibesError,
) -> None:
    find = Client.find_subscriber

    def find_or_fail(client: Client, list_id: str, mobile: str) -> VibesPerson | None:
        if mobile == NUMBERS[0]:
            raise fault
        return find(client, list_id, mobile)

    monkeypatch.setattr(Client, "find_subscriber", find_or_fail)
    asked = mirror.ask_each(offers, NUMBERS, client_of_vibes, NOON)

    assert asked == mirror.Asked(59, {NUMBERS[0]: str(fault)}, ())
    assert asked.unanswered == [NUMBERS[0]]
    assert sorted(states()) == NUMBERS[1:]


def test_asks_nobody_else_when_vibes_is_away(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    simulator.fault("status", path="subscribers", status=500)

    asked = mirror.ask_each(offers, NUMBERS, client_of_vibes, NOON)

    assert asked.answered == 0
    assert len(asked.not_asked) >= 20
    assert sorted(asked.unanswered) == NUMBERS


def test_one_failure_costs_one_answer(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    simulator.fault("status", path="subscribers", status=500, nth=2)

    assert mirror.ask(offers, [ANA, BEN, EVE], client_of_vibes, NOON) == 2
    assert len(states()) == 2


def test_a_refused_login_is_said_aloud(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    simulator.fault("status", path="subscribers", status=401)

    with pytest.raises(LoginRefused):
        mirror.ask(offers, [ANA], client_of_vibes, NOON)


def test_keeps_to_the_rate(account: Account, offers: VibesList, simulator: Simulator) -> None:
    Account.objects.filter(pk=account.pk).update(calls_per_second=20)
    account.refresh_from_db()
    numbers = [f"+131255502{each:02}" for each in range(30)]
    began = timezone.now()

    with Client(account, slots=4) as client:
        assert mirror.ask(offers, numbers, client, NOON) == 30

    assert timezone.now() - began >= timedelta(seconds=0.9)


def test_names_the_numbers_nobody_was_asked_about(offers: VibesList) -> None:
    for mobile in (ANA, ANA, BEN, "", EVE):
        people.person(mobile=mobile)
    make.subscription(offers, BEN, state=State.NEVER)

    assert list(mirror.unknown_mobiles(Person.objects.all(), offers)) == [ANA, EVE]


def test_a_list_that_is_gone_makes_nobody_leave_it(
    client_of_vibes: Client, account: Account
) -> None:
    gone = make.vibes_list(account, vibes_id="9999", name="Gone")
    make.subscription(gone)

    with pytest.raises(Refused, match="gone"):
        mirror.ask(gone, [ANA], client_of_vibes, NOON + timedelta(hours=1))
    assert states() == {ANA: State.SUBSCRIBED}


def test_asks_again_where_vibes_wants_it_slower(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    simulator.fault("status", path="subscribers", status=429, count=2)

    assert mirror.ask(offers, [ANA, BEN, EVE], client_of_vibes, NOON) == 3


def test_only_in_vibes_own_words_is_a_number_none(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    for path in ("subscribers", "persons"):
        simulator.fault("status", path=path, status=400, body="<html>Blocked</html>", count=9)

    assert mirror.ask(offers, [ANA], client_of_vibes, NOON) == 0
    (answer,) = standing.ask_all(client_of_vibes, [standing.Question(ANA)], {})
    assert isinstance(answer, Refused)
    assert not Number.objects.exclude(line="").exists()
