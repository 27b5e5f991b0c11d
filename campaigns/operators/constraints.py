"""Constraints: what narrows the activities that count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from django import forms
from django.db.models import Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, SmsMessage
from campaigns.models.named_list import static_lists
from campaigns.registry import ConfigForm, UnknownKind
from people import fields, keyed, meant, mobile
from people.among import Among, Holds
from people.field_types import Compares, Unreadable
from people.folding import Fold, fold
from people.instance import DEFAULT_REGION
from people.models import StaticList
from vibes.gate import Reason
from vibes.models import VibesList


@dataclass(frozen=True)
class Constraint:
    """One field of the card: `hint` is its type in the params, `nothing` what it is when left alone.

    `condition` takes its value and all the params, and answers a condition on an activity.
    """

    name: str
    field: Callable[[], forms.Field]
    hint: Any
    condition: Callable[[Any, Any], Q]
    words: Callable[[Any], str]
    nothing: Any = None
    required: bool = False


def _chosen(label: Any, model: Any) -> Callable[[], forms.Field]:
    return lambda: forms.ModelChoiceField(model(), label=label, required=False)


def _named(label: Any) -> Callable[[Any], str]:
    return lambda value: f"{label} “{value}”"


def _at(column: Any, value: Any) -> Q:
    return Q(Exact(column, Value(value)))


def _is(detail: str, called: Callable[[Any], str]) -> Callable[[Any, Any], Q]:
    """That a detail is the chosen one: by its id; lines from before that was written have the name alone."""

    def condition(chosen: Any, params: Any) -> Q:
        by_id = _at(keyed.Number("details", f"{detail}_id"), float(chosen.pk))
        by_name = _at(keyed.Text("details", detail), called(chosen))
        return by_id | (~Q(keyed.There("details", f"{detail}_id")) & by_name)

    return condition


def _messages() -> Any:
    return SmsMessage.objects.present().select_related("node").order_by("node__name", "pk")


def _campaigns() -> Any:
    return Campaign.objects.offered()


MESSAGE = Constraint(
    "message",
    _chosen(_("SMS Message"), _messages),
    SmsMessage | None,
    _is("message", str),
    _named(_("SMS Message")),
)
LIST = Constraint(
    "vibes_list",
    _chosen(_("Vibes List"), lambda: VibesList.objects.order_by("name", "pk")),
    VibesList | None,
    _is("vibes_list", attrgetter("name")),
    _named(_("Vibes List")),
)
CAMPAIGN = Constraint(
    "campaign",
    _chosen(_("Smart Campaign"), _campaigns),
    Campaign | None,
    lambda chosen, params: Q(campaign_id=chosen.pk),
    _named(_("Smart Campaign")),
)
STATIC_LIST = Constraint(
    "static_list",
    _chosen(_("List"), static_lists),
    StaticList | None,
    lambda chosen, params: _at(keyed.Number("details", "list_id"), float(chosen.pk)),
    _named(_("List")),
)


def _choice(label: Any, choices: Any) -> Callable[[], forms.Field]:
    return lambda: forms.ChoiceField(
        label=label, required=False, choices=[("", _("any")), *choices], initial=""
    )


BOUNCES = {"hard": _("hard (the number will not do)"), "soft": _("soft (this time)")}
BOUNCE = Constraint(
    "bounce",
    _choice(_("Kind of Bounce"), BOUNCES.items()),
    str,
    lambda chosen, params: _at(keyed.Text("details", "bounce"), chosen),
    lambda chosen: str(BOUNCES[chosen]),
    nothing="",
)
REASON = Constraint(
    "reason",
    _choice(_("Reason"), Reason.choices),
    str,
    lambda chosen, params: _at(keyed.Text("details", "reason"), chosen),
    lambda chosen: f"{gettext('Reason')} “{Reason(chosen).label}”",
    nothing="",
)


def _text(label: Any, help_text: Any) -> Callable[[], forms.Field]:
    return lambda: forms.CharField(label=label, required=False, max_length=255, help_text=help_text)


def holding(name: str, label: Any, help_text: Any = "") -> Constraint:
    """That a detail of the line holds some words; case does not count."""
    column = Fold(keyed.Text("details", name))
    return Constraint(
        name,
        _text(label, help_text),
        str,
        lambda words, params: Q(Holds(column, [fold(words)])),
        _named(label),
        nothing="",
    )


TEXT = holding("text", _("Text contains"))
BY = holding("by", _("Source contains"), _("Who or what did it: a person, an import, a campaign."))

# --- Data Value Changed ---------------------------------------------------------------------------
BEFORE, AFTER = 0, 1


def field_choices() -> list[tuple[str, Any]]:
    """Every field whose changes the log tells: a number as it is, not as it was typed."""
    names = {"mobile_typed": "mobile"}
    known = fields.recent().values()
    return [("", _("Choose…")), *((names.get(each.name, each.name), each.label) for each in known)]


def _changed(name: str, params: Any) -> Q:
    if fields.find(name) is None and name != "mobile":
        raise UnknownKind(gettext("The field “%(field)s” was deleted.") % {"field": name})
    return Q(keyed.There("details", "changes", name))


def _value_is(place: int, typed: str, params: Any) -> Q:
    """The value at a place of the change is the one that was typed, as its type reads it."""
    where, field = ("details", "changes", params.field, place), fields.find(params.field)
    compares = field.type.compares if field else Compares.TEXT
    value = _read(params.field, typed)
    match compares:
        case Compares.TEXT:
            return Q(Among(Fold(keyed.Text(*where)), [fold(typed), fold(value)]))
        case Compares.NUMBER:
            return _at(keyed.Number(*where), float(value))
        case Compares.TRUTH:
            ticked = Q(keyed.Truth(*where))
            return ticked if value else ~ticked
    return _at(keyed.Text(*where), value)


def _read(name: str, typed: str) -> Any:
    """What was typed, as the log has it. Raises Unreadable."""
    field = fields.find(name)
    if field is None:
        return mobile.parse(typed, region=DEFAULT_REGION.get()).e164 or typed
    return field.type.to_json(field.type.read(typed))


class ChangeForm(ConfigForm):
    """Values are read by the type of the field that is asked about."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = fields.find(self.stored("field"))
        if field and field.type.compares == Compares.MOMENT:
            for name in self.fields.keys() & {"before", "after"}:
                self.fields[name].help_text = meant.told()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("before", "after"):
            if cleaned.get("field") and cleaned.get(name):
                try:
                    _read(cleaned["field"], cleaned[name])
                except Unreadable as wrong:
                    self.add_error(name, str(wrong))
        return cleaned


FIELD = Constraint(
    "field",
    lambda: forms.ChoiceField(label=_("Attribute"), choices=field_choices),
    str,
    _changed,
    fields.label,
    required=True,
)
PREVIOUS = Constraint(
    "before",
    _text(_("Previous Value"), ""),
    str,
    partial(_value_is, BEFORE),
    _named(_("Previous Value")),
    nothing="",
)
NEW = Constraint(
    "after",
    _text(_("New Value"), ""),
    str,
    partial(_value_is, AFTER),
    _named(_("New Value")),
    nothing="",
)
