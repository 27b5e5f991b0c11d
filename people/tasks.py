"""Celery's door into people. Each task loads nothing, makes one call, and says what is next."""

from celery import shared_task

from people import (
    checking,
    erasing,
    exporting,
    importing,
    partitions,
    receiving,
    tracing,
    undoing,
)
from people.clock import database_now
from people.models import ImportJob


@shared_task(ignore_result=True)
def check_import(*, job_id: int, **_: object) -> None:
    """Look through some slices of a file, then ring for the next."""
    if checking.look_through(job_id, now=database_now()):
        check_import.delay_on_commit(job_id=job_id)  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def import_slice(*, job_id: int, **_: object) -> None:
    """Take some slices of an import, then ring for whoever is next."""
    if importing.take_slices(job_id, now=database_now()):
        _ring()


@shared_task(ignore_result=True)
def erase_people(**_: object) -> None:
    """Erase for good whose time has come, some at a time."""
    if erasing.erase_due(clock=database_now):
        erase_people.delay_on_commit()  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def undo_import(*, job_id: int, **_: object) -> None:
    """Undo some slices of an import, then ring for the next."""
    if undoing.undo_slices(job_id, now=database_now()):
        undo_import.delay_on_commit(job_id=job_id)  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def write_export(*, job_id: int, **_: object) -> None:
    """Write some slices of an export, then ring for the next."""
    if exporting.write_slices(job_id, now=database_now()):
        write_export.delay_on_commit(job_id=job_id)  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def tick(**_: object) -> None:
    """Find what no message announced, and do what the calendar asks."""
    now = database_now()
    partitions.ensure_months(now)
    if erasing.due(now):
        erase_people.delay_on_commit()  # type: ignore[attr-defined]
    receiving.forget_unmapped(now)
    tracing.forget_old(now)
    exporting.forget_old(now)
    _ring()
    _ring_for_the_rest()


def ring_for(job: ImportJob) -> None:
    """Announce what its state asks for."""
    tasks = {
        ImportJob.State.CHECKING: check_import,
        ImportJob.State.WAITING: import_slice,
        ImportJob.State.RUNNING: import_slice,
        ImportJob.State.UNDOING: undo_import,
    }
    if task := tasks.get(ImportJob.State(job.state)):
        task.delay_on_commit(job_id=job.pk)  # type: ignore[attr-defined]


def _ring() -> None:
    job_id = importing.next_job()
    if job_id is not None:
        import_slice.delay_on_commit(job_id=job_id)  # type: ignore[attr-defined]


def _ring_for_the_rest() -> None:
    beside = [ImportJob.State.CHECKING, ImportJob.State.UNDOING]
    for job in ImportJob.objects.filter(state__in=beside):
        ring_for(job)
    for job_id in exporting.unfinished():
        write_export.delay_on_commit(job_id=job_id)  # type: ignore[attr-defined]
