"""Vibes in the Django admin: secrets are write-only, what was owed or told cannot be rewritten."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people import mobile
from vibes import models, outcomes, tasks
from vibes.forms import AccountForm


class ReadOnly(admin.ModelAdmin[Any]):
    """To look at: these rows are evidence."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OfANumber(ReadOnly):
    """Rows about a number: found by all of its digits, and never shown with all of them."""

    search_fields = ["mobile__exact"]
    exclude = ("mobile",)
    readonly_fields = ("number",)

    @admin.display(description=gettext_lazy("Number"), ordering="mobile")
    def number(self, row: Any) -> str:
        return mobile.masked(row.mobile)


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

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The Vibes page deletes services: it looks first whether anything names them."""
        return False

    def save_model(
        self, request: HttpRequest, obj: models.Account, form: Any, change: bool
    ) -> None:
        """The connection is tried by the sync that follows: this runs inside a transaction."""
        form.write()
        tasks.take_up(obj)
        messages.info(request, _("The connection is being tried: see the Vibes page."))


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
class NumberAdmin(OfANumber):
    list_display = ("number", "line", "changed_at")
    list_filter = ("line",)
    list_display_links = None  # its address would be the number


@admin.register(models.Subscription)
class SubscriptionAdmin(OfANumber):
    list_display = ("number", "vibes_list", "state", "reason", "source", "changed_at")
    list_filter = ("state", "vibes_list")
    list_select_related = ("vibes_list",)


@admin.register(models.ConsentEntry)
class ConsentAdmin(OfANumber):
    list_display = (
        "recorded_at",
        "number",
        "list_name",
        "was",
        "became",
        "actor",
        "source",
        "reason",
    )
    list_filter = ("actor", "became", "source")
    show_full_result_count = False


@admin.register(models.Sweep)
class SweepAdmin(ReadOnly):
    list_display = (
        "account",
        "state",
        "started_by",
        "started_at",
        "finished_at",
        "total",
        "asked",
        "learnt",
        "unanswered",
        "fault",
    )
    list_filter = ("state", "account")
    list_select_related = ("account",)


@admin.register(models.Drift)
class DriftAdmin(OfANumber):
    list_display = ("found_at", "number", "vibes_list", "ours", "theirs", "outcome", "explanation")
    list_filter = ("outcome", "vibes_list")
    list_select_related = ("vibes_list",)
    show_full_result_count = False


@admin.register(models.Callback)
class CallbackAdmin(ReadOnly):
    """What Vibes told us, as it came but for whole numbers."""

    list_display = ("event_id", "kind", "account", "received_at", "applied_at", "outcome")
    list_filter = ("kind", "account")
    list_select_related = ("account",)
    search_fields = ("event_id",)
    show_full_result_count = False
    fields = ("account", "event_id", "kind", "told", "received_at", "applied_at", "outcome")

    @admin.display(description=gettext_lazy("Body"))
    def told(self, callback: models.Callback) -> str:
        return mobile.NUMBER.sub("…", callback.body)


@admin.register(models.EventOutcome)
class EventOutcomeAdmin(admin.ModelAdmin[models.EventOutcome]):
    """What the words of receipts mean. A change holds from the next receipt on, and for those that
    were not understood."""

    list_display = ("position", "type", "status", "piece", "meaning")
    list_display_links = ("type", "status")
    list_filter = ("meaning", "type")
    search_fields = ("type", "status", "piece")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.EventOutcome]:
        outcomes.table()  # writes the defaults where there is nothing yet
        return super().get_queryset(request)

    def save_model(
        self, request: HttpRequest, obj: models.EventOutcome, form: Any, change: bool
    ) -> None:
        obj.type, obj.status, obj.piece = outcomes.said(obj.type, obj.status, obj.piece)
        super().save_model(request, obj, form, change)
        tasks.apply_callbacks_again.delay_on_commit()  # type: ignore[attr-defined]


@admin.register(models.UnrecognisedReceipt)
class UnrecognisedReceiptAdmin(ReadOnly):
    """Words no row of the table knows. They changed nothing so far."""

    list_display = ("type", "status", "reason", "account", "count", "last_at", "say_what_it_means")
    list_filter = ("account", "type")
    list_select_related = ("account",)
    fields = (*list_display[:-1], "first_at", "say_what_it_means")

    @admin.display(description=gettext_lazy("What now?"))
    def say_what_it_means(self, row: models.UnrecognisedReceipt) -> str:
        words = {"type": row.type, "status": row.status, "piece": row.reason[:120]}
        address = reverse("admin:vibes_eventoutcome_add") + "?" + urlencode(words)
        return format_html('<a href="{}">{}</a>', address, _("Say what it means"))


@admin.register(models.OutboxRow)
class OutboxAdmin(OfANumber):
    list_display = ("event_id", "action", "state", "reason", "vibes_list", "number", "queued_at")
    list_filter = ("state", "action", "vibes_list")
    list_select_related = ("vibes_list",)
    search_fields = ["event_id", "mobile__exact"]
    show_full_result_count = False


@admin.register(models.OutboxTally)
class OutboxTallyAdmin(ReadOnly):
    """How many rows stand where, as the database counts along."""

    list_display = ("run_id", "step_id", "action", "state", "writer", "debts", "parts")
    list_filter = ("state",)
    search_fields = ["=run_id"]
