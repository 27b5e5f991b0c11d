"""Stop means stop, whatever is under way in other processes at that moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

import pytest

from campaigns import control, runner
from campaigns.models import Cohort, Run, Verdict
from people.models import Person
from tests.campaigns import make
from tests.campaigns.test_runner import running
from tests.elsewhere import Elsewhere
from vibes import delivery, outbox
from vibes.models import Account, OutboxRow
from vibes.sending import Answer

NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
States = list[str]


@pytest.fixture
def run() -> Run:
    offers = make.vibes_list()
    make.subscribers(offers, 3, city="Chicago")
    steps = [make.send(make.approved_message(), offers)]
    return running(make.campaign(filters=[make.in_city()], steps=steps))


def advance(run: Run) -> runner.Next:
    return runner.advance(Cohort.objects.get(run=run).pk, now=NOON)


def stop(run: Run) -> int:
    return control.stop(run.pk, by=None, now=NOON).cancelled


def rows() -> States:
    return list(OutboxRow.objects.values_list("state", flat=True))


def verdicts() -> States:
    return list(Verdict.objects.values_list("state", flat=True))


def while_stopping(run: Run, where: str, deed: Callable[[], Any]) -> Any:
    """Do something in another thread when Stop has come to `outbox.<where>`; its answer."""
    whole = getattr(outbox, where)
    other: list[Elsewhere] = []

    def halfway(*args: Any, **kwargs: Any) -> Any:
        if not other:
            other.append(Elsewhere(deed))
            sleep(0.5)  # long enough to run into our locks
        return whole(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, where, halfway)
        stop(run)
    return other[0].wait()


@pytest.mark.django_db(transaction=True)
def test_a_cohort_that_comes_while_the_run_is_stopped_goes_no_further(run: Run) -> None:
    assert while_stopping(run, "cancel_run", lambda: advance(run)) is runner.Next.REST

    assert (rows(), verdicts()) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_comes_while_the_run_is_stopped_gets_no_permission(run: Run) -> None:
    advance(run)
    claimed = delivery.claim(Account.objects.get(), actions=["text"], limit=9, now=NOON)

    permitted = while_stopping(run, "tell", lambda: delivery.permit(claimed, now=NOON))

    assert (permitted, rows()) == ([], ["cancelled"] * 3)


@pytest.mark.django_db
def test_a_cohort_of_a_stopped_run_stays_where_it_is(run: Run) -> None:
    Run.objects.update(state=Run.State.CANCELLED)

    assert advance(run) is runner.Next.REST
    assert (Cohort.objects.get().position, verdicts()) == (0, [])


@pytest.mark.django_db
def test_what_was_on_the_wire_is_not_tried_again(run: Run) -> None:
    advance(run)
    account = Account.objects.get()
    claimed = delivery.claim(account, actions=["text"], limit=9, now=NOON)
    flying = delivery.permit(claimed, now=NOON)

    stop(run)
    delivery.settle([(row, Answer.again("429", counts=False)) for row in flying], now=NOON)

    assert (rows(), verdicts()) == (["cancelled"] * 3, ["cancelled"] * 3)
    later = NOON + timedelta(hours=1)
    assert delivery.claim(account, actions=["text"], limit=9, now=later) == []


@pytest.mark.django_db
def test_what_vibes_took_before_counts_as_sent(run: Run) -> None:
    advance(run)
    claimed = delivery.claim(Account.objects.get(), actions=["text"], limit=9, now=NOON)
    flying = delivery.permit(claimed, now=NOON)

    stop(run)
    delivery.settle([(row, Answer(OutboxRow.State.ACCEPTED)) for row in flying], now=NOON)

    assert verdicts() == ["sent"] * 3


@pytest.mark.django_db
def test_a_stopped_text_keeps_its_verdict_when_the_number_opts_out(run: Run) -> None:
    advance(run)
    claimed = delivery.claim(Account.objects.get(), actions=["text"], limit=9, now=NOON)
    stop(run)
    Person.objects.update(block_listed=True)

    assert delivery.permit(claimed, now=NOON) == []
    assert verdicts() == ["cancelled"] * 3
