"""What the search box of the top bar looks through: the tree, and people."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.views import tree
from people.models import Person

SHOWN = 8
# A word shorter than this would be looked for in every person there is.
SHORTEST = 2


@dataclass(frozen=True)
class Found:
    """One line: an icon, a name, what it is or where it lies, and where it leads."""

    icon: str
    name: str
    detail: str | Promise
    url: str


def find(words: str) -> list[tuple[str | Promise, list[Found]]]:
    """Headed groups of what `words` finds; nothing for a single letter."""
    if len(words) < SHORTEST:
        return []
    groups = [(_("Marketing Activities"), _in_tree(words)), (_("People"), _among_people(words))]
    return [(title, found) for title, found in groups if found]


def _in_tree(words: str) -> list[Found]:
    lines = [(found.branch, found.above) for found in tree.found(words, limit=SHOWN)]
    return [
        Found(line.icon, line.node.name, above or line.node.get_kind_display(), line.url)
        for line, above in lines
    ]


def _among_people(words: str) -> list[Found]:
    return [
        Found("person", str(person), person.email or person.mobile, person.get_absolute_url())
        for person in Person.objects.present().search(words)[:SHOWN]
    ]
