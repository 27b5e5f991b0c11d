"""Archiving: out of the way, shown apart and offered nowhere, but what uses it goes on, and so do runs."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from . import outline
from .models import Node


class ArchivedAbove(Exception):
    """Something above it is archived, and it with that; in words for the screen."""


@transaction.atomic
def archive(node: Node) -> None:
    """Archive `node` with all below it; what was archived by itself in there stays so."""
    inside = Node.objects.filter(pk__among=outline.subtree(node), archived_with=None)
    inside.update(archived_with=node)


@transaction.atomic
def unarchive(node: Node) -> None:
    """Bring back what was archived with `node`. Raises ArchivedAbove."""
    node = Node.objects.select_related("parent", "archived_with").get(pk=node.pk)
    if node.archived_with and node.archived_with != node:
        words = _("It is archived with “%s”. Unarchive that, or move it out first.")
        raise ArchivedAbove(words % node.archived_with)
    above = node.parent.archived_with_id if node.parent else None
    Node.objects.filter(archived_with=node).update(archived_with=above)


def settle(node: Node) -> None:
    """Make it as archived as what it is in now; call it where `node` came to another place."""
    parent = Node.objects.filter(children=node).first()
    inside = outline.subtree(node)
    moved = Node.objects.filter(pk__among=inside).exclude(archived_with__among=inside)
    # What is NULL is among nothing, and so is not excluded.
    moved.update(archived_with=parent.archived_with_id if parent else None)
