"""Fields of an installation in Admin: made, renamed and deleted by the same functions as in the browser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people import defining, field_uses, fields
from people.field_types import TYPES
from people.field_uses import Use
from people.models import CustomField, Person
from people.rights import DEFINE


class FieldForm(forms.ModelForm[CustomField]):
    """What `defining` takes, and what it says against it."""

    type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=lambda: [(each.word, each.label) for each in TYPES.values()],
        help_text=gettext_lazy(
            "How values are read, compared and sorted. It cannot be changed later."
        ),
    )

    class Meta:
        model = CustomField
        fields = ["label", "type", "help"]

    def clean_label(self) -> str:
        row = self.instance if self.instance.pk else None
        try:
            return defining.checked(self.cleaned_data["label"], but=row)
        except defining.Refused as refused:
            raise forms.ValidationError(str(refused)) from refused


@admin.register(CustomField)
class CustomFieldAdmin(ModelAdmin[CustomField]):
    """Whoever may define fields in the browser may here; all others who may view them look."""

    form = FieldForm
    list_display = ("label", "key", "type", "help", "used_by", "created_at")
    search_fields = ("label", "key")
    fields = ("label", "type", "help")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(DEFINE))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(DEFINE))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(DEFINE))

    def get_fields(self, request: HttpRequest, obj: CustomField | None = None) -> Any:
        more = ("key", "used_by", "formerly", "created_at", "created_by") if obj else ()
        return (*self.fields, *more)

    def get_readonly_fields(self, request: HttpRequest, obj: CustomField | None = None) -> Any:
        own = ("type", "key", "formerly", "created_at", "created_by") if obj else ()
        return ("used_by", *own)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Who uses the fields of a page is asked once for all of them."""
        found = super().get_changelist_instance(request)
        uses = _uses(found.result_list)
        for row in found.result_list:
            row.uses = uses[row.pk]
        return found

    @admin.display(description=gettext_lazy("used by"))
    def used_by(self, row: CustomField) -> str:
        uses = row.uses if hasattr(row, "uses") else _uses([row])[row.pk]
        return format_html_join(", ", "{}", ((_linked(each),) for each in uses)) or _("nobody")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What only the deed itself finds out, such as a name taken a moment ago, is said as well."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except defining.Refused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(request.get_full_path())

    def save_model(
        self, request: HttpRequest, obj: CustomField, form: forms.Form, change: bool
    ) -> None:
        said = form.cleaned_data
        if change:
            stored = CustomField.objects.get(pk=obj.pk)
            defining.rename(stored, said["label"], meaning=said["help"])
            return
        made = defining.define(
            said["label"], said["type"], meaning=said["help"], by=request.user, now=timezone.now()
        )
        obj.pk = made.pk
        obj.refresh_from_db()

    def get_deleted_objects(self, objs: Iterable[CustomField], request: HttpRequest) -> Any:
        """Who loses a value; and who uses a field, because of whom it stays."""
        rows = list(objs)
        uses = _uses(rows)
        held = [
            format_html("{}: {}", row, _linked(each))
            for row in rows
            for each in uses[row.pk]
            if each.holds
        ]
        missing = set() if self.has_delete_permission(request) else {CustomField._meta.verbose_name}
        return [_lost(row) for row in rows], {}, missing, held

    def delete_model(self, request: HttpRequest, obj: CustomField) -> None:
        defining.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CustomField]) -> None:
        for row in queryset:
            defining.delete(row)


def _uses(rows: Iterable[CustomField]) -> dict[int, list[Use]]:
    known = {row.pk: fields.of_custom(row) for row in rows}
    found = field_uses.of([*known.values()])
    return {pk: found[field.name] for pk, field in known.items()}


def _linked(use: Use) -> str:
    return format_html('<a href="{}">{}</a>', use.url, use.words) if use.url else use.words


def _lost(row: CustomField) -> str:
    count = Person.objects.filter(custom__has_key=row.key).count()
    said = ngettext(
        "%(field)s: %(count)d person loses a value",
        "%(field)s: %(count)d people lose a value",
        count,
    )
    return said % {"field": row, "count": count}
