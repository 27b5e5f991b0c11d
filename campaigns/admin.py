"""Campaigns in the Django admin: what ran cannot be rewritten, drafts are edited in their own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from campaigns import models, webhooks


class ReadOnly(admin.ModelAdmin[Any]):
    """To look at: the ledger and what it stands on are evidence."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.Node)
class NodeAdmin(admin.ModelAdmin[models.Node]):
    """Names may be mended here. What hangs in the tree is made, moved and deleted there."""

    list_display = ("name", "kind", "parent", "created_at")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("name", "description")
    readonly_fields = ("kind", "parent", "position", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is typed of its header is not shown again; left empty it stays."""

    header_value = forms.CharField(
        required=False, max_length=1_000, widget=forms.PasswordInput(render_value=False)
    )

    class Meta:
        model = models.Webhook
        fields = ("name", "method", "url", "body", "header_name", "header_value")

    def clean_header_value(self) -> str:
        return str(self.cleaned_data["header_value"] or self.instance.header_value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kept = {name: cleaned.get(name, "") for name in ("method", "url", "body")}
        if wrong := webhooks.complaint(models.Webhook(**kept)):
            raise forms.ValidationError(wrong)
        return cleaned


@admin.register(models.Webhook)
class WebhookAdmin(admin.ModelAdmin[models.Webhook]):
    """Whom flows may call: the step names a webhook, and only operators say what that is."""

    form = WebhookForm
    list_display = ("name", "method", "url")
    search_fields = ("name", "url")


@admin.register(models.Effect)
class EffectAdmin(ReadOnly):
    list_display = ("pk", "kind", "run_id", "step_id", "state", "attempts", "detail", "settled_at")
    list_filter = ("state", "kind")
    search_fields = ("=run__pk",)


@admin.register(models.Edit)
class EditAdmin(ReadOnly):
    list_display = ("at", "deed", "name", "by", "side", "smart_list", "number", "is_undone")
    list_filter = ("side", "deed")
    list_select_related = ("by", "smart_list")


@admin.register(models.Campaign)
class CampaignAdmin(ReadOnly):
    list_display = ("node", "revision", "edited_at", "edited_by")
    list_select_related = ("node", "edited_by")
    search_fields = ("node__name",)


@admin.register(models.NamedList)
class NamedListAdmin(ReadOnly):
    list_display = ("node", "revision", "edited_at", "edited_by")
    list_select_related = ("node", "edited_by")
    search_fields = ("node__name",)


@admin.register(models.PlacedList)
class PlacedListAdmin(ReadOnly):
    list_display = ("node", "static_list")
    list_select_related = ("node", "static_list")
    search_fields = ("node__name",)


@admin.register(models.SmartList)
class SmartListAdmin(ReadOnly):
    list_display = ("pk", "match", "logic")
    list_filter = ("match",)


@admin.register(models.SmartListFilter)
class SmartListFilterAdmin(ReadOnly):
    list_display = ("pk", "kind", "smart_list", "position")
    list_filter = ("kind",)


@admin.register(models.SmartListTrigger)
class SmartListTriggerAdmin(ReadOnly):
    list_display = ("pk", "kind", "smart_list", "position")
    list_filter = ("kind",)


@admin.register(models.FlowStep)
class FlowStepAdmin(ReadOnly):
    list_display = ("pk", "kind", "campaign", "position", "does_nothing")
    list_filter = ("kind",)
    list_select_related = ("campaign__node",)
    search_fields = ("campaign__node__name",)


@admin.register(models.Choice)
class ChoiceAdmin(ReadOnly):
    list_display = ("pk", "step", "position", "does_nothing")


@admin.register(models.FlowVersion)
class FlowVersionAdmin(ReadOnly):
    list_display = ("campaign", "number", "published_at", "published_by")
    list_select_related = ("campaign__node", "published_by")
    search_fields = ("campaign__node__name",)


@admin.register(models.StepReference)
class StepReferenceAdmin(ReadOnly):
    list_display = (
        "pk",
        "step",
        "version",
        "message",
        "vibes_list",
        "acquisition_campaign",
        "static_list",
    )
    list_select_related = (
        "version__campaign__node",
        "message__node",
        "vibes_list",
        "acquisition_campaign",
        "static_list",
        "step",
    )


@admin.register(models.SmsMessage)
class SmsMessageAdmin(ReadOnly):
    list_display = ("node", "state", "edited_at")
    list_select_related = ("node", "approved")
    search_fields = ("node__name", "text")


@admin.register(models.MessageVersion)
class MessageVersionAdmin(ReadOnly):
    list_display = ("message", "number", "approved_at", "approved_by")
    list_select_related = ("message__node", "approved_by")
    search_fields = ("message__node__name", "text")


@admin.register(models.Run)
class RunAdmin(ReadOnly):
    list_display = ("pk", "campaign", "state", "version", "entered", "started_at", "started_by")
    list_filter = ("state",)
    list_select_related = ("campaign__node", "version__campaign__node", "started_by")
    search_fields = ("campaign__node__name", "token")


@admin.register(models.Slot)
class SlotAdmin(ReadOnly):
    list_display = ("campaign", "scheduled_for", "zone", "state", "run_id", "planned_by")
    list_filter = ("state",)
    list_select_related = ("campaign__node", "planned_by")
    search_fields = ("campaign__node__name",)


@admin.register(models.Cohort)
class CohortAdmin(ReadOnly):
    list_display = ("pk", "run_id", "number", "position", "state", "due_at", "attempts")
    list_filter = ("state",)
    search_fields = ("run__pk",)


@admin.register(models.Entry)
class EntryAdmin(ReadOnly):
    list_display = ("pk", "run_id", "person", "cohort_id", "entered_at", "left_at")
    list_select_related = ("person",)
    search_fields = ("person__email", "person__mobile")


@admin.register(models.Verdict)
class VerdictAdmin(ReadOnly):
    list_display = ("pk", "run_id", "person", "step_id", "state", "reason", "at")
    list_filter = ("state",)
    list_select_related = ("person",)
    search_fields = ("person__email", "person__mobile")


@admin.register(models.Intervention)
class InterventionAdmin(ReadOnly):
    list_display = ("at", "deed", "run", "by", "reason")
    list_filter = ("deed",)
    list_select_related = ("run__campaign__node", "by")
    search_fields = ("reason", "run__campaign__node__name")


@admin.register(models.Request)
class RequestAdmin(ReadOnly):
    list_display = ("pk", "campaign", "run_id", "entry_id", "step_id", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("campaign__node",)
    search_fields = ("=run__pk",)


@admin.register(models.Tally)
class TallyAdmin(ReadOnly):
    list_display = ("pk", "run_id", "step_id", "state", "reason", "writer", "people")
    list_filter = ("state",)
    search_fields = ("=run_id",)


@admin.register(models.Sample)
class SampleAdmin(ReadOnly):
    list_display = ("pk", "run_id", "at", "sent")
    search_fields = ("=run_id",)
