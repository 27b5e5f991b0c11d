from datetime import timedelta

import pytest
from django.utils import timezone

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from tests.vibes.pretend import Simulator
from vibes import expiry, subscriptions
from vibes.client import Client, LoginRefused, Unknown, VibesError
from vibes.models import Account, AcquisitionCampaign, Subscription, VibesList

State = Subscription.State
DAY = timedelta(days=1)


def states() -> dict[str, str]:
    return dict(Subscription.objects.values_list("mobile", "state"))


@pytest.fixture
def waiting(offers: VibesList, offers_by_web: AcquisitionCampaign) -> Subscription:
    return make.subscription(
        offers,
        state=State.PENDING,
        acquisition_campaign=offers_by_web,
        expires_at=NOON + timedelta(hours=24),
    )


LATER = NOON + timedelta(hours=25)


def test_a_request_nobody_answered_expires(
    account: Account, client_of_vibes: Client, waiting: Subscription
) -> None:
    people.person(mobile=ANA)

    assert expiry.accounts_with_overdue(LATER) == [account.pk]
    assert expiry.expire_pending(account, client_of_vibes, LATER) == 1
    assert expiry.accounts_with_overdue(LATER) == []
    assert states() == {ANA: State.EXPIRED}
    assert Activity.objects.get().kind == "opt_in_expired"


def test_a_request_in_time_stays(
    account: Account, client_of_vibes: Client, waiting: Subscription
) -> None:
    assert expiry.expire_pending(account, client_of_vibes, NOON) == 0
    assert states() == {ANA: State.PENDING}


def test_an_answer_we_were_not_told_of_counts(
    account: Account, client_of_vibes: Client, waiting: Subscription, simulator: Simulator
) -> None:
    simulator.members("1234", ANA)

    expiry.expire_pending(account, client_of_vibes, LATER)

    assert states() == {ANA: State.SUBSCRIBED}


def test_a_request_that_vibes_still_keeps_open_goes_on(
    account: Account, client_of_vibes: Client, waiting: Subscription
) -> None:
    client_of_vibes.add_participant("Kwnl5OL3", ANA)
    now = timezone.now()
    Subscription.objects.update(expires_at=now)

    expiry.expire_pending(account, client_of_vibes, now)

    row = Subscription.objects.get()
    assert row.state == State.PENDING
    assert row.expires_at is not None
    assert row.expires_at > now


def test_nothing_expires_unasked(
    account: Account, client_of_vibes: Client, waiting: Subscription, simulator: Simulator
) -> None:
    simulator.fault("status", status=429, path="participants")

    assert expiry.expire_pending(account, client_of_vibes, LATER) == 0
    assert states() == {ANA: State.PENDING}


@pytest.mark.parametrize(("status", "error"), [(401, LoginRefused), (500, Unknown)])
def test_says_when_nobody_can_be_asked(
    account: Account,
    client_of_vibes: Client,
    waiting: Subscription,
    simulator: Simulator,
    status: int,
    error: type[VibesError],
) -> None:
    simulator.fault("status", status=status)

    with pytest.raises(error):
        expiry.expire_pending(account, client_of_vibes, LATER)
    assert states() == {ANA: State.PENDING}


def test_one_that_vibes_trips_over_holds_up_no_other(
    account: Account, client_of_vibes: Client, waiting: Subscription, simulator: Simulator
) -> None:
    make.subscription(
        waiting.vibes_list, BEN, state=State.PENDING, expires_at=LATER - timedelta(minutes=1)
    )
    simulator.fault("status", status=500, path="participants", count=1)

    assert expiry.expire_pending(account, client_of_vibes, LATER) == 1
    assert states() == {ANA: State.PENDING, BEN: State.EXPIRED}


def test_who_left_a_list_and_was_asked_again_is_no_member_by_an_older_membership(
    account: Account, client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    simulator.members("1234", ANA)  # as somebody else at Vibes: the number was ported once
    left_at = timezone.now() + timedelta(hours=1)
    changes = [(State.UNSUBSCRIBED, "keyword_opt_out", left_at), (State.PENDING, "", left_at + DAY)]
    for state, reason, at in changes:
        subscriptions.change(
            ANA, offers, state, source="callback", reason=reason, told_at=at, now=at
        )

    expiry.expire_pending(account, client_of_vibes, left_at + 3 * DAY)

    assert states() == {ANA: State.EXPIRED}


def test_what_there_was_no_time_for_is_left_to_the_next_round(
    account: Account, client_of_vibes: Client, waiting: Subscription
) -> None:
    make.subscription(waiting.vibes_list, BEN, state=State.PENDING, expires_at=LATER)

    assert expiry.expire_pending(account, client_of_vibes, LATER, budget=0) == 1
    assert states() == {ANA: State.EXPIRED, BEN: State.PENDING}
