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


def test_takes_nothing_for_nothing(account: Account) -> None:
    assert rate.take(account, "events", 0) == 0


def test_goes_on_alone_when_the_shared_counter_is_away(
    account: Account, settings: Settings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert rate.take(account, "events", 6) == 6


def test_what_can_wait_uses_at_most_half_and_lets_others_go_first(account: Account) -> None:
    assert rate.take(account, rate.Kind.BACKGROUND, 10) == 3
    assert rate.take(account, rate.Kind.OTHER, 10) == 2
    assert rate.take(account, rate.Kind.BACKGROUND, 10) == 0
