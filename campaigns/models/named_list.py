"""Lists that stand in the tree: a smart list with a name of its own, and the place of a static list."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from people.models import StaticList

from .campaign import Campaign
from .smart_list import SmartList
from .tree import AssetQuerySet, Node


class NamedListQuerySet(AssetQuerySet["NamedList"]):
    def offered(self) -> NamedListQuerySet:
        """Smart lists as a dropdown shows them."""
        return self.present().select_related("node", "smart_list").order_by("node__name", "pk")


def static_lists() -> models.QuerySet[StaticList]:
    """Static lists as a dropdown shows them, with their place in the tree, where they have one."""
    found: models.QuerySet[StaticList] = StaticList.objects.select_related("placed__node")
    return found.order_by("name")


class NamedList(models.Model):
    """A smart list standing alone. `revision` rises with every edit, as a campaign's does."""

    node = models.OneToOneField(Node, models.CASCADE, related_name="named_list")
    smart_list = models.OneToOneField(SmartList, models.PROTECT, related_name="named")
    revision = models.PositiveIntegerField(default=0)
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = NamedListQuerySet.as_manager()

    def __str__(self) -> str:
        return self.node.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:named-list", args=[self.pk])


class PlacedList(models.Model):
    """Where a static list of the database stands in the tree; many stand nowhere in it."""

    node = models.OneToOneField(Node, models.CASCADE, related_name="placed_list")
    static_list = models.OneToOneField(StaticList, models.CASCADE, related_name="placed")

    def __str__(self) -> str:
        return self.node.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:static-list", args=[self.static_list_id])


# What a smart list may belong to: whoever edits the list edits its owner.
ListOwner = Campaign | NamedList
