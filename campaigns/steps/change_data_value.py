"""Change Data Value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people import editing, fields
from people.models import PersonQuerySet

FIELDS = [field for field in fields.WRITABLE.values() if field.name != "mobile_typed"]


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
        field = forms.ChoiceField(
            label=gettext_lazy("Attribute"),
            # Nothing to begin with: a step that was only added must not clear anything.
            choices=[("", gettext_lazy("Choose…")), *((each.name, each.label) for each in FIELDS)],
        )
        value = forms.CharField(
            label=gettext_lazy("New Value"),
            required=False,
            max_length=255,
            help_text=gettext_lazy("Yes or no for permissions; empty clears a text."),
        )

        def clean(self) -> dict[str, Any]:
            cleaned = super().clean() or {}
            if "field" in cleaned and "value" in cleaned:
                try:
                    read(cleaned["field"], cleaned["value"])
                except fields.Unreadable as wrong:
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
            "value": params.value,
        }

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        editing.change_many(
            people,
            params.field,
            read(params.field, params.value),
            by=context.by,
            now=context.now,
        )
        return Outcome()


def read(field: str, typed: str) -> Any:
    """The value a field takes for what was typed. Raises `fields.Unreadable` with words for the card."""
    if typed.strip():
        return fields.WRITABLE[field].read(fields.WRITABLE[field], typed.strip())
    return fields.empty(field)
