from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from itertools import permutations
from typing import Any

import pytest
from django.db import connection

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from vibes import consent, subscriptions
from vibes.models import AcquisitionCampaign, Number, Subscription, VibesList

State = Subscription.State
SECOND = timedelta(seconds=1)
Change = Callable[..., bool]


@pytest.fixture
def offers(db: None) -> VibesList:
    return make.vibes_list(make.account())


@pytest.fixture
def offers_by_web(offers: VibesList) -> AcquisitionCampaign:
    return make.campaign(offers)


@pytest.fixture
def change(offers: VibesList) -> Change:
    """`change(state, told_at=…)` for Ana and Offers."""

    def apply(state: str, *, told_at: datetime = NOON, **given: Any) -> bool:
        more: dict[str, Any] = {"source": "test", "now": NOON + timedelta(hours=1)} | given
        return subscriptions.change(ANA, offers, state, told_at=told_at, **more)

    return apply


def state() -> str:
    return Subscription.objects.get(mobile=ANA).state


def history() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("to", "kinds"),
    [
        (State.SUBSCRIBED, ["subscribe_to_vibes_list"]),
        (State.PENDING, ["opt_in_requested"]),
        (State.UNSUBSCRIBED, ["unsubscribe_from_vibes_list"]),
        (State.DECLINED, ["opt_in_declined"]),
        (State.EXPIRED, ["opt_in_expired"]),
        (State.NEVER, []),
    ],
)
def test_writes_history_for_what_happened(change: Change, to: str, kinds: list[str]) -> None:
    people.person(mobile=ANA)

    assert change(to) is True
    assert (state(), history()) == (to, kinds)


def test_the_same_fact_twice_is_one_line_of_history(change: Change) -> None:
    people.person(mobile=ANA)

    assert change(State.SUBSCRIBED) is True
    assert change(State.SUBSCRIBED) is False
    assert change(State.SUBSCRIBED, told_at=NOON + SECOND) is False
    assert history() == ["subscribe_to_vibes_list"]


def test_everybody_who_holds_the_number_has_it_in_their_history(change: Change) -> None:
    ana, bob = people.person(mobile=ANA), people.person(mobile=ANA)
    people.person(mobile=ANA, deleted_at=NOON)
    people.person(mobile="+13125550102")

    change(State.SUBSCRIBED, cause={"campaign_id": 3, "run_id": 4, "step_id": 5})

    lines = Activity.objects.values_list("person", "campaign_id", "run_id", "step_id")
    assert set(lines) == {(ana.pk, 3, 4, 5), (bob.pk, 3, 4, 5)}


def test_history_names_list_campaign_and_reason(
    change: Change, offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    people.person(mobile=ANA)

    change(
        State.UNSUBSCRIBED,
        reason="user_opt_out",
        acquisition_campaign=offers_by_web,
        source="callback",
    )

    assert Activity.objects.get().details == {
        "vibes_list": "Offers",
        "vibes_list_id": offers.pk,
        "source": "callback",
        "reason": "user_opt_out",
        "why": "the person opted out",
        "acquisition_campaign": "Offers by web",
        "acquisition_campaign_id": offers_by_web.pk,
    }


def test_what_is_older_changes_nothing(change: Change) -> None:
    change(State.UNSUBSCRIBED, told_at=NOON)

    assert change(State.SUBSCRIBED, told_at=NOON - SECOND) is False
    assert state() == State.UNSUBSCRIBED


@pytest.mark.parametrize("order", list(permutations([State.SUBSCRIBED, State.PENDING, "out"])))
def test_in_the_same_second_the_opt_out_wins_in_any_order(
    change: Change, order: tuple[str, ...]
) -> None:
    for each in order:
        change(State.UNSUBSCRIBED if each == "out" else each)

    assert state() == State.UNSUBSCRIBED


def test_fractions_of_a_second_do_not_count(change: Change) -> None:
    change(State.SUBSCRIBED, told_at=NOON + timedelta(milliseconds=900))

    assert change(State.UNSUBSCRIBED, told_at=NOON) is True


def test_a_time_to_come_is_taken_for_now(change: Change) -> None:
    change(State.UNSUBSCRIBED, told_at=NOON + timedelta(days=999), now=NOON)

    assert change(State.SUBSCRIBED, told_at=NOON + SECOND) is True


def test_a_waiting_request_keeps_its_campaign_and_its_end(
    change: Change, offers_by_web: AcquisitionCampaign
) -> None:
    ends = NOON + timedelta(days=1)

    change(State.PENDING, acquisition_campaign=offers_by_web, expires_at=ends)
    change(State.PENDING, told_at=NOON + SECOND)

    row = Subscription.objects.get()
    assert (row.acquisition_campaign, row.expires_at) == (offers_by_web, ends)


def line() -> str:
    return Number.objects.get(mobile=ANA).line


def test_a_disconnected_number_is_unusable_until_somebody_opts_in(change: Change) -> None:
    change(State.UNSUBSCRIBED, reason="disconnect")
    assert line() == Number.Line.DISCONNECTED

    change(State.SUBSCRIBED, told_at=NOON + SECOND, source=consent.TOLD)
    assert line() == Number.Line.UNKNOWN


def test_whoever_left_before_ends_were_kept_has_left_all_the_same(offers: VibesList) -> None:
    make.subscription(offers, ANA, state=State.UNSUBSCRIBED, reason="keyword_opt_out")
    make.subscription(offers, BEN, state=State.UNSUBSCRIBED, reason="api_opt_out")

    with connection.cursor() as cursor:
        cursor.execute(import_module("vibes.migrations.0005_leases_and_the_last_end").KEEP)

    assert dict(Subscription.objects.values_list("mobile", "left_at")) == {ANA: NOON, BEN: None}
