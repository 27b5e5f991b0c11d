"""Vibes in the Django admin: secrets are write-only, what was owed or told cannot be rewritten."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from vibes import models
from vibes.forms import AccountForm


class ReadOnly(admin.ModelAdmin[Any]):
    """To look at: these rows are evidence."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.Account)
class AccountAdmin(admin.ModelAdmin[models.Account]):
    """The password is the form's: it goes in and never comes out. Callback tokens are not shown."""

    form = AccountForm
    list_display = ("name", "region", "company_key", "source_code", "health", "synced_at")
    fields = (
        *AccountForm.Meta.fields,
        "events_per_second",
        "calls_per_second",
        "health",
        "health_detail",
        "checked_at",
        "held_until",
        "synced_at",
    )
    readonly_fields = ("health", "health_detail", "checked_at", "held_until", "synced_at")


class ListInline(admin.TabularInline[Any, Any]):
    model = models.AcquisitionCampaign.feeds.through
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.VibesList)
class VibesListAdmin(admin.ModelAdmin[models.VibesList]):
    """Copied from Vibes; our sender's name may be typed where no program may make one."""

    list_display = ("name", "vibes_id", "account", "event_type", "gone_at")
    list_filter = ("account",)
    search_fields = ("name", "vibes_id")
    fields = ("account", "vibes_id", "name", "event_type", "sender_id", "gone_at")
    readonly_fields = ("account", "vibes_id", "name", "sender_id", "gone_at")
    inlines = (ListInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(models.AcquisitionCampaign)
class AcquisitionCampaignAdmin(ReadOnly):
    list_display = ("name", "vibes_id", "account", "status")
    list_filter = ("account", "status")
    search_fields = ("name", "vibes_id")


@admin.register(models.Number)
class NumberAdmin(ReadOnly):
    list_display = ("mobile", "line", "changed_at")
    list_filter = ("line",)
    search_fields = ("mobile",)


@admin.register(models.Subscription)
class SubscriptionAdmin(ReadOnly):
    list_display = ("mobile", "vibes_list", "state", "reason", "source", "changed_at")
    list_filter = ("state", "vibes_list")
    list_select_related = ("vibes_list",)
    search_fields = ("mobile",)


@admin.register(models.Callback)
class CallbackAdmin(ReadOnly):
    list_display = ("event_id", "kind", "account", "received_at", "applied_at", "outcome")
    list_filter = ("kind", "account")
    list_select_related = ("account",)
    search_fields = ("event_id",)


@admin.register(models.OutboxRow)
class OutboxAdmin(ReadOnly):
    list_display = ("event_id", "action", "state", "reason", "vibes_list", "mobile", "queued_at")
    list_filter = ("state", "action", "vibes_list")
    list_select_related = ("vibes_list",)
    search_fields = ("event_id", "mobile")
    show_full_result_count = False
