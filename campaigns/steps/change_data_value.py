"""Change Data Value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from campaigns.tokens import Token, compile_text
from people import editing, fields, groups, meant, rights
from people.field_types import Compares, Unreadable
from people.models import PersonQuerySet
from vibes.gate import Reason

NULL = "NULL"  # typed so, it clears; a person who is called so keeps the name


def offered() -> list[tuple[str, Any]]:
    """Every field that may be set for many at once, and first nothing: a step that was only added must
    not clear anything."""
    known = fields.recent().values()
    settable = [(each.name, each.label) for each in known if each.name != "mobile_typed"]
    return [("", gettext_lazy("Choose…")), *settable]


@steps.register
class ChangeDataValue(StepType["ChangeDataValue.Params"]):
    """Set a field of each person to a value. NULL in capitals clears the field, and so does an empty value.

    The value may hold tokens, such as {{person.First Name}} or {{person.City:default=Chicago}}: each person gets
    their own, and where a token is empty and has no default, nothing is written in its place. A value
    that does not fit the field (a word into a date) skips that person, and the results say why.

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
            help_text=gettext_lazy(
                "Yes or no for permissions. NULL (capitals) or empty clears the field. Tokens may stand in it:"
                " {{person.First Name}}."
            ),
        )

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if _is_moment(self.stored("field")):
                self.fields["value"].help_text = meant.told()

        def clean(self) -> dict[str, Any]:
            cleaned = super().clean() or {}
            if "field" in cleaned and "value" in cleaned:
                try:
                    _check(cleaned["field"], cleaned["value"])
                except Unreadable as wrong:
                    self.add_error("value", str(wrong))
            return cleaned

    @dataclass(frozen=True)
    class Params:
        field: str
        value: str

    def summary(self, params: Params) -> str:
        if params.value in ("", NULL):
            return _("Clear %(field)s") % {"field": fields.label(params.field)}
        return _("Change %(field)s to “%(value)s”") % {
            "field": fields.label(params.field),
            "value": _said(params.field, params.value),
        }

    def changes(self, params: Params) -> frozenset[str]:
        return frozenset({params.field})

    def needs(self, params: Params) -> str:
        if params.field not in groups.FLAGS:
            return ""
        # What a token will say nobody knows yet: it may be a no.
        lifts = _tokens(params.value) or not read(params.field, params.value)
        return rights.LIFT if lifts else ""

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        if _tokens(params.value):
            values, wrong = _each(people, params)
            editing.change_each(people, params.field, values, by=context.by, now=context.now)
            return _outcome(wrong)
        value = read(params.field, params.value)
        editing.change_many(people, params.field, value, by=context.by, now=context.now)
        return Outcome()

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        return _outcome(_each(people, params)[1] if _tokens(params.value) else {})


def _each(
    people: PersonQuerySet, params: ChangeDataValue.Params
) -> tuple[dict[int, Any], dict[int, str]]:
    """The value of each person, and of those whose tokens make none why not. One query."""
    field, template = fields.get(params.field), compile_text(params.value)
    write = template.render if field.type.compares == Compares.TEXT else template.typed
    values, wrong = {}, {}
    for person in people.only("pk", *template.columns):
        typed = write(person).strip()
        try:
            values[person.pk] = field.read(typed) if typed else field.empty
        except Unreadable as why:
            wrong[person.pk] = str(why)
    return values, wrong


def _outcome(wrong: dict[int, str]) -> Outcome:
    skipped = {str(Reason.VALUE_UNREADABLE): frozenset(wrong)} if wrong else {}
    return Outcome(skipped=skipped, details=wrong)


def _tokens(typed: str) -> list[Token]:
    return compile_text(typed).tokens


def _check(field: str, typed: str) -> None:
    """Raises Unreadable, with words for the card; what tokens will say is seen person by person."""
    template = compile_text(typed)
    if template.unknown:
        said = _("No field of people is called %(token)s.")
        raise Unreadable(said % {"token": template.unknown[0]})
    if not template.tokens:
        read(field, typed)


def _is_moment(name: str) -> bool:
    field = fields.find(name)
    return field is not None and field.type.compares == Compares.MOMENT


def _said(field: str, typed: str) -> str:
    """The value as it was typed; a time as it is meant, with its zone."""
    if not _is_moment(field) or _tokens(typed):
        return typed
    zone = timezone.get_default_timezone_name()
    return f"{fields.get(field).type.typed(read(field, typed))} ({zone})"


def read(field: str, typed: str) -> Any:
    """The value a field takes for what was typed. Raises Unreadable, with words for the card."""
    known, typed = fields.get(field), typed.strip()
    return known.empty if typed in ("", NULL) else known.read(typed)
