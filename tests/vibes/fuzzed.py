"""Where fuzzed callbacks are thrown: our endpoint, a Vibes that can be asked, and what must hold after."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from people.models import Person
from tests.people import make as people
from tests.vibes import fuzzing, make
from tests.vibes.pretend import Simulator
from vibes import callbacks, outbox
from vibes.models import Account, Callback, OutboxRow, Subscription

MEMBER = make.ANA  # the only one Vibes knows as a member, of the first list


class Range:
    """An account with two lists, people, texts under way; nobody a member at Vibes but one."""

    def __init__(self, account: Account, simulator: Simulator) -> None:
        simulator.members("1234", MEMBER)
        self.account = account
        offers = make.vibes_list(account)
        make.vibes_list(account, vibes_id="5678", name="Service alerts")
        make.campaign(offers)
        someone = [people.person(mobile=each) for each in fuzzing.NUMBERS[:20]]
        make.subscription(offers, MEMBER)
        self.event_ids = _texts_under_way(offers, someone)

    def throw(self, *, seed: int, count: int) -> dict[str, Any]:
        """Throw them, apply them, and say what came of it."""
        address = reverse("vibes:callback", args=[self.account.callback_token])
        answers = Counter[int]()
        for each in fuzzing.thrown(seed, count, self.event_ids):
            answers[_answer(address, each)] += 1
        kept, now = Callback.objects.count(), timezone.now()
        self._apply_all(now)
        broken = Callback.objects.filter(outcome__startswith=callbacks.BROKEN).count()
        waiting = callbacks.to_apply().count()
        raised = self._raised()
        ok = set(answers) == {200} and not (broken or waiting or raised)
        found = {"answers": dict(answers), "kept": kept, "broken": broken, "waiting": waiting}
        return found | {"consent_raised": raised, "ok": ok}

    def _apply_all(self, now: datetime) -> None:
        """As the worker would, at three ticks, a sync having happened since: Vibes may miss a call."""
        Account.objects.update(synced_at=now + timedelta(seconds=1))
        while callbacks.apply_receipts(now):
            pass
        for _tick in range(3):
            for pk in callbacks.to_apply().values_list("pk", flat=True):
                callbacks.apply(pk, now)

    def _raised(self) -> int:
        """Members by our copy whom Vibes does not know as such."""
        members = Subscription.objects.filter(state=Subscription.State.SUBSCRIBED)
        return members.exclude(mobile=MEMBER, vibes_list__vibes_id="1234").count()


def _texts_under_way(offers: Any, someone: list[Person]) -> list[str]:
    visit = outbox.Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=make.NOON)
    orders = [outbox.Order(each.pk, each.pk, each.mobile, "Hi", 1) for each in someone]
    outbox.queue_texts(orders, vibes_list=offers, visit=visit, message_name="Offer")
    rows = OutboxRow.objects.all()
    rows.update(state=OutboxRow.State.ACCEPTED, sending_at=make.NOON)
    return [str(each) for each in rows.values_list("event_id", flat=True)]


def _answer(address: str, thrown: fuzzing.Thrown) -> int:
    browser = Browser(raise_request_exception=False)
    extra: dict[str, Any] = dict(thrown.headers)
    answer = browser.generic(thrown.method.upper(), address, thrown.body, thrown.kind, **extra)
    return int(answer.status_code)
