"""The pages and commands that the search knows by name: what each is called, where it is, who may use it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.views.rights import CONTROL_ANY
from people import rights
from vibes.views.rights import ADD


@dataclass(frozen=True)
class Command:
    """`view` and `args` are its address; `right` what it needs (`staff`: a seat in Admin), if anything."""

    name: str | Promise
    icon: str
    view: str
    args: tuple[str, ...] = ()
    right: str = ""

    @property
    def url(self) -> str:
        return reverse(self.view, args=self.args)

    def is_for(self, user: Any) -> bool:
        if self.right == "staff":
            return bool(user.is_staff)
        return not self.right or bool(user.has_perm(self.right))


COMMANDS = [
    Command(_("New smart campaign"), "plus-lg", "campaigns:new-node", ("campaign",)),
    Command(_("New SMS message"), "plus-lg", "campaigns:new-node", ("message",)),
    Command(_("New smart list"), "plus-lg", "campaigns:new-node", ("smart_list",)),
    Command(_("New static list"), "plus-lg", "campaigns:new-node", ("static_list",)),
    Command(_("New program"), "plus-lg", "campaigns:new-node", ("program",)),
    Command(_("New folder"), "plus-lg", "campaigns:new-node", ("folder",)),
    Command(_("New person"), "plus-lg", "people:new-person"),
    Command(_("Import people"), "plus-lg", "people:imports", (), rights.IMPORT),
    Command(_("Export people"), "arrow-right", "people:exports", (), rights.EXPORT),
    Command(
        _("Pause everything"), "hourglass-split", "campaigns:pause-everything", (), CONTROL_ANY
    ),
    Command(_("Connect a Vibes service"), "plus-lg", "vibes:account-new", (), ADD),
    Command(_("Home"), "house", "home"),
    Command(_("Marketing Activities"), "lightning-charge", "campaigns:tree"),
    Command(_("Database: people"), "person", "people:database"),
    Command(_("Fields of people"), "list-check", "people:fields"),
    Command(_("Static lists"), "list-check", "people:lists"),
    Command(_("System smart lists"), "funnel", "campaigns:system-lists"),
    Command(_("Possible duplicates"), "person", "people:duplicates"),
    Command(_("Recycle bin of people"), "person", "people:bin"),
    Command(_("Vibes services and lists"), "phone", "vibes:home"),
    Command(_("Operations"), "hourglass-split", "operations"),
    Command(_("Admin"), "gear", "admin:index", (), "staff"),
    Command(_("Change password"), "gear", "account_change_password"),
]


def begin(typed: str, name: str) -> bool:
    """Whether each typed word begins a word of the name, whatever the capitals."""
    asked, there = _words(typed), _words(name)
    return bool(asked) and all(any(word.startswith(each) for word in there) for each in asked)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"\W+", text.casefold()) if word]


def named(words: str, *, user: Any) -> list[Command]:
    """Those in whose names words begin as typed, and which this person may use."""
    return [each for each in COMMANDS if begin(words, str(each.name)) and each.is_for(user)]
