"""Smart lists that are always there: nobody makes, changes or deletes them (Marketo's System Smart Lists)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people import duplicates
from people.models import Person, PersonQuerySet
from vibes import census, gate
from vibes.gate import Reason
from vibes.models import OutboxRow, VibesList


@dataclass(frozen=True)
class SystemList:
    """One of them: its word in addresses, what it is called and means, and whom it finds."""

    word: str
    label: str | Promise
    help: str | Promise
    icon: str
    people: Callable[[], PersonQuerySet]

    def __str__(self) -> str:
        return str(self.label)


def every() -> list[SystemList]:
    """The fixed ones, then one for each list that Vibes offers: one statement."""
    return [*FIXED, *(_textable(each) for each in VibesList.objects.offered())]


def get(word: str) -> SystemList:
    """Raises KeyError."""
    return {each.word: each for each in every()}[word]


def reasons(vibes_list: VibesList) -> list[tuple[str, int]]:
    """Why people cannot be texted on a list, in words, the most frequent first; one statement.

    Those who share a number can: which of them gets the text, a step decides.
    """
    counted = census.count(_present(), vibes_list=vibes_list)
    against = [(why, n) for why, n in counted.items() if why not in ("", Reason.SAME_NUMBER)]
    often = sorted(against, key=lambda each: (-each[1], each[0]))
    return [(str(Reason(why).label), n) for why, n in often]


def _present() -> PersonQuerySet:
    return Person.objects.present()


def _sharing(what: str) -> PersonQuerySet:
    return _present().filter(duplicates.condition(duplicates.BY[what]))


def _textable(vibes_list: VibesList) -> SystemList:
    return SystemList(
        f"textable-{vibes_list.pk}",
        _("Textable on %s") % vibes_list,
        _("Nothing stands against a text to them on this Vibes list now, but the hour."),
        "phone",
        lambda: _present().annotate(why=_why(vibes_list)).filter(why=""),
    )


def _why(vibes_list: VibesList) -> object:
    return gate.reason(action=OutboxRow.Action.TEXT, vibes_list=vibes_list)


FIXED = [
    SystemList(
        "all-people",
        gettext_lazy("All People"),
        gettext_lazy("Everybody in the database."),
        "people",
        _present,
    ),
    SystemList(
        "unsubscribed",
        gettext_lazy("Unsubscribed"),
        gettext_lazy("Asked for no more marketing e-mail. Texts still go."),
        "envelope",
        lambda: _present().filter(unsubscribed=True),
    ),
    SystemList(
        "marketing-suspended",
        gettext_lazy("Marketing Suspended"),
        gettext_lazy("Get no marketing texts for now."),
        "pause-fill",
        lambda: _present().filter(marketing_suspended=True),
    ),
    SystemList(
        "block-list",
        gettext_lazy("Block List"),
        gettext_lazy("Get no text and no e-mail at all."),
        "slash-circle",
        lambda: _present().filter(block_listed=True),
    ),
    SystemList(
        "same-number",
        gettext_lazy("Possible Duplicates by number"),
        gettext_lazy("Share their mobile phone number with somebody."),
        "phone",
        lambda: _sharing("mobile"),
    ),
    SystemList(
        "same-address",
        gettext_lazy("Possible Duplicates by e-mail"),
        gettext_lazy("Share their e-mail address with somebody; capitals do not count."),
        "envelope",
        lambda: _sharing("email"),
    ),
]
