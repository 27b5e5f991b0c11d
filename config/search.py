"""What the search box of the top bar looks through: the tree, and people."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Found:
    """One line: an icon, a name, what it is, and where it is."""

    icon: str
    name: str
    detail: str | Promise
    url: str


def find(words: str) -> list[tuple[str | Promise, list[Found]]]:
    """Headed groups of what `words` finds; nothing for no words."""
    return []
