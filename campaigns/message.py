"""Composing, checking and merging an SMS message."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import Person
from vibes import parts
from vibes.gate import Reason

from .models import MessageVersion, SmsMessage
from .tokens import compile_text


class NotApprovable(Exception):
    """The text may not go out as it stands; `args[0]` says why and what to do."""


class Overtaken(Exception):
    """Somebody else wrote the draft meanwhile; `args[0]` is their text."""


class Text(NamedTuple):
    """A text merged for one person, and the parts it is billed as."""

    person: Person
    text: str
    parts: int


@dataclass(frozen=True)
class Merged:
    """The texts that may go, in the order of the people; the others by reason."""

    texts: list[Text]
    refused: Mapping[str, set[int]]


def columns(version: MessageVersion) -> set[str]:
    """What must be known of a person to merge the text for them, without another query."""
    return compile_text(version.text).columns


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


@dataclass(frozen=True)
class Preview:
    """What one person would read: the text as its parts cut it, and what that costs."""

    text: str
    cost: parts.Parts
    pieces: list[str]
    dear: list[Dear]


@dataclass(frozen=True)
class Dear:
    """A character that makes the whole text UCS-2: its name, and what to write instead, if anything.

    `is_theirs` says that it comes from the person's data, not from the message.
    """

    char: str
    name: str
    instead: str
    is_theirs: bool


def preview(text: str, person: Person | None = None) -> Preview:
    """The text merged for a person, by the function that merges it for a run; for nobody: defaults."""
    merged = compile_text(text).render(person or Person()).strip()
    dear = [
        Dear(char, unicodedata.name(char, "").capitalize(), _plain(char), char not in text)
        for char in parts.dear_characters(merged)
    ]
    return Preview(merged, parts.count(merged), parts.pieces(merged), dear)


# What typographers' keys make, and what a phone's own alphabet has instead. What is not here is
# stripped of its accent, where that leaves a letter.
_PLAIN = {
    **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\t", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    **dict.fromkeys("•·●", "*"),
    "…": "...",
    "™": "(TM)",
    "®": "(R)",
    "©": "(C)",
    "×": "x",
}


def in_plain_characters(text: str) -> str:
    """The text with every dear character replaced that can be."""
    return "".join(each if not parts.dear_characters(each) else _plain(each, each) for each in text)


def _plain(char: str, otherwise: str = "") -> str:
    if char in _PLAIN:
        return _PLAIN[char]
    base = unicodedata.normalize("NFKD", char)[:1]
    return base if base and not parts.dear_characters(base) else otherwise


def problems(text: str) -> list[str]:
    """What stands against approving a text, in words that say what to do."""
    found = []
    if not text.strip():
        found.append(_("The message is empty. Write what people shall read."))
    if len(text) > parts.LONGEST:
        over = len(text) - parts.LONGEST
        words = ngettext(
            "The message is %d character over 900. Shorten it.",
            "The message is %d characters over 900. Shorten it.",
            over,
        )
        found.append(words % over)
    found += [
        _("%(token)s is no token. Insert one from the list, or correct its name.")
        % {"token": token}
        for token in compile_text(text).unknown
    ]
    if compile_text(text).has_loose_braces:
        found.append(
            _("A token is not complete: it begins with {{ and ends with }}. Mend or remove it.")
        )
    return found


@transaction.atomic
def approve(
    message: SmsMessage, *, by: Any, now: datetime, text: str | None = None
) -> MessageVersion:
    """Make the draft what goes out from now on; runs that have begun keep their text.

    Approving an unchanged text changes nothing. `text` is the draft as it was read before: raises
    Overtaken when it is another by now, NotApprovable when it may not go out.
    """
    message = SmsMessage.objects.select_for_update().get(pk=message.pk)
    if text is not None and message.text != text:
        raise Overtaken(message.text)
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


def write(message: SmsMessage, *, text: str, now: datetime, seen: datetime | None = None) -> None:
    """Keep a draft text; what is approved goes on going out.

    `seen` is when the draft was written that this one follows. Raises Overtaken when it is not that
    one any more, and nothing is lost: their text stays, and yours is still with you.
    """
    drafts = SmsMessage.objects.filter(pk=message.pk).exclude(text=text)
    unchanged = drafts.filter(edited_at=seen) if seen else drafts
    if unchanged.update(text=text, edited_at=now):
        return
    theirs = drafts.values_list("text", flat=True).first()
    if theirs is not None:
        raise Overtaken(theirs)
