"""A service made by mistake goes again, as long as nothing was ever done through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Model, ProtectedError
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vibes import intake, registrations, senders
from vibes.client import Client, VibesError
from vibes.models import Account, Drift, Subscription

log = structlog.get_logger(__name__)
NAMED = gettext_lazy(
    "A smart campaign names a list or a campaign of it, in its flow, in a filter or in a "
    "published version. Take it out there first; a published version keeps it for good."
)


class InUse(Exception):
    """The service stays. Why, in words for whoever wanted it gone."""


@dataclass(frozen=True)
class Goes:
    """So many of these go with a service."""

    label: str | Promise
    count: int


def what_goes(account: Account) -> list[Goes]:
    """Everything here that goes with the service, counted."""
    drifts = Drift.objects.filter(sweep__account=account)
    copies = Subscription.objects.filter(vibes_list__account=account)
    return [
        Goes(gettext_lazy("Lists"), account.lists.count()),
        Goes(gettext_lazy("Acquisition campaigns"), account.acquisition_campaigns.count()),
        Goes(gettext_lazy("Our copies of subscriptions"), copies.count()),
        Goes(gettext_lazy("Callbacks received"), account.callbacks.count()),
        Goes(gettext_lazy("Comparisons with Vibes"), account.sweeps.count()),
        Goes(gettext_lazy("Differences found by them"), drifts.count()),
    ]


def obstacle(account: Account) -> str:
    """Why the service has to stay, in words; '' when it may go. The database judges; nothing is kept."""
    try:
        with transaction.atomic():
            _delete(account)
            transaction.set_rollback(True)
    except InUse as used:
        return str(used)
    return ""


def delete(account: Account, *, now: datetime) -> str:
    """End what is ours at Vibes, then delete the service here; the consent ledger stays.

    Returns in words what could not be ended at Vibes, '' when all was. Raises InUse, and then
    nothing was ended. Interrupted, it may be done again.
    """
    if words := obstacle(account):
        raise InUse(words)
    left = _end_at_vibes(account, now)
    with transaction.atomic():
        _delete(account)
    intake.forget_tokens()
    log.info("a service was deleted", account=account.pk, left_at_vibes=bool(left))
    return left


def _delete(account: Account) -> None:
    """Raises InUse where something that stays refers to it: a text, a call, a flow step, a filter."""
    if account.outbox.exists():
        raise InUse(
            _("Texts or subscriptions went through it, or are about to: keep it for the evidence.")
        )
    if account.callbacks.filter(applied_at=None).exists():  # there may be a STOP among them
        raise InUse(_("Callbacks of it still wait to be applied. Try again in a minute."))
    offers = [*account.lists.all(), *account.acquisition_campaigns.all()]
    try:
        if any(is_named(each) for is_named in _references() for each in offers):
            raise InUse(str(NAMED))
        Account.objects.filter(pk=account.pk).delete()
    except ProtectedError as used:
        raise InUse(str(NAMED)) from used


def _references() -> list[Callable[[Model], bool]]:
    return [import_string(each) for each in settings.VIBES_REFERENCES]


def _end_at_vibes(account: Account, now: datetime) -> str:
    """Senders and registrations, each as far as Vibes answers; what was left, in words."""
    deeds: list[tuple[str, Callable[[Client], None]]] = [
        (_("the callbacks registered for it"), lambda at: registrations.end(account, at, now)),
        (_("the senders of its lists"), lambda at: senders.end(account, at)),
    ]
    left = []
    with Client(account, slots=1) as client:
        for words, deed in deeds:
            try:
                deed(client)
            except VibesError as fault:
                left.append(f"{words} ({fault})")
    return "; ".join(left)
