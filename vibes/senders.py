"""The campaigns at Vibes that send our texts: one for each list, found or made."""

from __future__ import annotations

import re
from datetime import datetime

from people.models.setting import instance_id
from vibes.client import Client, Sender
from vibes.models import VibesList

ALIVE = ("in_progress", "scheduled")
SENDERS_AT_MOST = 50


class SenderConflict(Exception):
    """Several campaigns at Vibes fire on our event type, and each would text: end all but one."""


def event_type(vibes_list: VibesList, *, generation: int = 1) -> str:
    """The name our texts to this list go by. It holds the instance: no copy of it may fire too."""
    name = re.sub(r"[^A-Za-z0-9_-]", "-", vibes_list.vibes_id)[:40]
    return f"{_prefix()}{name}" + (f"_{generation}" if generation > 1 else "")


def _prefix() -> str:
    return f"rd_{instance_id().hex[:8]}_sms_"


def ensure_sender(vibes_list: VibesList, client: Client, now: datetime) -> VibesList:
    """See to it that exactly one campaign at Vibes sends our texts to this list, and keep its name.

    Looks before it creates, so that a lost answer leads to no second one. Raises SenderConflict
    when several are in progress. One that was ended at Vibes is final: a new name is taken then.
    A name somebody typed (an account may forbid making senders) is only looked at.
    """
    if vibes_list.event_type and not vibes_list.event_type.startswith(_prefix()):
        return _check_typed(vibes_list, client)
    for generation in range(1, SENDERS_AT_MOST):
        name = event_type(vibes_list, generation=generation)
        found = client.senders(name)
        if running := _running(found):
            return _keep_sender(vibes_list, running)
        if not found:
            return _keep_sender(vibes_list, _create_sender(vibes_list, name, client, now))
    raise SenderConflict(f"{SENDERS_AT_MOST} senders of {vibes_list} were ended at Vibes.")


def _check_typed(vibes_list: VibesList, client: Client) -> VibesList:
    running = _running(client.senders(vibes_list.event_type))
    if running is None:
        raise SenderConflict(f"No campaign at Vibes fires on {vibes_list.event_type}.")
    return _keep_sender(vibes_list, running)


def _running(found: list[Sender]) -> Sender | None:
    alive = [each for each in found if each.status in ALIVE]
    if len(alive) > 1:
        raise SenderConflict(f"{len(alive)} campaigns at Vibes fire on {alive[0].event_type}.")
    return alive[0] if alive else None


def _create_sender(vibes_list: VibesList, name: str, client: Client, now: datetime) -> Sender:
    title = f"Ringdove: texts to {vibes_list.name}"[:100]
    return client.create_sender(
        name=title, event_type=name, list_id=vibes_list.vibes_id, starts=now.date()
    )


def _keep_sender(vibes_list: VibesList, sender: Sender) -> VibesList:
    vibes_list.event_type, vibes_list.sender_id = sender.event_type, sender.sender_id
    VibesList.objects.filter(pk=vibes_list.pk).update(
        event_type=sender.event_type, sender_id=sender.sender_id
    )
    return vibes_list
