"""Two who restore, or delete and restore, at the same moment."""

import pytest

from campaigns import binning, tree
from campaigns.models import Node
from tests.campaigns.make import NOON
from tests.campaigns.test_slots_at_once import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("many_connections"),
]


def folders(name: str, count: int, parent: Node | None = None) -> list[Node]:
    """So many of one name in the bin, each deleted before the next was made."""
    made = []
    for _each in range(count):
        node = tree.create_folder(parent=parent, name=name, now=NOON)
        binning.delete(node, by=None, now=NOON)
        made.append(node)
    return made


def test_of_one_name_restored_at_once_each_gets_its_own() -> None:
    six = folders("Spring", 6)

    at_once(*[lambda node=node: binning.restore(node) for node in six])

    names = set(Node.objects.present().values_list("name", flat=True))
    assert names == {
        "Spring",
        "Spring (restored)",
        *(f"Spring (restored {n})" for n in range(2, 6)),
    }


def test_nothing_is_restored_into_what_is_deleted_meanwhile() -> None:
    parents = [tree.create_folder(parent=None, name=f"Above {n}", now=NOON) for n in range(6)]
    inner = [folders("Inner", 1, parent)[0] for parent in parents]

    at_once(
        *[lambda node=node: binning.restore(node) for node in inner],
        *[lambda node=node: binning.delete(node, by=None, now=NOON) for node in parents],
    )

    lost = Node.objects.present().filter(parent__binned_at__isnull=False)
    assert not lost.exists()
