"""A smart campaign: a smart list and a flow, under one name in the tree."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.registry import triggers

from .smart_list import SmartList, SmartListTrigger
from .tree import AssetQuerySet, Node


class CampaignQuerySet(AssetQuerySet["Campaign"]):
    def offered(self) -> CampaignQuerySet:
        """Campaigns as a dropdown shows them."""
        return self.present().select_related("node").order_by("node__name", "pk")

    def requestable(self) -> CampaignQuerySet:
        """Those with a trigger that hears requests, as a dropdown shows them, active or not."""
        kinds = [each.kind for each in triggers.all() if each.hears_requests]
        heard = SmartListTrigger.objects.filter(smart_list=OuterRef("smart_list"), kind__in=kinds)
        return self.offered().filter(Exists(heard))


class Campaign(models.Model):
    """The unit of marketing. `revision` rises with every edit, so that two editors notice each other.

    `enters` says how often one person may enter it by a trigger: with `every`, again once `every_count` of
    its unit have passed since they last entered.
    """

    class Enters(models.TextChoices):
        ONCE = "once", _("only the first time")
        ALWAYS = "always", _("every time")
        HOURS = "hours", _("once every so many hours")
        DAYS = "days", _("once every so many days")
        WEEKS = "weeks", _("once every so many weeks")
        MONTHS = "months", _("once every so many months")

    node = models.OneToOneField(Node, models.CASCADE, related_name="campaign")
    smart_list = models.OneToOneField(SmartList, models.PROTECT, related_name="campaign")
    revision = models.PositiveIntegerField(default=0)
    # How many people may enter a run; empty: as many as the instance allows.
    person_limit = models.PositiveIntegerField(null=True, blank=True)
    enters = models.CharField(max_length=8, choices=Enters, default=Enters.ONCE)
    every_count = models.PositiveSmallIntegerField(default=1)
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
