"""Vibes in the Django admin: secrets are write-only, what was owed or told cannot be rewritten."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

from vibes import models, tasks
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
    """Secrets are the form's: they go in and never come out. Callback tokens are not shown."""

    form = AccountForm
    list_display = ("name", "region", "company_key", "source_code", "health", "synced_at")
    readonly_fields = ("health", "health_detail", "checked_at", "held_until", "synced_at")

    def get_fields(self, request: HttpRequest, obj: models.Account | None = None) -> list[Any]:
        """All of the form; nothing of it can be removed that is not there."""
        form = AccountForm(instance=obj)
        limits = ["events_per_second", "calls_per_second"]
        return [*form.fields, *limits, *self.readonly_fields]

    def save_model(
        self, request: HttpRequest, obj: models.Account, form: Any, change: bool
    ) -> None:
        """The connection is tried by the sync that follows: this runs inside a transaction."""
        super().save_model(request, obj, form, change)
        tasks.take_up(obj)
        messages.info(request, _("The connection is being tried: see the Vibes page."))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What hangs on a service, by kind and number: its numbers are nobody's business here."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        kinds = [f"{name}: {count}" for name, count in counts.items()]
        held = [str(_("Something we owed Vibes"))] if protected else []
        return kinds or listed[:1], counts, needed, held


class ListInline(admin.TabularInline[Any, Any]):
    model = models.AcquisitionCampaign.feeds.through
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.VibesList)
class VibesListAdmin(ReadOnly):
    """Copied from Vibes. Its sender is chosen on the Vibes page, which looks at it first."""

    list_display = ("name", "vibes_id", "account", "event_type", "sender_fault", "gone_at")
    list_filter = ("account",)
    search_fields = ("name", "vibes_id")
    inlines = (ListInline,)


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


@admin.register(models.EventOutcome)
class EventOutcomeAdmin(admin.ModelAdmin[models.EventOutcome]):
    """What the words in a receipt mean. The next sweep takes up the receipts a new row explains."""

    list_display = ("position", "type", "status", "piece", "meaning")
    list_display_links = ("type",)
    list_filter = ("type", "meaning")
    search_fields = ("status", "piece")


@admin.register(models.UnrecognisedReceipt)
class UnrecognisedReceiptAdmin(ReadOnly):
    list_display = ("type", "status", "reason", "count", "account", "first_at", "last_at")
    list_filter = ("account", "type")
    list_select_related = ("account",)
