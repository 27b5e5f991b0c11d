"""Static lists as the tree holds them: what `people` asks and tells (settings.STATIC_LIST_KEEPERS)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from people.models import StaticList

from . import uses
from .models import Node, PlacedList
from .uses import Use


class _Tree:
    """The tree's share in a static list: its node has the list's name, and goes with it."""

    def uses(self, static_list: StaticList) -> list[Use]:
        return uses.of(static_list)

    def page(self, static_list: StaticList) -> tuple[str, str]:
        if PlacedList.objects.filter(static_list=static_list).exists():
            url = reverse("campaigns:static-list", args=[static_list.pk])
            return _("Show in Marketing Activities"), url
        return _("Put into the tree…"), reverse("campaigns:place-list", args=[static_list.pk])

    def renamed(self, static_list: StaticList) -> None:
        """Raises IntegrityError where a list of that folder is called so already, but for capitals."""
        Node.objects.filter(placed_list__static_list=static_list).update(name=static_list.name)

    def deleting(self, static_list: StaticList) -> None:
        for node in Node.objects.filter(placed_list__static_list=static_list):
            node.delete()


keeper = _Tree()
