"""Celery's door into people. Each task loads nothing, makes one call, and says what is next."""

from celery import shared_task

from people import importing, partitions
from people.clock import database_now


@shared_task(ignore_result=True)
def import_slice(*, job_id: int, **_: object) -> None:
    """Take some slices of an import, then ring for whoever is next."""
    if importing.take_slices(job_id, now=database_now()):
        _ring()


@shared_task(ignore_result=True)
def tick(**_: object) -> None:
    """Find what no message announced, and do what the calendar asks."""
    now = database_now()
    partitions.ensure_months(now)
    importing.forget_unmapped(now)
    _ring()


def _ring() -> None:
    job_id = importing.next_job()
    if job_id is not None:
        import_slice.delay_on_commit(job_id=job_id)  # type: ignore[attr-defined]
