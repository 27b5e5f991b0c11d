"""What Vibes answered is written down whatever stands in another answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import sleep
from typing import Any

import pytest

from tests.vibes import make, owing
from tests.vibes.make import ANA, BEN, EVE, NOON
from tests.vibes.owing import states
from tests.vibes.pretend import Simulator
from vibes import delivery, gate, sending, settling
from vibes.models import Account, OutboxRow, VibesList
from vibes.sending import Answer

pytestmark = pytest.mark.django_db
State = OutboxRow.State
ODD = "odd \ud800 words"  # which no database takes
TAKEN = Answer(State.ACCEPTED)
Apply = Callable[[list[OutboxRow], Answer, datetime], None]


@pytest.fixture
def offers(db: None) -> VibesList:
    return make.vibes_list(make.account())


def answered(offers: VibesList, **answers: Answer) -> list[tuple[OutboxRow, Answer]]:
    """Texts on the wire to the people of these names, and what Vibes answered of each."""
    mobiles = {"ana": ANA, "ben": BEN, "eve": EVE}
    owing.texts(offers, *(mobiles[each] for each in answers))
    rows = delivery.claim(offers.account, actions=["text"], limit=9, now=NOON)
    said = {mobiles[name]: answer for name, answer in answers.items()}
    return [(row, said[row.mobile]) for row in delivery.permit(rows, now=NOON)]


def stumbling(apply: Apply) -> Apply:
    """The same, with an error of ours at every refusal."""

    def stumble(rows: list[OutboxRow], answer: Answer, now: datetime) -> None:
        if answer.state == State.REJECTED:
            raise ZeroDivisionError
        apply(rows, answer, now)

    return stumble


def test_one_strange_answer_leaves_the_others_theirs_and_keeps_its_state(offers: VibesList) -> None:
    strange = Answer(State.REJECTED, gate.Reason.REFUSED, ODD)

    settling.settle_surely(answered(offers, ana=TAKEN, ben=strange, eve=TAKEN), owing.at(NOON))

    taken = ("accepted", "")
    assert states() == {ANA: taken, BEN: ("rejected", "refused-by-vibes"), EVE: taken}
    assert OutboxRow.objects.get(mobile=BEN).detail == ""


def test_what_cannot_be_settled_at_all_is_raised_when_the_others_are_safe(
    offers: VibesList, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = answered(offers, ana=TAKEN, ben=Answer(State.REJECTED), eve=TAKEN)
    monkeypatch.setattr(settling, "_apply", stumbling(settling._apply))
    with pytest.raises(ZeroDivisionError):
        settling.settle_surely(answers, owing.at(NOON))

    assert [states()[each][0] for each in (ANA, BEN, EVE)] == ["accepted", "sending", "accepted"]


def test_errors_of_ours_in_two_batches_cost_the_third_nothing(
    account: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    mobiles = [ANA, BEN, EVE, "+13125550104"]
    owing.texts(make.vibes_list(account), *mobiles)

    def answer_late(row: OutboxRow, *_: Any, **__: Any) -> Answer:
        place = mobiles.index(row.mobile)
        sleep(place * 0.3)
        return Answer(State.REJECTED if place in (1, 2) else State.ACCEPTED)

    monkeypatch.setattr(sending, "send", answer_late)
    monkeypatch.setattr(settling, "_apply", stumbling(settling._apply))
    with pytest.raises(ZeroDivisionError):
        owing.deliver(account)

    assert [states()[each][0] for each in mobiles] == ["accepted", "sending", "sending", "accepted"]
