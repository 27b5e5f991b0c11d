from datetime import timedelta

import pytest
from django.utils import timezone

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, NOON
from tests.vibes.pretend import Simulator
from vibes import expiry
from vibes.client import Client, Retryable
from vibes.models import Account, AcquisitionCampaign, Subscription, VibesList

State = Subscription.State


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

    with pytest.raises(Retryable):
        expiry.expire_pending(account, client_of_vibes, LATER)
    assert states() == {ANA: State.PENDING}
