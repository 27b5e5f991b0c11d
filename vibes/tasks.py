
"""Celery's door into vibes. Each task makes one call; whatever a lost message leaves undone, `tick` finds."""

from celery import shared_task


@shared_task(ignore_result=True)
def apply_callback(*, callback_id: int, **_: object) -> None:
    """Apply one callback."""
