"""What is said under a dropdown about the thing chosen in it: one query a kind of thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, Model
from django.utils.text import Truncator
from django.utils.translation import ngettext

from campaigns.models import SmsMessage
from people.models import StaticList, StaticListMember
from vibes import parts
from vibes.models import Subscription, VibesList

Notes = dict[tuple[type[Model], int], str]


def about(things: Iterable[Any]) -> Notes:
    """The note on each thing of which something can be said."""
    by_type: dict[type[Model], dict[int, Any]] = {}
    for thing in things:
        if type(thing) in _NOTES:
            by_type.setdefault(type(thing), {})[thing.pk] = thing
    return {
        (kind, pk): words
        for kind, found in by_type.items()
        for pk, words in _NOTES[kind](found).items()
    }


def _messages(found: dict[int, SmsMessage]) -> dict[int, str]:
    return {
        pk: _first_line(message.approved.text) for pk, message in found.items() if message.approved
    }


def _first_line(text: str) -> str:
    count = parts.count(text).count
    line = Truncator(text.strip().split("\n")[0]).chars(80)
    size = ngettext("%d part before tokens are filled", "%d parts before tokens are filled", count)
    return f"“{line}” · {size % count}"


def _vibes_lists(found: dict[int, VibesList]) -> dict[int, str]:
    members = Subscription.objects.members().filter(vibes_list__in=found)
    return _counted(found, members.values_list("vibes_list").annotate(Count("pk")))


def _static_lists(found: dict[int, StaticList]) -> dict[int, str]:
    members = StaticListMember.objects.filter(static_list__in=found)
    return _counted(found, members.values_list("static_list").annotate(Count("pk")))


def _counted(found: Iterable[int], rows: Iterable[tuple[int, int]]) -> dict[int, str]:
    counts = dict(rows)
    return {pk: _members(counts.get(pk, 0)) for pk in found}


def _members(count: int) -> str:
    return ngettext("%(count)s member now", "%(count)s members now", count) % {
        "count": f"{count:,}"
    }


_NOTES: dict[type[Model], Callable[[dict[int, Any]], dict[int, str]]] = {
    SmsMessage: _messages,
    VibesList: _vibes_lists,
    StaticList: _static_lists,
}
