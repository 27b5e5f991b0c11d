import pytest
from pytest_django import Settings

from tests.vibes import make
from vibes import rate
from vibes.models import Account


@pytest.fixture
def account(db: None) -> Account:
    return make.account(events_per_second=10, calls_per_second=5)


def test_grants_no_more_than_a_second_holds(account: Account) -> None:
    assert [rate.take(account, "events", 6) for _ in range(3)] == [6, 4, 0]


def test_counts_texts_apart_from_other_calls(account: Account) -> None:
    assert rate.take(account, rate.Kind.EVENTS, 10) == 10
    assert rate.take(account, rate.Kind.OTHER, 10) == 5


def test_counts_accounts_apart(account: Account) -> None:
    other = make.account(name="Other", company_key="OTHER", events_per_second=10)

    assert rate.take(account, "events", 10) == 10
    assert rate.take(other, "events", 10) == 10


def test_counts_two_services_with_one_key_together(account: Account) -> None:
    twin = make.account(name="Twin", events_per_second=10)

    assert rate.take(account, "events", 10) == 10
    assert rate.take(twin, "events", 10) == 0


@pytest.mark.parametrize(("budget", "n"), [(10, 0), (0, 1)])
def test_takes_nothing_for_nothing(account: Account, budget: int, n: int) -> None:
    account.events_per_second = budget

    assert rate.take(account, "events", n) == 0


def test_what_can_wait_uses_at_most_half_and_lets_others_go_first(account: Account) -> None:
    assert rate.take(account, rate.Kind.BACKGROUND, 10) == 2
    assert rate.take(account, rate.Kind.OTHER, 10) == 3
    assert rate.take(account, rate.Kind.BACKGROUND, 10) == 0


def test_shows_the_rate_in_use(account: Account) -> None:
    rate.take(account, "events", 6)

    shown = rate.current(account, "events")

    assert (shown.allowed, shown.used) == (10, 6)
    assert rate.current(account, "other").used == 0


def test_slows_down_where_vibes_asked_for_it(account: Account) -> None:
    rate.slow_down(account, rate.Kind.BACKGROUND, retry_after=None)

    assert rate.current(account, rate.Kind.OTHER).allowed == 2
    assert rate.current(account, rate.Kind.EVENTS).allowed == 10


def test_pauses_for_as_long_as_vibes_asked(account: Account) -> None:
    rate.slow_down(account, "events", retry_after=60)

    assert rate.take(account, "events", 1) == 0


def test_takes_its_share_alone_where_there_is_no_shared_counter(
    account: Account, settings: Settings
) -> None:
    settings.REDIS_URL, settings.RATE_SHARERS = "", 4

    assert rate.take(account, "events", 10) == 2
    assert not rate.current(account, "events").shared


def test_spells_a_socket_file_as_its_client_does(account: Account, settings: Settings) -> None:
    settings.REDIS_URL = "redis+socket:///nowhere/valkey.sock?virtual_host=1"

    assert rate.take(account, "events", 1) == 0  # not yet: others may have used this second up
