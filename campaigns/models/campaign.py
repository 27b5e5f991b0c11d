"""A smart campaign: a smart list and a flow, under one name in the tree."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from .smart_list import SmartList
from .tree import AssetQuerySet, Node


class CampaignQuerySet(AssetQuerySet["Campaign"]):
    def offered(self) -> CampaignQuerySet:
        """Campaigns as a dropdown shows them."""
        return self.present().select_related("node").order_by("node__name", "pk")


class Campaign(models.Model):
    """The unit of marketing. `revision` rises with every edit, so that two editors notice each other."""

    node = models.OneToOneField(Node, models.CASCADE, related_name="campaign")
    smart_list = models.OneToOneField(SmartList, models.PROTECT, related_name="campaign")
    revision = models.PositiveIntegerField(default=0)
    # How many people may enter a run; empty: as many as the instance allows.
    person_limit = models.PositiveIntegerField(null=True, blank=True)
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = CampaignQuerySet.as_manager()

    def __str__(self) -> str:
        return self.node.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:smart-list", args=[self.pk])

    @property
    def is_of_actions(self) -> bool:
        """Whether its runs are single flow actions: it has no list, flow or schedule of its own."""
        return self.node.kind == Node.Kind.ACTIONS
