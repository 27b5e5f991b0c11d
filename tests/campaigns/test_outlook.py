"""How fast a run goes and when it is over: measured, or foreseen at the permitted rate."""

from datetime import timedelta

import pytest

from campaigns import enrolling, launch, outlook, results
from campaigns.audience import people as audience
from campaigns.models import Campaign, Run, Sample
from campaigns.outlook import Outlook
from campaigns.versions import flow_of
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes import delivery
from vibes.models import Account, VibesList

pytestmark = pytest.mark.django_db
NOON, MINUTE = runs.NOON, timedelta(minutes=1)


@pytest.fixture
def offers() -> VibesList:
    offers = make.vibes_list()
    Account.objects.update(events_per_second=2, calls_per_second=1)
    return offers


@pytest.fixture
def campaign(offers: VibesList) -> Campaign:
    """Ten people, all members."""
    make.subscribers(offers, 10, city="Chicago")
    return make.ready_campaign()


def look(run: Run, *, is_free: bool = True) -> Outlook:
    run.refresh_from_db()
    return outlook.of(run, results.sums(run), is_free=is_free, now=NOON)


def enrolled(campaign: Campaign) -> Run:
    """A run in which nobody has reached a step."""
    run = make.run(campaign)
    run.entered = enrolling.enrol(
        run, audience(flow_of(run.version).smart_list, now=NOON), now=NOON
    )
    run.state = Run.State.RUNNING
    run.save()
    return run


def test_what_is_queued_leaves_at_the_permitted_rate(campaign: Campaign) -> None:
    run = runs.running(campaign)
    runs.settle(run, number=4)

    found = look(run)

    assert (found.left, found.takes) == (6, timedelta(seconds=3))
    assert found.ends_at == NOON + timedelta(seconds=3)


def test_what_is_on_the_wire_is_not_left_any_more(campaign: Campaign) -> None:
    run = runs.running(campaign)
    rows = delivery.claim(Account.objects.get(), actions=["text"], limit=9, now=NOON)
    delivery.permit(rows[:3], now=NOON)

    assert (look(run).flying, look(run).left) == (3, 7)


def test_no_end_is_named_while_something_holds_it_up(campaign: Campaign) -> None:
    found = look(runs.running(campaign), is_free=False)

    assert (found.left, found.takes, found.ends_at) == (10, None, None)


def test_other_runs_that_are_queued_before_go_first(campaign: Campaign) -> None:
    first, second = runs.running(campaign), runs.running(campaign)
    runs.settle(first, number=4)

    assert (look(first).ahead, look(second).ahead) == (0, 6)
    assert look(second).takes == timedelta(seconds=8)


@pytest.mark.parametrize("state", [Run.State.PAUSED, Run.State.CANCELLED])
def test_a_run_that_does_not_move_is_not_ahead(campaign: Campaign, state: str) -> None:
    first, second = runs.running(campaign), runs.running(campaign)
    Run.objects.filter(pk=first.pk).update(state=state)

    assert look(second).ahead == 0


def test_people_who_come_to_a_step_are_foreseen_behind_everything(campaign: Campaign) -> None:
    other = runs.running(campaign)
    run = enrolled(campaign)

    assert (look(run).left, look(run).ahead) == (10, 10)
    assert look(other).ahead == 0


def test_asking_comes_before_sending(campaign: Campaign) -> None:
    run = enrolled(campaign)
    Run.objects.update(state=Run.State.ASKING, to_ask=7, asked=3)

    assert look(run).takes == timedelta(seconds=4 + 5)


def test_what_comes_is_foreseen_by_what_became_of_those_before(
    campaign: Campaign, offers: VibesList
) -> None:
    """Half of those who came were skipped, so half of those to come will be."""
    run = runs.running(campaign)
    run.verdicts.filter(pk__in=run.verdicts.all()[:5]).update(state="skipped")
    Run.objects.update(entered=30)

    assert look(run).left == 5 + 10


def test_nobody_is_foreseen_beyond_a_wait(offers: VibesList) -> None:
    make.subscribers(offers, 10, city="Chicago")
    text = make.send(make.approved_message(), offers)
    steps = [text, make.wait(), text]
    run = enrolled(make.campaign(filters=[make.in_city()], steps=steps))

    assert look(run).left == 10


# --- The pace -------------------------------------------------------------------------------------


def test_the_pace_is_what_was_sent_over_the_last_minute(campaign: Campaign) -> None:
    run = runs.running(campaign)
    outlook.sample(now=NOON - 2 * MINUTE)
    runs.settle(run, number=4)
    outlook.sample(now=NOON - MINUTE)
    runs.settle(run, number=3)

    assert look(run).pace == pytest.approx(3 / 60)


def test_no_pace_is_claimed_before_it_was_measured(campaign: Campaign) -> None:
    run = runs.running(campaign)
    outlook.sample(now=NOON)

    assert look(run).pace is None


def test_samples_are_taken_of_what_moves_not_too_often_and_not_kept(campaign: Campaign) -> None:
    moving, over = runs.running(campaign), runs.running(campaign)
    runs.settle(over)
    launch.finish_runs(now=NOON)

    for seconds in (0, 1, 6):
        outlook.sample(now=NOON + timedelta(seconds=seconds))

    kept = Sample.objects.order_by("at").values_list("run_id", "at")
    assert list(kept) == [(moving.pk, NOON), (moving.pk, NOON + timedelta(seconds=6))]
    outlook.sample(now=NOON + 10 * MINUTE)
    assert Sample.objects.count() == 1
