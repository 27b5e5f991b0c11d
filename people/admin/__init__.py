"""The operator's view of people: to look, to mend what went wrong, never to rewrite history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from people import activity, editing, groups, rights
from people.models import (
    Activity,
    ColumnView,
    ExportDownload,
    ExportJob,
    ExportPiece,
    HashKey,
    ImportJob,
    ImportKey,
    ImportPiece,
    ImportReject,
    ImportTrace,
    Person,
    Setting,
    StaticList,
    StaticListMember,
    Suppression,
    Tick,
)

from . import custom_fields as custom_fields


class ReadOnly(ModelAdmin[Any]):
    """To look at only."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(ModelAdmin[Person]):
    list_display = ("id", "__str__", "email", "mobile", "city", "block_listed", "updated_at")
    list_display_links = ("id", "__str__")
    list_filter = ("block_listed", "marketing_suspended")
    search_fields = ("=email", "=mobile", "first_name__istartswith", "last_name__istartswith")
    readonly_fields = ("mobile", "mobile_region", "mobile_typed", "created_at", "updated_at")
    ordering = ("-id",)
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # that is what the Database page is for

    def has_delete_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        return False  # would take the history along

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> list[str]:
        """Restrictions too, for who may not lift one."""
        may = request.user.has_perm(rights.LIFT)
        return [*self.readonly_fields, *(() if may else groups.FLAGS)]

    def save_model(
        self, request: HttpRequest, obj: Person, form: forms.ModelForm[Person], change: bool
    ) -> None:
        """What an operator mends stands in the person's history like any other change."""
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        stored, by = Person.objects.get(pk=obj.pk), request.user.get_username()
        editing.change(stored, values, by=by, now=timezone.now())


@admin.register(ColumnView)
class ColumnViewAdmin(ReadOnly):
    """They are personal: made, changed and thrown away by whoever made them."""

    list_display = ("name", "user", "is_default")
    list_select_related = ("user",)
    search_fields = ("name",)


@admin.register(Activity)
class ActivityAdmin(ReadOnly):
    list_display = ("id", "happened_at", "person_id", "kind", "told", "run_id")
    list_filter = ("kind",)
    search_fields = ("=person__id",)
    ordering = ("-happened_at", "-id")

    @admin.display(description="what happened")
    def told(self, line: Activity) -> str:
        return activity.sentence(line)


@admin.register(StaticList)
class StaticListAdmin(ModelAdmin[StaticList]):
    list_display = ("name", "created_at")
    search_fields = ("name",)


@admin.register(StaticListMember)
class StaticListMemberAdmin(ReadOnly):
    list_display = ("id", "static_list", "person", "added_at")
    list_select_related = ("static_list", "person")
    list_filter = ("static_list",)
    ordering = ("-id",)


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnly):
    list_display = ("id", "file_name", "state", "rows", "position", "rejected_count", "created_at")
    list_filter = ("state",)
    ordering = ("-id",)


@admin.register(ImportReject)
class ImportRejectAdmin(ReadOnly):
    list_display = ("id", "job", "number", "reason")
    list_select_related = ("job",)
    ordering = ("-id",)


@admin.register(ImportPiece, ExportPiece)
class PieceAdmin(ReadOnly):
    """The bytes themselves are not shown: they may be 100 MB of other people's data."""

    list_display = ("id", "job", "number")
    list_select_related = ("job",)
    fields = ("job", "number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")


@admin.register(ImportKey)
class ImportKeyAdmin(ReadOnly):
    list_display = ("id", "job", "key")
    list_select_related = ("job",)


@admin.register(ImportTrace)
class ImportTraceAdmin(ReadOnly):
    list_display = ("id", "job", "person_id", "made", "listed", "kept")
    list_select_related = ("job",)
    search_fields = ("=person_id",)


@admin.register(ExportJob)
class ExportJobAdmin(ReadOnly):
    """Who exported what: the row stays when the file is gone."""

    list_display = ("id", "title", "created_by", "created_at", "state", "rows")
    list_select_related = ("created_by",)
    list_filter = ("state", "source")
    ordering = ("-id",)


@admin.register(ExportDownload)
class ExportDownloadAdmin(ReadOnly):
    list_display = ("id", "job", "by", "at")
    list_select_related = ("job", "by")
    ordering = ("-id",)


@admin.register(Setting)
class SettingAdmin(ModelAdmin[Setting]):
    list_display = ("name", "value")
    search_fields = ("name",)


@admin.register(Tick)
class TickAdmin(ReadOnly):
    """Who rang last for all due work: *beat*, or a worker by itself while there is none."""

    list_display = ("by", "at")


@admin.register(Suppression)
class SuppressionAdmin(ReadOnly):
    """Numbers that stay barred though their person was erased. To delete one is to bar it no longer."""

    list_display = ("key", "reason", "kept_at", "came_back_at")
    list_filter = ("reason",)
    search_fields = ("=key",)
    exclude = ("mobile",)
    ordering = ("-kept_at",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("people.delete_suppression"))


@admin.register(HashKey)
class HashKeyAdmin(ReadOnly):
    """That there is one; it is never shown."""

    fields = ("id",)
    list_display = ("id",)
