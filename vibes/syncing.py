"""How a sync that somebody asked for goes, in words for whoever waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.messages import constants
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vibes.catalogue import OVER
from vibes.models import Account

# A worker takes it up within a sweep; after this the page says that none seems to run.
PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True)
class State:
    """Whether it is still open, and what to say; `level` is one of Django's for messages."""

    since: datetime
    is_open: bool
    words: str
    level: int = constants.INFO


def state(account: Account, *, since: datetime, now: datetime) -> State:
    """How the sync asked for at `since` stands. A later wish is somebody else's."""
    wanted = account.sync_wanted_at
    if wanted is not None and wanted <= since:
        return State(since, True, _waiting(account, since, now))
    if account.health != Account.Health.CONNECTED:
        words = f"{account.get_health_display()}: {account.health_detail}"
        return State(since, False, words, constants.ERROR)
    return State(since, False, _("Up to date: %s") % _found(account, since), constants.SUCCESS)


def open_state(account: Account, *, now: datetime) -> State | None:
    """The sync that is wanted and has not been tried since; None when there is none to wait for."""
    wanted = account.sync_wanted_at
    # Where Vibes was away it is wanted again from that very try on: nobody waits for that.
    if wanted is None or wanted == account.checked_at:
        return None
    return state(account, since=wanted, now=now)


def _waiting(account: Account, since: datetime, now: datetime) -> str:
    is_taken_up = account.checked_at is not None and account.checked_at > since
    if is_taken_up or now - since < PATIENCE:
        return _("Asking Vibes for lists and campaigns…")
    return _("Nobody has taken this up yet. Is a worker running?")


def _found(account: Account, since: datetime) -> str:
    """“2 lists, 3 acquisition campaigns; 1 list gone; 1 list without a sender”."""
    offered = account.lists.offered()
    lists, unsent = offered.count(), offered.without_sender().count()
    campaigns = account.acquisition_campaigns.exclude(status__in=OVER).count()
    gone = account.lists.filter(gone_at__gte=since).count()
    said = [
        ngettext("%d list", "%d lists", lists) % lists
        + ", "
        + ngettext("%d acquisition campaign", "%d acquisition campaigns", campaigns) % campaigns
    ]
    if gone:
        said.append(ngettext("%d list gone", "%d lists gone", gone) % gone)
    if unsent:
        words = ngettext("%d list without a sender", "%d lists without a sender", unsent)
        said.append(words % unsent)
    return "; ".join(said)
