"""The switch for everything."""

from datetime import timedelta

import pytest

from tests.vibes import make, owing
from tests.vibes.make import NOON
from vibes import delivery, pausing
from vibes.models import Account, OutboxRow, VibesList

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers(account: Account) -> VibesList:
    return make.vibes_list(account, event_type="rd_sms")


def pause() -> None:
    pausing.hold_switch(by="Olga", why="a wrong price", now=NOON)


def test_what_is_in_hand_is_not_permitted(account: Account, offers: VibesList) -> None:
    owing.texts(offers, make.ANA)
    rows = delivery.claim(account, actions=["text"], limit=1, now=NOON)

    pause()

    assert delivery.permit(rows, now=NOON) == []
    assert OutboxRow.objects.get().state == "ready"


def test_nobody_has_work_while_it_is_set(account: Account, offers: VibesList) -> None:
    owing.texts(offers, make.ANA)
    pause()

    assert delivery.accounts_with_work(now=NOON) == []
    assert not owing.deliver(account)
    pausing.resume_everything()
    assert delivery.accounts_with_work(now=NOON) == [account.pk]


def test_says_since_when_by_whom_and_why() -> None:
    assert (pausing.paused(), pausing.paused_since()) == ({}, None)

    pause()

    assert pausing.paused_since() == NOON
    assert pausing.paused() == {"since": NOON.isoformat(), "by": "Olga", "why": "a wrong price"}


def test_what_was_in_hand_goes_on_after_it(account: Account, offers: VibesList) -> None:
    owing.texts(offers, make.ANA)
    rows = delivery.claim(account, actions=["text"], limit=1, now=NOON)
    pause()
    pausing.resume_everything()

    assert len(delivery.permit(rows, now=NOON + timedelta(seconds=1))) == 1
