"""Change Data Value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people import editing, fields, groups, meant, rights
from people.field_types import Compares, Unreadable
from people.models import PersonQuerySet


def offered() -> list[tuple[str, Any]]:
    """Every field that may be set for many at once, and first nothing: a step that was only added must
    not clear anything."""
    known = fields.recent().values()
    settable = [(each.name, each.label) for each in known if each.name != "mobile_typed"]
    return [("", gettext_lazy("Choose…")), *settable]


@steps.register
class ChangeDataValue(StepType["ChangeDataValue.Params"]):
    """Set a field of each person to a value. Leave the value empty to clear the field.

    Only those whose value really changes get a line in their history, with the value before.
    """

    kind = "change_data_value"
    label = gettext_lazy("Change Data Value")
    group = gettext_lazy("Data")
    icon = "pencil"

    class Form(ConfigForm):
        field = forms.ChoiceField(label=gettext_lazy("Attribute"), choices=offered)
        value = forms.CharField(
            label=gettext_lazy("New Value"),
            required=False,
            max_length=255,
            help_text=gettext_lazy("Yes or no for permissions; empty clears a text."),
        )

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if _is_moment(self.stored("field")):
                self.fields["value"].help_text = meant.told()

        def clean(self) -> dict[str, Any]:
            cleaned = super().clean() or {}
            if "field" in cleaned and "value" in cleaned:
                try:
                    read(cleaned["field"], cleaned["value"])
                except Unreadable as wrong:
                    self.add_error("value", str(wrong))
            return cleaned

    @dataclass(frozen=True)
    class Params:
        field: str
        value: str

    def summary(self, params: Params) -> str:
        if not params.value:
            return _("Clear %(field)s") % {"field": fields.label(params.field)}
        return _("Change %(field)s to “%(value)s”") % {
            "field": fields.label(params.field),
            "value": _said(params.field, params.value),
        }

    def needs(self, params: Params) -> str:
        lifts = params.field in groups.FLAGS and not read(params.field, params.value)
        return rights.LIFT if lifts else ""

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        editing.change_many(
            people,
            params.field,
            read(params.field, params.value),
            by=context.by,
            now=context.now,
        )
        return Outcome()


def _is_moment(name: str) -> bool:
    field = fields.find(name)
    return field is not None and field.type.compares == Compares.MOMENT


def _said(field: str, typed: str) -> str:
    """The value as it was typed; a time as it is meant, with its zone."""
    if not _is_moment(field):
        return typed
    zone = timezone.get_default_timezone_name()
    return f"{fields.get(field).type.typed(read(field, typed))} ({zone})"


def read(field: str, typed: str) -> Any:
    """The value a field takes for what was typed. Raises Unreadable, with words for the card."""
    known = fields.get(field)
    return known.read(typed.strip()) if typed.strip() else known.empty
