"""Restored work waits: whether this database may send from this machine, and if not, why.

A database knows its token, its mark and its epoch; a machine knows tokens, and the latest epoch of each
(`vibes.witness`). Where they disagree, the database was restored, copied, or carried elsewhere, and what
it thinks is owed may have been sent already. Nothing is, then, until an operator confirms (rule R10).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from . import heartbeats, mark, witness
from .models import Instance

log = structlog.get_logger(__name__)
THE_ONE = 1


class Why(StrEnum):
    """Why nothing may leave."""

    ELSEWHERE = "elsewhere"  # the machine does not know the database
    COPIED = "copied"  # it is another database than the one that was bound
    OLDER = "older"  # it remembers less than was sent
    NOT_DURABLE = "not-durable"  # it may forget what it said was written


def why() -> Why | None:
    """Why nothing may leave from this machine for this database; None when it may. One query.

    A new database is bound to this machine at the first look.
    """
    here = _here() or _bind()
    if here.durable == "off":
        return Why.NOT_DURABLE
    return _disagreement(here)


def is_on() -> bool:
    """Whether nothing may leave."""
    return why() is not None


def _here() -> Any | None:
    asked = Instance.objects.annotate(here=mark.expression(), durable=mark.durable())
    return asked.filter(pk=THE_ONE).first()


def _disagreement(here: Any) -> Why | None:
    if here.locked_at:
        return Why.OLDER
    if not mark.is_same(here.mark, here.here):
        return Why.COPIED
    if not witness.knows(here.token) and not _join(here):
        return Why.ELSEWHERE
    if _is_behind(here):
        log.error("an older database was put back", epoch=here.epoch)
        # Other machines need not have seen what this one has.
        Instance.objects.filter(pk=THE_ONE, locked_at=None).update(locked_at=Now())
        return Why.OLDER
    return None


def _is_behind(here: Instance) -> bool:
    """Whether the database remembers less than this machine.

    Asked for again after the machine was: the database is told first, so that whoever begins to send
    between two looks at them does not make it look old.
    """
    seen = witness.epoch(here.token)
    if here.epoch >= seen:
        return False
    return bool(Instance.objects.filter(pk=THE_ONE, epoch__lt=seen).exists())


def _join(here: Instance) -> bool:
    """Another machine at work vouches that this is no copy, since a copy has no beating heart."""
    if not heartbeats.a_member_lives():
        return False
    log.warning("this machine joins the others", token=here.token[:4])
    witness.remember(here.token, here.epoch)
    return witness.knows(here.token)


def _bind() -> Any:
    """A database just made owes nothing: it belongs to whoever looks first."""
    token = witness.new_token()
    witness.remember(token, 0)  # first: nobody else here may find the row and not the token
    with transaction.atomic():
        Instance.objects.get_or_create(pk=THE_ONE, defaults={"token": token})
        Instance.objects.filter(pk=THE_ONE, mark="").update(mark=mark.expression())
    return _here()


def advance() -> None:
    """Something is sent: raise the epoch, here first and then in this machine's memory."""
    Instance.objects.filter(pk=THE_ONE).update(epoch=F("epoch") + 1)
    note_epoch()


def note_epoch() -> None:
    """Have this machine remember how far the database is, if it belongs to it."""
    for token, epoch in Instance.objects.filter(pk=THE_ONE).values_list("token", "epoch"):
        if witness.knows(token):
            witness.remember(token, epoch)


@transaction.atomic
def rebind() -> None:
    """This database, as it is, belongs to this machine from now on; others have to join anew.

    Under a new token, so that neither the database it was copied from nor whoever knew that is touched.
    """
    here = Instance.objects.select_for_update().get(pk=THE_ONE)
    token = witness.new_token()
    epoch = max(here.epoch, witness.epoch(token)) + 1
    witness.remember(token, 0)
    Instance.objects.filter(pk=THE_ONE).update(
        token=token, mark=mark.expression(), epoch=epoch, locked_at=None
    )


def words(why: Why | None) -> str:
    """Why nothing leaves, for people; empty when nothing stands against it."""
    said = {
        None: "",
        Why.ELSEWHERE: _(
            "Locked: this database was not at work on this machine before. Nothing is sent."
        ),
        Why.COPIED: _(
            "Locked: this database is a copy, or its server was changed. Nothing is sent."
        ),
        Why.OLDER: _(
            "Locked: an older state of this database was put back. Nothing is sent, since much may"
            " have been sent already."
        ),
        Why.NOT_DURABLE: _(
            "PostgreSQL runs with synchronous_commit off: after a power cut a text could be sent"
            " twice. Nothing is sent until it is on."
        ),
    }
    return said[why]
