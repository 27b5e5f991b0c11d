"""What the frame of every page shows. Lazy: a partial that shows none of it asks the database nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import schedule
from config import reasons
from config.reasons import Reason
from vibes import pausing
from vibes.models import Account, VibesList

SLOTS_SAID = 3
THEMES = ("system", "light", "dark")
# Pane widths come in steps so that the server can render the remembered one without inline style.
PANE_STEPS = tuple(range(200, 500, 20))


@dataclass(frozen=True)
class Place:
    """One entry of the top bar."""

    name: str | Promise
    url: str
    is_current: bool


@dataclass(frozen=True)
class Health:
    """The pill at the top right: `level` is ok, warn or bad; `words` say it; `url` tells more."""

    level: str
    words: str | Promise
    url: str


@dataclass(frozen=True)
class Strip:
    """A line under the top bar: `level` is bad, warn or info; the link leads to what mends it."""

    level: str
    words: str | Promise
    url: str = ""
    link: str | Promise = ""


PLACES = [
    ("home", "/", _("Home")),
    ("campaigns:tree", "/marketing-activities/", _("Marketing Activities")),
    ("people:database", "/database/", _("Database")),
    ("vibes:home", "/vibes/", _("Vibes")),
]


class Frame:
    """Reads what it is asked for, when it is asked."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def theme(self) -> str:
        theme = self.request.COOKIES.get("theme", "")
        return theme if theme in THEMES else "system"

    @property
    def scheme(self) -> str:
        """light or dark. With the theme "system" it is what the browser's script last saw."""
        seen = self.request.COOKIES.get("scheme", "") if self.theme == "system" else self.theme
        return "dark" if seen == "dark" else "light"

    @property
    def tree_width(self) -> int:
        kept = self.request.COOKIES.get("tree_width", "")
        return int(kept) if kept.isdigit() and int(kept) in PANE_STEPS else 280

    @property
    def places(self) -> list[Place]:
        here = self.request.path
        return [
            Place(name, reverse(view), here == start if start == "/" else here.startswith(start))
            for view, start, name in PLACES
        ]

    @cached_property
    def accounts(self) -> list[Account]:
        """With `lacks_sender`, so that most pages need not look for texts that wait for one."""
        without = VibesList.objects.without_sender().filter(account=OuterRef("pk"))
        found = Account.objects.only(
            "name", "region", "health", "held_until", "resting_until", "base_url"
        )
        return list(found.annotate(lacks_sender=Exists(without)))

    @cached_property
    def reasons(self) -> list[Reason]:
        """Why nothing is sent, or not all of it."""
        return reasons.all_of(self.accounts, now=timezone.now())

    @cached_property
    def paused(self) -> dict[str, Any]:
        """By whom (`by`), since when (`at`) and why everything is paused; empty while it is not."""
        if not (kept := pausing.paused()):
            return {}
        return {**kept, "at": timezone.localtime(datetime.fromisoformat(kept["since"]))}

    @property
    def strips(self) -> list[Strip]:
        """What everybody has to know, most urgent first."""
        here = [Strip(each.level, each.words, each.url, each.link) for each in self.reasons]
        return [*here, *self._slots(), *self._simulator()]

    def _slots(self) -> Iterator[Strip]:
        """Planned runs about which somebody must decide: each by name, as long as they are few."""
        found = list(schedule.undecided()[: SLOTS_SAID + 1])
        if len(found) > SLOTS_SAID:
            words = gettext("Several planned runs did not start, and wait for somebody to decide.")
            yield Strip("bad", words, f"{reverse('home')}#planned", _("Look at them"))
            return
        for slot in found:
            place = reverse("campaigns:schedule", args=[slot.campaign_id])
            yield Strip("bad", schedule.words(slot), f"{place}#slots", _("Decide"))

    def _simulator(self) -> Iterator[Strip]:
        if any(each.is_simulated for each in self.accounts):
            words = _("Simulator: nothing leaves this machine")
            if not all(each.is_simulated for each in self.accounts):
                words = _(
                    "A simulator is connected, and a real service beside it: its texts arrive"
                )
            yield Strip("info", words, self.handsets, _("Open the handsets"))

    @property
    def handsets(self) -> str:
        """Where the simulator's phones are looked at; empty when nothing is simulated."""
        simulated = (each for each in self.accounts if each.is_simulated)
        return next((f"{each.host}/_sim/" for each in simulated), "")

    @property
    def health(self) -> Health:
        states = {account.health for account in self.accounts}
        if states & {Account.Health.REFUSED, Account.Health.AWAY}:
            return Health("bad", _("Vibes trouble"), reverse("vibes:home"))
        if any(each.level == "bad" for each in self.reasons):
            return Health("bad", _("Not sending"), reverse("operations"))
        if not states or Account.Health.UNTESTED in states:
            return Health("warn", _("Not connected"), reverse("vibes:home"))
        return Health("ok", _("Healthy"), reverse("operations"))


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"frame": Frame(request)}
