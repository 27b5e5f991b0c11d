"""The Marketing Activities tree: folders, programs, and the assets in them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound=models.Model)


class NodeQuerySet(models.QuerySet["Node"]):
    """Named questions about the tree."""

    def present(self) -> NodeQuerySet:
        """What is not in the recycle bin."""
        return self.filter(binned_at=None)

    def in_the_bin(self) -> NodeQuerySet:
        """What was deleted by itself and can be restored, with what went with it; the latest first."""
        return self.filter(binned_with=F("pk")).order_by("-binned_at", "-pk")

    def archived(self) -> NodeQuerySet:
        """What was archived by itself, with what is in it."""
        return self.filter(archived_with=F("pk"))

    def unarchived(self) -> NodeQuerySet:
        """All but that: what is in it, is found by whoever looks into it."""
        return self.filter(Q(archived_with=None) | ~Q(archived_with=F("pk")))

    def shown(self) -> NodeQuerySet:
        """What the tree shows; single actions have a page of their own instead."""
        return self.present().exclude(kind=Node.Kind.ACTIONS)

    def children_of(self, parent: Node | None) -> NodeQuerySet:
        """What hangs under `parent` (None: the top), in the order of the tree."""
        return self.shown().filter(parent=parent).in_order()

    def in_order(self) -> NodeQuerySet:
        return self.order_by("position", models.functions.Lower("name"), "pk")

    def with_branches(self, also: Collection[int] = ()) -> NodeQuerySet:
        """Adds `has_children`, so that a closed node knows whether it can be opened.

        What is archived by itself is no reason to, but for those of `also`.
        """
        found = Node.objects.present()
        below = (found.unarchived() | found.filter(pk__in=also)).filter(parent=OuterRef("pk"))
        return self.annotate(has_children=Exists(below))


class AssetQuerySet(models.QuerySet[M]):
    """Questions about what stands in the tree, through its node."""

    def present(self) -> Self:
        """What is not in the recycle bin."""
        return self.filter(node__binned_at=None)


class Node(models.Model):
    """One line of the tree. What it stands for (campaign, message, list) points here one to one.

    Deleted, it is in the recycle bin: `binned_with` is what was deleted with all below it, itself or
    something above; empty where the bin has let go of it and its history is kept (campaigns.binning).
    `archived_with` is likewise the archived thing it is, or is in (campaigns.archiving).
    """

    class Kind(models.TextChoices):
        FOLDER = "folder", _("Folder")
        PROGRAM = "program", _("Program")
        CAMPAIGN = "campaign", _("Smart campaign")
        MESSAGE = "message", _("SMS message")
        SMART_LIST = "smart_list", _("Smart list")
        STATIC_LIST = "static_list", _("Static list")
        # One node, out of sight: the campaign whose runs are single flow actions.
        ACTIONS = "actions", _("Single flow actions")

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=255)
    description = models.CharField(max_length=2000, blank=True)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    binned_at = models.DateTimeField(null=True, editable=False)
    binned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    binned_with = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="binned_along"
    )
    archived_with = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="archived_along"
    )

    objects = NodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "parent",
                "kind",
                models.functions.Lower("name"),
                condition=Q(binned_at=None),
                name="name_once_in_a_folder",
            ),
            models.UniqueConstraint(
                "kind",
                models.functions.Lower("name"),
                condition=Q(parent=None, binned_at=None),
                name="name_once_at_the_top",
            ),
        ]
        indexes = [
            models.Index(
                fields=["binned_at"], condition=Q(binned_at__isnull=False), name="nodes_in_the_bin"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_container(self) -> bool:
        return self.kind in {self.Kind.FOLDER, self.Kind.PROGRAM}
