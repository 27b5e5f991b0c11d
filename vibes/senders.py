"""The campaigns at Vibes that send our texts: one for each list and source code, found or made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models.setting import instance_id
from vibes.client import Client, Refused, Sender
from vibes.models import Account, VibesList

IN_PROGRESS = "in_progress"
ALIVE = (IN_PROGRESS, "scheduled")
SENDERS_AT_MOST = 50
TEMPLATE = "{{ ev.message_body }}"
# How far the clock of any account may be behind UTC: nowhere has today's date come earlier.
BEHIND = timedelta(hours=12)
# Longer than three calls that wait for the rate and run into their time limits.
MAKING = timedelta(minutes=2)
# What Vibes allows in an event type.
EVENT_TYPE = re.compile(r"[A-Za-z0-9_-]{1,80}")


class SenderConflict(Exception):
    """No campaign at Vibes may send to this list now. Why, in words for whoever can put it right."""


class BeingMade(SenderConflict):
    """Somebody else is making the sender just now: look again in a moment."""

    def __init__(self) -> None:
        super().__init__(_("Its sender at Vibes is just being made."))


@dataclass(frozen=True)
class Recipe:
    """What to enter at Vibes to make the sender of a list by hand: (field, value), in order."""

    event_type: str
    lines: tuple[tuple[str, str], ...]


def event_type(vibes_list: VibesList, *, generation: int = 1) -> str:
    """The name our texts to this list go by. It holds the instance: no copy of it may fire too."""
    name = vibes_list.vibes_id
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):  # cut or cleaned, two could become one
        name = f"{re.sub(r'[^A-Za-z0-9_-]', '-', name)[:30]}-{vibes_list.pk}"
    return f"{_prefix()}{name}" + (f"_{generation}" if generation > 1 else "")


def _prefix() -> str:
    return f"rd_{instance_id().hex[:8]}_sms_"


def ensure_sender(vibes_list: VibesList, client: Client, now: datetime) -> VibesList:
    """See to it that exactly one campaign at Vibes sends our texts to this list, and keep its name.

    Looks before it creates, so that a lost answer leads to no second one, and creates alone. Raises
    SenderConflict, kept as the list's `sender_fault`, when there are several, when the one is not in progress yet,
    or is not safe to use. One that was ended at Vibes is final: a new name is taken then, and so it
    is when the account has another source code; the old sender is ended once the new one stands,
    unless another service still texts through it.
    """
    try:
        sender, outdated = _find(vibes_list, client, now)
        complain(sender, vibes_list)
    except BeingMade:
        raise
    except SenderConflict as conflict:
        _keep_fault(vibes_list, str(conflict))
        raise
    _keep_sender(vibes_list, sender)
    for each in outdated:
        client.cancel_sender(each.sender_id)
    return vibes_list


def _find(vibes_list: VibesList, client: Client, now: datetime) -> tuple[Sender, list[Sender]]:
    """The sender of the list, made if there is none, and those it takes the place of.

    A name somebody typed (an account may forbid making senders) is only looked at.
    """
    if vibes_list.sender_typed:
        return _typed(vibes_list.event_type, client), []
    outdated = []
    for generation in range(1, SENDERS_AT_MOST):
        name = event_type(vibes_list, generation=generation)
        found = client.senders(name)
        alive = _only(found)
        if alive and _source_code(alive) != vibes_list.account.source_code:
            if not _another_texts_through(alive, vibes_list.account):
                outdated.append(alive)
        elif alive:
            return alive, outdated
        elif not found:
            return _make_alone(vibes_list, name, client, now), outdated
    raise SenderConflict(
        _("%(number)d senders of %(list)s were ended at Vibes.")
        % {"number": SENDERS_AT_MOST, "list": vibes_list}
    )


def _another_texts_through(sender: Sender, account: Account) -> bool:
    """Whether another of our services texts from this code, under the same company: then it stays."""
    same = Account.objects.filter(company_key=account.company_key).exclude(pk=account.pk)
    others = same.filter(source_code=_source_code(sender))
    return any(each.host == account.host for each in others)


def end(account: Account, client: Client) -> None:
    """End the senders that were made for this account's lists, unless another service texts through them.

    One that somebody made by hand at Vibes is theirs.
    """
    made = account.lists.filter(sender_typed=False).exclude(sender_id="")
    for each in made:
        for sender in client.senders(each.event_type):
            is_alive = sender.sender_id == each.sender_id and sender.status in ALIVE
            if is_alive and not _another_texts_through(sender, account):
                client.cancel_sender(sender.sender_id)


def _typed(name: str, client: Client) -> Sender:
    sender = _only(client.senders(name))
    if sender is None:
        raise SenderConflict(_("No campaign at Vibes fires on %s.") % name)
    return sender


def _only(found: list[Sender]) -> Sender | None:
    """The one that lives. Raises SenderConflict where there are several: each would text."""
    alive = [each for each in found if each.status in ALIVE]
    if len(alive) > 1:
        raise SenderConflict(
            _(
                "%(number)d campaigns at Vibes fire on %(name)s, and each would text: end all but one."
            )
            % {"number": len(alive), "name": alive[0].event_type}
        )
    return alive[0] if alive else None


def _make_alone(vibes_list: VibesList, name: str, client: Client, now: datetime) -> Sender:
    """Make the sender, unless somebody else does: two of one name would both text.

    Raises BeingMade. Looks once more, since the other may just have been done with it. Unless
    a sync is at it, one is wanted then: only it asks for the receipts of a new sender's texts.
    """
    free, until = Q(sender_made_until=None) | Q(sender_made_until__lt=now), now + MAKING
    mine = VibesList.objects.filter(pk=vibes_list.pk, sender_made_until=until)
    if not VibesList.objects.filter(free, pk=vibes_list.pk).update(sender_made_until=until):
        raise BeingMade
    try:
        made = _only(client.senders(name)) or _create_sender(vibes_list, name, client, now)
        unsynced = Account.objects.filter(pk=vibes_list.account_id, syncing_until=None)
        unsynced.update(sync_wanted_at=now)
        return made
    finally:
        mine.update(sender_made_until=None)


def _create_sender(vibes_list: VibesList, name: str, client: Client, now: datetime) -> Sender:
    """A sender that has started, wherever the account is.

    Today's date in UTC may be tomorrow's there, and the sender would wait for it; so it is the date
    of the last place on earth. Where Vibes does not take that, being yesterday there, it is today's.
    """
    make = partial(
        client.create_sender,
        name=f"Ringdove {_prefix()[3:11]}: texts to {vibes_list.name}"[:100],
        event_type=name,
        list_id=vibes_list.vibes_id,
    )
    earliest, today = (now - BEHIND).date(), now.date()
    try:
        return make(starts=earliest)
    except Refused as refused:
        if earliest == today or refused.status not in (400, 422):
            raise
        return make(starts=today)


def _keep_sender(vibes_list: VibesList, sender: Sender) -> None:
    kept = {
        "event_type": sender.event_type,
        "sender_id": sender.sender_id,
        "sender_status": sender.status,
        "sender_fault": "",
    }
    _keep(vibes_list, **kept)


def _keep_fault(vibes_list: VibesList, words: str) -> None:
    _keep(vibes_list, sender_fault=words[:255])


def _keep(vibes_list: VibesList, **values: str | bool) -> None:
    VibesList.objects.filter(pk=vibes_list.pk).update(**values)
    for name, value in values.items():
        setattr(vibes_list, name, value)


def words(vibes_list: VibesList) -> str:
    """Why texts to the list wait, for people; empty when they do not."""
    if not vibes_list.sender_fault and vibes_list.event_type:
        return ""
    why = vibes_list.sender_fault or _("No sender is known for it yet.")
    return _("Texts to %(list)s wait: %(why)s") % {"list": vibes_list, "why": why}


# --- Is it safe to use? ---------------------------------------------------------------------------


def complain(sender: Sender, vibes_list: VibesList) -> None:
    """Raise SenderConflict, saying all that differs, unless this sender does what we rely on.

    Without the filter Vibes would text people who are not on the list; another template would send
    other words than those that were approved; shortened links are no longer ours.
    """
    wrong = _differences(sender, vibes_list)
    if wrong:
        raise SenderConflict(
            _("The campaign %(id)s at Vibes, which fires on %(name)s, cannot be used: %(wrong)s.")
            % {"id": sender.sender_id, "name": sender.event_type, "wrong": "; ".join(wrong)}
        )
    if sender.status != IN_PROGRESS:
        raise SenderConflict(
            _(
                "The campaign %(id)s at Vibes, which fires on %(name)s, is not in progress yet: %(status)s."
            )
            % {"id": sender.sender_id, "name": sender.event_type, "status": sender.status}
        )


def _differences(sender: Sender, vibes_list: VibesList) -> list[str]:
    found, code = sender.targeting, vibes_list.account.source_code
    checks = [
        (str(found.get("channel", "sms")).lower() == "sms", _("it does not send SMS")),
        (
            found.get("message_template") == TEMPLATE,
            _("its template is “%s” and not “%s”") % (found.get("message_template"), TEMPLATE),
        ),
        (found.get("shorten_urls") is False, _("it shortens links")),
        (
            _source_code(sender) == code,
            _("its source code is %s and not %s") % (_source_code(sender) or "–", code),
        ),
        (
            _lists(sender) == [[vibes_list.vibes_id]],
            _("it is not limited to members of the list %s (%s)")
            % (vibes_list.name, vibes_list.vibes_id),
        ),
    ]
    return [words for holds, words in checks if not holds]


def _source_code(sender: Sender) -> str:
    return str((sender.targeting.get("sms") or {}).get("sourcecode") or "")


def _lists(sender: Sender) -> list[list[str]]:
    """The lists of each filter that lets members of any of them in."""
    filters = sender.targeting.get("filters") or []
    subscribed = [each for each in filters if each.get("name") == "subscription"]
    return [
        [str(value) for value in each.get("value") or []]
        for each in subscribed
        if each.get("selector") == "any"
    ]


# --- Made by hand ---------------------------------------------------------------------------------


def use_typed(vibes_list: VibesList, name: str, client: Client, now: datetime) -> VibesList:
    """Send to the list through the campaign at Vibes that somebody made and whose event type this is.

    Looks at it first: raises SenderConflict, and changes nothing, when it cannot be used, also when
    it is only scheduled. Raises what the client raises.
    """
    name = name.strip()
    if not EVENT_TYPE.fullmatch(name):
        raise SenderConflict(
            _("An event type has letters, digits, - and _ only, and at most 80 of them.")
        )
    sender = _typed(name, client)
    complain(sender, vibes_list)
    _keep(vibes_list, sender_typed=True)
    _keep_sender(vibes_list, sender)
    return vibes_list


def use_own(vibes_list: VibesList) -> VibesList:
    """Go back to a sender of our own: the next sync finds or makes it. Texts wait until then."""
    _keep(
        vibes_list,
        sender_typed=False,
        event_type="",
        sender_id="",
        sender_status="",
        sender_fault="",
    )
    return vibes_list


def recipe(vibes_list: VibesList) -> Recipe:
    """What to enter at Vibes where no program may make senders.

    Under the proposed event type the sender is found by itself; under another one it is typed here.
    """
    name = event_type(vibes_list)
    lines = (
        (gettext_lazy("Event type"), name),
        (gettext_lazy("Channel"), "SMS"),
        (gettext_lazy("Message"), TEMPLATE),
        (gettext_lazy("Shorten links"), _("no")),
        (gettext_lazy("Source code"), vibes_list.account.source_code),
        (
            gettext_lazy("Filter"),
            _("members of the subscription list %s (%s)") % (vibes_list.name, vibes_list.vibes_id),
        ),
    )
    return Recipe(name, tuple((str(field), value) for field, value in lines))
