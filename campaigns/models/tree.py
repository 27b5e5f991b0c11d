"""The Marketing Activities tree: folders, programs, and the assets in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _


class NodeQuerySet(models.QuerySet["Node"]):
    """Named questions about the tree."""

    def shown(self) -> NodeQuerySet:
        """What the tree shows; single actions have a page of their own instead."""
        return self.exclude(kind=Node.Kind.ACTIONS)

    def children_of(self, parent: Node | None) -> NodeQuerySet:
        """What hangs under `parent` (None: the top), in the order of the tree."""
        return self.shown().filter(parent=parent).in_order()

    def in_order(self) -> NodeQuerySet:
        return self.order_by("position", models.functions.Lower("name"), "pk")

    def with_branches(self) -> NodeQuerySet:
        """Adds `has_children`, so that a closed node knows whether it can be opened."""
        below = Node.objects.filter(parent=OuterRef("pk"))
        return self.annotate(has_children=Exists(below))


class Node(models.Model):
    """One line of the tree. What it stands for (campaign, message, list) points here one to one."""

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

    objects = NodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "parent", "kind", models.functions.Lower("name"), name="name_once_in_a_folder"
            ),
            models.UniqueConstraint(
                "kind",
                models.functions.Lower("name"),
                condition=Q(parent=None),
                name="name_once_at_the_top",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_container(self) -> bool:
        return self.kind in {self.Kind.FOLDER, self.Kind.PROGRAM}
