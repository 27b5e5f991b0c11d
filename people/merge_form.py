"""The form of a merge: who is kept, whose value each field takes, or another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people import editing, fields, meant, merging
from people.field_types import Unreadable
from people.merging import Choice
from people.models import Person

TYPED = "typed"


def _radios() -> forms.RadioSelect:
    return forms.RadioSelect(attrs={"class": "form-check-input"})


@dataclass(frozen=True)
class Row:
    """One field in which they differ: whose value, and where another one is typed."""

    field: fields.Field
    whose: forms.BoundField
    typed: forms.BoundField


class MergeForm(forms.Form):
    """Asks only about fields in which the people differ. `seen` is the mark of what was looked at."""

    keep = forms.TypedChoiceField(
        label=gettext_lazy("Which record is kept"), coerce=int, widget=_radios()
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, people: Sequence[Person], data: Any = None) -> None:
        super().__init__(data, initial={"keep": people[0].pk})
        self.people = list(people)
        self._choices = [(str(each.pk), f"{each} (#{each.pk})") for each in people]
        self.fields["keep"].choices = self._choices  # type: ignore[attr-defined]
        known = [each for each in fields.everything().values() if each.name not in merging.CONSENT]
        known = [each for each in known if each.name not in merging.NOT_CHOSEN]
        self.differing = [each for each in known if self._differ(each)]
        for each in self.differing:
            self._ask(each)

    def _differ(self, field: fields.Field) -> bool:
        return len({str(field.value(each)) for each in self.people}) > 1

    def _ask(self, field: fields.Field) -> None:
        shown = [
            (str(each.pk), f"{field.type.shown(field.value(each)) or '—'} (#{each.pk})")
            for each in self.people
        ]
        full = [each for each in self.people if not field.is_blank(field.value(each))]
        self.fields[f"whose-{field.name}"] = forms.ChoiceField(
            label=str(field.label),
            choices=[*shown, (TYPED, _("Another value"))],
            initial=(full or self.people)[0].pk,
            widget=_radios(),
        )
        label = _("Another value for %(field)s") % {"field": field.label}
        widget = forms.TextInput(attrs={"class": "form-control", "aria-label": label})
        self.fields[f"typed-{field.name}"] = forms.CharField(
            label=label, required=False, max_length=field.longest, widget=widget
        )

    def rows(self) -> list[Row]:
        return [
            Row(each, self[f"whose-{each.name}"], self[f"typed-{each.name}"])
            for each in self.differing
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.values, self.meant = dict[str, Any](), meant.by_the_reader()
        for each in self.differing:
            if cleaned.get(f"whose-{each.name}") == TYPED:
                self._read(each, str(cleaned.get(f"typed-{each.name}") or "").strip())
        return cleaned

    def _read(self, field: fields.Field, typed: str) -> None:
        try:
            value = field.read(typed, self.meant) if typed else field.empty
        except Unreadable as wrong:
            self.add_error(f"typed-{field.name}", str(wrong))
            return
        self.values[field.name] = value
        if field.name == "mobile_typed":
            self.values |= editing.number(typed, region=self.meant.region)
            if typed and not self.values["mobile"]:
                self.add_error(f"typed-{field.name}", _("This is not a valid phone number."))

    def ids(self) -> list[int]:
        """Everybody, the one that is kept first."""
        keep = self.cleaned_data["keep"]
        return sorted((each.pk for each in self.people), key=lambda pk: pk != keep)

    def choice(self) -> Choice:
        whose = {each.name: self.cleaned_data[f"whose-{each.name}"] for each in self.differing}
        return Choice(
            {name: int(pk) for name, pk in whose.items() if pk != TYPED}, dict(self.values)
        )

    def mark(self) -> str:
        """Another one for every other choice, and once somebody has changed one of them."""
        choice = self.choice()
        said = [self.ids(), choice.whose, choice.typed, [each.updated_at for each in self.people]]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:20]
