"""Celery's door into vibes. Whatever a lost message leaves undone, `tick` finds in the database."""

from datetime import timedelta
from time import monotonic

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from vibes import callbacks, connection, delivery, expiry, sweeps
from vibes.client import Client, VibesError
from vibes.models import Account

SYNC_EVERY = timedelta(hours=1)
SYNC_AGAIN = timedelta(minutes=5)
CALLBACKS_A_TICK = 500


@shared_task(ignore_result=True)
def apply_callback(*, callback_id: int, **_: object) -> None:
    """Apply one callback. One that waits for Vibes is found again by the tick."""
    callbacks.apply(callback_id, timezone.now())


@shared_task(ignore_result=True)
def apply_callbacks(**_: object) -> None:
    """Apply what waits, for about as long as a sweep: first receipts in bulk, then each by itself."""
    ends = monotonic() + settings.SWEEP_SECONDS
    while callbacks.apply_receipts(timezone.now()) and monotonic() < ends:
        pass
    for callback_id in callbacks.to_apply().values_list("pk", flat=True)[:CALLBACKS_A_TICK]:
        callbacks.apply(callback_id, timezone.now())
        if monotonic() > ends:
            return


@shared_task(ignore_result=True)
def sync_account(*, account_id: int, **_: object) -> None:
    """Copy what Vibes offers, and see to our senders and callbacks there."""
    connection.sync(Account.objects.get(pk=account_id), now=timezone.now())


@shared_task(ignore_result=True)
def expire_pending(*, account_id: int, **_: object) -> None:
    """Settle the opt-ins nobody answered in time."""
    account = Account.objects.get(pk=account_id)
    try:
        with Client(account, slots=1) as client:
            expiry.expire_pending(account, client, timezone.now())
    except VibesError as fault:
        connection.note(account, fault, now=timezone.now())


@shared_task(ignore_result=True)
def tick(**_: object) -> None:
    """Ring for everything that is due and was not done."""
    now, fresh = timezone.now(), {"expires": settings.SWEEP_SECONDS}
    if callbacks.to_apply().exists():
        apply_callbacks.apply_async(**fresh)
    for account_id in expiry.accounts_with_overdue(now):
        expire_pending.apply_async(kwargs={"account_id": account_id}, **fresh)
    due = connection.due_for_sync(before=now - SYNC_EVERY, tried_before=now - SYNC_AGAIN)
    for account_id in due.values_list("pk", flat=True):
        sync_account.apply_async(kwargs={"account_id": account_id}, **fresh)
    sweeps.start_nightly(now)
    for sweep_id in sweeps.to_continue(now).values_list("pk", flat=True):
        advance_sweep.apply_async(kwargs={"sweep_id": sweep_id}, **fresh)
    _sweep_outbox()


@shared_task(ignore_result=True)
def advance_sweep(*, sweep_id: int, **_: object) -> None:
    """Compare some more numbers with Vibes; ring again while there are more."""
    if sweeps.advance(sweep_id, clock=timezone.now):
        advance_sweep.delay_on_commit(sweep_id=sweep_id)  # type: ignore[attr-defined]


# --- Delivery -----------------------------------------------------------------------------------


@shared_task(ignore_result=True)
def deliver(*, account_id: int, **_: object) -> None:
    """Send what is due for an account for a while; ring again when more is due."""
    if delivery.deliver(account_id, clock=timezone.now):
        deliver.delay_on_commit(account_id=account_id)  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def deliver_due(**_: object) -> None:
    """Ring for every account with something due."""
    for account_id in delivery.accounts_with_work(now=timezone.now()):
        deliver.delay_on_commit(account_id=account_id)  # type: ignore[attr-defined]


def _sweep_outbox() -> None:
    """Take back what dead workers held, and ring for accounts with something due."""
    delivery.sweep(now=timezone.now())
    deliver_due()
