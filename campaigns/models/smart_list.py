"""A smart list: a question about people. A campaign has one, so has every choice; some stand alone."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class SmartList(models.Model):
    """How the filters below it are joined. `logic` (`1 and (2 or 3)`) counts only with ADVANCED."""

    class Match(models.TextChoices):
        ALL = "all", _("ALL filters")
        ANY = "any", _("ANY filter")
        ADVANCED = "advanced", _("Advanced logic")

    match = models.CharField(max_length=8, choices=Match, default=Match.ALL)
    logic = models.CharField(max_length=2000, blank=True)

    def __str__(self) -> str:
        return f"{self.get_match_display()} {self.logic}".strip()


class SmartListTrigger(models.Model):
    """An event that takes people into a campaign; `config` is what its trigger type's form reads.

    With at least one the campaign is triggered, and its filters narrow who enters. Any one is enough.
    """

    smart_list = models.ForeignKey(SmartList, models.CASCADE, related_name="triggers")
    kind = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    config: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.kind


class SmartListFilter(models.Model):
    """One numbered card of a smart list; `config` is what its filter type's form reads."""

    smart_list = models.ForeignKey(SmartList, models.CASCADE, related_name="filters")
    kind = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    config: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.position + 1}. {self.kind}"
