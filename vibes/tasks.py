"""Celery's door into vibes. Whatever a lost message leaves undone, `tick` finds in the database."""

from datetime import datetime
from time import monotonic, sleep

from celery import shared_task
from celery.signals import beat_init
from django.conf import settings
from django.db.models import QuerySet

from people.clock import database_clock, database_now
from vibes import (
    callbacks,
    connection,
    delivery,
    expiry,
    lock,
    outcomes,
    registrations,
    sweeps,
)
from vibes.client import Client, VibesError
from vibes.models import Account, Callback

CALLBACKS_A_TICK = 500
LONGEST_GAP = 0.5  # seconds between two batches of receipts


@shared_task(ignore_result=True)
def apply_callback(*, callback_id: int, **_: object) -> None:
    """Apply a no, at once. One that waits for Vibes is found again by the tick."""
    callbacks.apply(callback_id, database_now())


@shared_task(ignore_result=True)
def confirm_callback(*, callback_id: int, **_: object) -> None:
    """Apply what Vibes is asked about. While it does not answer, that is left to the tick."""
    if not callbacks.is_in_vain(callback_id):
        callbacks.apply(callback_id, database_now())


@shared_task(ignore_result=True)
def apply_callbacks(**_: object) -> None:
    """Apply what must not wait, for about as long as a sweep: every no, then receipts in bulk."""
    ends = monotonic() + settings.SWEEP_SECONDS
    _apply_each(callbacks.noes(), ends - settings.SWEEP_SECONDS / 2)
    _apply_receipts(ends)


@shared_task(ignore_result=True)
def confirm_callbacks(**_: object) -> None:
    """Apply what waits for Vibes to be asked, for about as long as a sweep."""
    _apply_each(callbacks.to_ask(), monotonic() + settings.SWEEP_SECONDS)


def _apply_receipts(ends: float) -> None:
    """In bulk, until none waits. Where one writer keeps all others out, half of the time is theirs."""
    began = monotonic()
    while callbacks.apply_receipts(database_now()) and monotonic() < ends:
        if callbacks.one_writer():
            sleep(min(monotonic() - began, LONGEST_GAP))
        began = monotonic()


def _apply_each(waiting: QuerySet[Callback], ends: float) -> None:
    words = outcomes.table()
    for callback_id in waiting.values_list("pk", flat=True)[:CALLBACKS_A_TICK]:
        callbacks.apply(callback_id, database_now(), words=words)
        if monotonic() > ends:
            return


@shared_task(ignore_result=True)
def apply_callbacks_again(**_: object) -> None:
    """Apply the receipts that were not understood, and are now that the table was changed."""
    ends = monotonic() + settings.SWEEP_SECONDS
    while callbacks.try_again() and monotonic() < ends:
        callbacks.apply_receipts(database_now())


@shared_task(ignore_result=True)
def sync_account(*, account_id: int, **_: object) -> None:
    """Copy what Vibes offers, and see to our senders and callbacks there."""
    account, now = Account.objects.get(pk=account_id), database_now()
    if connection.begin_sync(account, now=now):
        connection.sync(account, now=now)


def take_up(account: Account) -> None:
    """Sync now, and send what waited: rung for at once, and found by the tick otherwise."""
    connection.want_sync(Account.objects.filter(pk=account.pk), now=database_now())
    sync_account.delay_on_commit(account_id=account.pk)  # type: ignore[attr-defined]
    deliver.delay_on_commit(account_id=account.pk)  # type: ignore[attr-defined]


@beat_init.connect
def sync_at_start(**_: object) -> None:
    """Whatever happened at Vibes while nothing ran here is looked for at once."""
    connection.want_sync(Account.objects.all(), now=database_now())


@shared_task(ignore_result=True)
def try_held(**_: object) -> None:
    """Try the accounts that Vibes refused: one that answers again goes on."""
    connection.probe(now=database_now())


@shared_task(ignore_result=True)
def expire_pending(*, account_id: int, **_: object) -> None:
    """Settle the opt-ins nobody answered in time."""
    account = Account.objects.get(pk=account_id)
    try:
        with Client(account, slots=1) as client:
            expiry.expire_pending(account, client, database_now())
    except VibesError as fault:
        connection.note(account, fault, now=database_now())


@shared_task(ignore_result=True)
def tick(**_: object) -> None:
    """Ring for everything that is due and was not done. While locked, for nothing that asks Vibes."""
    now, fresh = database_now(), {"expires": settings.SWEEP_SECONDS}
    if callbacks.to_apply().exists():
        apply_callbacks.apply_async(**fresh)
    if callbacks.to_ask().exists():
        confirm_callbacks.apply_async(**fresh)
    if outcomes.understood_now():
        apply_callbacks_again.apply_async(**fresh)
    registrations.forget_previous(now)
    if not lock.is_on():
        _ring_for_calls(now)
    _sweep_outbox()


def _ring_for_calls(now: datetime) -> None:
    fresh = {"expires": settings.SWEEP_SECONDS}
    for account_id in expiry.accounts_with_overdue(now):
        expire_pending.apply_async(kwargs={"account_id": account_id}, **fresh)
    for account_id in connection.due_for_sync(now).values_list("pk", flat=True):
        sync_account.apply_async(kwargs={"account_id": account_id}, **fresh)
    if Account.objects.filter(held_until__lte=now).exists():
        try_held.apply_async(**fresh)
    sweeps.start_nightly(now)
    for sweep_id in sweeps.to_continue(now).values_list("pk", flat=True):
        advance_sweep.apply_async(kwargs={"sweep_id": sweep_id}, **fresh)


@shared_task(ignore_result=True)
def advance_sweep(*, sweep_id: int, **_: object) -> None:
    """Compare some more numbers with Vibes; ring again while there are more."""
    if sweeps.advance(sweep_id, clock=database_clock()):
        advance_sweep.delay_on_commit(sweep_id=sweep_id)  # type: ignore[attr-defined]


# --- Delivery -----------------------------------------------------------------------------------


@shared_task(ignore_result=True)
def deliver(*, account_id: int, **_: object) -> None:
    """Send what is due for an account for a while; ring again when more is due."""
    if delivery.deliver(account_id, clock=database_clock()):
        deliver.delay_on_commit(account_id=account_id)  # type: ignore[attr-defined]


@shared_task(ignore_result=True)
def deliver_due(**_: object) -> None:
    """Ring for every account with something due, once for each of its loops."""
    for account_id in delivery.accounts_with_work(now=database_now()):
        for _loop in range(settings.SEND_LOOPS):
            deliver.delay_on_commit(account_id=account_id)  # type: ignore[attr-defined]


def _sweep_outbox() -> None:
    """Take back what dead workers held, and ring for accounts with something due."""
    delivery.sweep_all(now=database_now())
    deliver_due()
