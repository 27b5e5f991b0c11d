"""What the search box of the top bar looks through: the tree, people, Vibes lists, pages and commands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from campaigns.views import tree
from people import patience
from people.models import Person
from vibes.models import VibesList

from . import places

SHOWN = 8
# A word shorter than this would be looked for in every person there is.
SHORTEST = 2
PATIENCE = 0.5  # seconds for people, however many there are


@dataclass(frozen=True)
class Found:
    """One line: an icon, a name, what it is or where it lies, and where it leads."""

    icon: str
    name: str | Promise
    detail: str | Promise
    url: str


Group = tuple[str | Promise, list[Found]]


def find(words: str, *, user: Any) -> list[Group]:
    """Headed groups of what `words` finds for this person; nothing for a single letter.

    The same few queries, however much there is.
    """
    if len(words) < SHORTEST:
        return []
    looked: list[tuple[str | Promise, Callable[[str, Any], list[Found]]]] = [
        (_("Marketing Activities"), _in_tree),
        (_("People"), _among_people),
        (_("Vibes lists"), _among_lists),
        (_("Pages and commands"), _among_places),
    ]
    groups = [(title, look(words, user)) for title, look in looked]
    return [(title, found) for title, found in groups if found]


def _in_tree(words: str, user: Any) -> list[Found]:
    lines = [(found.branch, found.above) for found in tree.found(words, limit=SHOWN)]
    return [
        Found(line.icon, line.node.name, above or line.node.get_kind_display(), line.url)
        for line, above in lines
    ]


def _among_people(words: str, user: Any) -> list[Found]:
    """By name, address or number. What takes long leads to where there is time for it."""
    try:
        with patience.at_most(PATIENCE, name=f"search of {user.pk}"):
            people = list(Person.objects.present().search(words)[:SHOWN])
    except patience.TookTooLong:
        url = f"{reverse('people:database')}?{urlencode({'q': words})}"
        return [Found("search", _("Look through all people"), _("there are very many"), url)]
    return [
        Found("person", str(person), person.email or person.mobile, person.get_absolute_url())
        for person in people
    ]


def _among_lists(words: str, user: Any) -> list[Found]:
    named = Q()
    for word in words.split():
        named &= Q(name__istartswith=word) | Q(name__icontains=f" {word}")
    lists = VibesList.objects.offered().filter(named)[:SHOWN]
    home = reverse("vibes:home")
    return [
        Found("phone", each.name, each.account.name, f"{home}#list-{each.pk}") for each in lists
    ]


def _among_places(words: str, user: Any) -> list[Found]:
    named = places.named(words, user=user)[:SHOWN]
    return [Found(each.icon, each.name, "", each.url) for each in named]
