"""Composing, checking and merging an SMS message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from people.models import Person
from vibes import parts
from vibes.gate import Reason

from .models import MessageVersion, SmsMessage
from .tokens import compile_text


class NotApprovable(Exception):
    """The text may not go out as it stands; `args[0]` says why and what to do."""


@dataclass(frozen=True)
class Text:
    """A text merged for one person, and the parts it is billed as."""

    person: Person
    text: str
    parts: int


@dataclass(frozen=True)
class Merged:
    """The texts that may go, in the order of the people; the others by reason."""

    texts: list[Text]
    refused: Mapping[str, set[int]]


def merge(version: MessageVersion, people: Iterable[Person]) -> Merged:
    """Merge an approved text for each person. Refused, never cut: empty, or over 900 characters."""
    template = compile_text(version.text)
    texts, refused = [], defaultdict(set)
    for person in people:
        text = template.render(person).strip()
        why = refusal(text)
        if why:
            refused[why].add(person.pk)
        else:
            texts.append(Text(person, text, parts.count(text).count))
    return Merged(texts, dict(refused))


def refusal(text: str) -> str:
    """Why a merged text may not go out; empty when it may."""
    if not text:
        return Reason.MESSAGE_EMPTY
    return Reason.MESSAGE_TOO_LONG if len(text) > parts.LONGEST else ""


def problems(text: str) -> list[str]:
    """What stands against approving a text, in words that say what to do."""
    found = []
    if not text.strip():
        found.append(_("The message is empty. Write what people shall read."))
    if len(text) > parts.LONGEST:
        over = len(text) - parts.LONGEST
        found.append(_("The message is %(over)d characters over 900. Shorten it.") % {"over": over})
    for token in compile_text(text).unknown:
        found.append(
            _("%(token)s is no token. Insert one from the list, or correct its name.")
            % {"token": token}
        )
    return found


@transaction.atomic
def approve(message: SmsMessage, *, by: Any, now: datetime) -> MessageVersion:
    """Make the draft what goes out from now on; runs that have begun keep their text.

    Approving an unchanged text changes nothing. Raises NotApprovable.
    """
    message = SmsMessage.objects.select_for_update().get(pk=message.pk)
    found = problems(message.text)
    if found:
        raise NotApprovable(" ".join(found))
    if message.approved and message.approved.text == message.text:
        return message.approved
    version = MessageVersion.objects.create(
        message=message,
        number=message.versions.count() + 1,
        text=message.text,
        approved_at=now,
        approved_by=by,
    )
    SmsMessage.objects.filter(pk=message.pk).update(approved=version)
    return version


def write(message: SmsMessage, *, text: str, now: datetime) -> None:
    """Keep a draft text; what is approved goes on going out."""
    SmsMessage.objects.filter(pk=message.pk).update(text=text, edited_at=now)
