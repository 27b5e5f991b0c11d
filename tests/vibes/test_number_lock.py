"""Sending and opting out meet at the number's row, each on a connection of its own."""

from __future__ import annotations

from datetime import timedelta
from time import sleep

import pytest
from django.db import transaction

from tests.elsewhere import Elsewhere
from tests.vibes import make, owing
from tests.vibes.make import ANA, NOON
from vibes import consent, delivery, subscriptions
from vibes.models import Subscription


@pytest.mark.django_db(transaction=True)
def test_no_permission_is_given_while_an_opt_out_is_being_written() -> None:
    offers = make.vibes_list(make.account())
    owing.texts(offers, ANA)
    claimed = delivery.claim(offers.account, actions=["text"], limit=9, now=NOON)
    at = NOON + timedelta(seconds=1)

    with transaction.atomic():
        left = Subscription.State.UNSUBSCRIBED
        subscriptions.change(ANA, offers, left, source=consent.TOLD, told_at=at, now=at)
        sender = Elsewhere(lambda: delivery.permit(claimed, now=at))
        sleep(0.3)

    assert sender.wait() == []
