"""Celery's door into campaigns. Each task makes one call and says what is next; `tick` finds what no bell announced."""

from celery import shared_task

from people import ticking
from people.clock import database_clock, database_now
from vibes import lock, pausing
from vibes.tasks import deliver_due

from . import binning, brake, control, effects, launch, listener, outlook, runner, schedule
from .models import Run


@shared_task(ignore_result=True)
def start_slot(*, slot_id: int, **_: object) -> None:
    """Start the run of a slot whose time has come."""
    if lock.is_on():
        return
    if run := schedule.start(slot_id, now=database_now()):
        prepare_run.delay_on_commit(run_id=run.pk)  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def prepare_run(*, run_id: int, **_: object) -> None:
    """Find a run's people and ask Vibes about them; then let its cohorts go."""
    if lock.is_on():
        return
    state = launch.prepare(run_id, clock=database_clock())
    if state == Run.State.RUNNING:
        tick.delay_on_commit()  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def advance_cohort(*, cohort_id: int, **_: object) -> None:
    """Take one cohort through its next step."""
    if lock.is_on():
        return
    if runner.advance(cohort_id, now=database_now()) is runner.Next.CONTINUE:
        advance_cohort.delay_on_commit(cohort_id=cohort_id)  # type: ignore[attr-defined]
    deliver_due.delay_on_commit()  # type: ignore[attr-defined]
    if effects.is_due(now=database_now()):
        deliver_effects.delay_on_commit()  # type: ignore[attr-defined]
    _ring_for_listening()


@shared_task(ignore_result=True)
def listen_for_campaign(*, campaign_id: int, **_: object) -> None:
    """Let those into a triggered campaign who were requested; then let them go."""
    if lock.is_on():
        return
    if listener.listen(campaign_id, clock=database_clock()):
        listen_for_campaign.delay_on_commit(campaign_id=campaign_id)  # type: ignore[attr-defined]
        tick.delay_on_commit()  # type: ignore[attr-defined]


def _ring_for_listening() -> None:
    for campaign_id in listener.due(now=database_now()):
        listen_for_campaign.delay_on_commit(campaign_id=campaign_id)  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def deliver_effects(**_: object) -> None:
    """Do some of what steps owe outside Vibes."""
    if lock.is_on():
        return
    if effects.deliver(clock=database_clock()):
        deliver_effects.delay_on_commit()  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def wind_up_run(*, run_id: int, **_: object) -> None:
    """Write down that what a stopped run owed is cancelled."""
    if not control.wind_up(run_id, clock=database_clock()):
        wind_up_run.delay_on_commit(run_id=run_id)  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def let_run_go(*, run_id: int, **_: object) -> None:
    """Cancel what became late of a run that was resumed, then let it go on."""
    if not control.let_go(run_id, clock=database_clock()):
        let_run_go.delay_on_commit(run_id=run_id)  # type: ignore[attr-defined]
    else:
        prepare_run.delay_on_commit(run_id=run_id)  # type: ignore[attr-defined]
        tick.delay_on_commit()  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def let_everything_go(**_: object) -> None:
    """The same for everything, where the one switch was let go of."""
    if not brake.let_go(clock=database_clock()):
        let_everything_go.delay_on_commit()  # type: ignore[attr-defined]
    else:
        deliver_due.delay_on_commit()  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def tick(*, by: str = "", **_: object) -> None:
    """Find all due work: runs to start, to prepare and to call finished, cohorts to advance. Nothing while
    locked.

    `by` says whose bell it was, where that is asked later (people.ticking).
    """
    if by:
        ticking.note(by=by, now=database_now())
    if lock.is_on():
        return
    now = database_now()
    for slot_id in schedule.due(now=now):
        start_slot.delay_on_commit(slot_id=slot_id)  # type: ignore[attr-defined]
    for run_id in launch.to_prepare(now=now):
        prepare_run.delay_on_commit(run_id=run_id)  # type: ignore[attr-defined]
    for cohort_id in runner.due(now=now):
        advance_cohort.delay_on_commit(cohort_id=cohort_id)  # type: ignore[attr-defined]
    if effects.is_due(now=now):
        deliver_effects.delay_on_commit()  # type: ignore[attr-defined]
    _ring_for_listening()
    _ring_for_cancelling()
    outlook.sample(now=now)
    binning.erase_due(now=now)
    launch.finish_runs(now=now)


def _ring_for_cancelling() -> None:
    """What was too much to be cancelled by the click that asked for it."""
    for run_id in control.to_wind_up():
        wind_up_run.delay_on_commit(run_id=run_id)  # type: ignore[attr-defined]
    for run_id in control.to_let_go():
        let_run_go.delay_on_commit(run_id=run_id)  # type: ignore[attr-defined]
    if pausing.late_before():
        let_everything_go.delay_on_commit()  # type: ignore[attr-defined]
