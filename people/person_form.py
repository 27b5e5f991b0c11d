"""The form of a person: every field there is, read by its own type. It checks; `editing` writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from people import editing, field_types, fields, meant
from people.field_types import Compares, Unreadable
from people.forms import looks
from people.models import Person

ZONES = [("", "—"), *((zone, zone.replace("_", " ")) for zone in sorted(field_types.zones()))]
YES_NO = [("no", _("no")), ("yes", _("yes"))]
SAID = {
    "mobile_typed": _("With area code; with + and country code if it is abroad."),
    "time_zone": _("Left empty, the area code tells."),
}
KINDS = {"email": "email", "phone": "tel", "mobile": "tel", "date": "date"}
WHO = ("first_name", "last_name", "email", "mobile_typed")


class PersonForm(forms.Form):
    """The fields of somebody, by name; `only` some of them. `values()` is what `editing` takes."""

    def __init__(
        self,
        typed: Any = None,
        *,
        person: Person | None = None,
        only: Iterable[str] = (),
    ) -> None:
        super().__init__(typed)
        self.person = person or Person()
        known, names = fields.everything(), set(only)
        self.known = {name: known[name] for name in known if not names or name in names}
        for name, field in self.known.items():
            self.fields[name] = _asked(field, self.person)
        looks(self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.number = dict[str, str]()
        self.meant = meant.by_the_reader()
        for field in self.known.values():
            typed = str(cleaned.get(field.name) or "").strip().replace("\r\n", "\n")
            self._read(field, typed, cleaned)
        if not self.errors and not any(_left(self.person, cleaned, name) for name in WHO):
            raise forms.ValidationError(_("Give a name, an e-mail address or a phone number."))
        return cleaned

    def _read(self, field: fields.Field, typed: str, cleaned: dict[str, Any]) -> None:
        try:
            cleaned[field.name] = self._value(field, typed) if typed else field.empty
        except Unreadable as wrong:
            self.add_error(field.name, str(wrong).removeprefix(f"{field.label}: "))
        if field.name == "mobile_typed":
            self._read_number(typed)

    def _value(self, field: fields.Field, typed: str) -> Any:
        """A box that is untouched changes nothing: of a time that comes twice it cannot say which."""
        value, before = field.read(typed, self.meant), field.value(self.person)
        is_moment = field.type.compares == Compares.MOMENT and before is not None
        if is_moment and value == field.read(as_typed(field, self.person), self.meant):
            return before
        return value

    def _read_number(self, typed: str) -> None:
        """What is typed anew must be a number; what was imported as it is may stay."""
        self.number = editing.number(typed, region=self.meant.region)
        if typed and typed != self.person.mobile_typed and not self.number["mobile"]:
            said = _(
                "This is not a valid phone number. Write it as 312 555 0142 or +1 312 555 0142."
            )
            self.add_error("mobile_typed", said)

    def values(self) -> dict[str, Any]:
        """Only what is not as it was; with a typed number comes the number it stands for."""
        read = ((each, self.cleaned_data[each.name]) for each in self.known.values())
        values = {each.name: value for each, value in read if value != each.value(self.person)}
        return values | self.number if "mobile_typed" in values else values


def as_typed(field: fields.Field, person: Person) -> str:
    """What the box of a field holds, as browsers want it, in the zone in which the page shows times; the
    form reads it as what it was."""
    typed = field.type.typed(field.value(person), timezone.get_current_timezone())
    return typed[:19].replace(" ", "T") if field.type.compares == Compares.MOMENT else typed


def _left(person: Person, cleaned: dict[str, Any], name: str) -> Any:
    return cleaned[name] if name in cleaned else getattr(person, name)


def _asked(field: fields.Field, person: Person) -> forms.Field:
    """A field as the form asks for it: as text, since its own type reads it."""
    typed = as_typed(field, person)
    said: dict[str, Any] = {"label": field.label, "required": False}
    said["help_text"] = _help(field)
    if field.type.compares == Compares.TRUTH:
        return forms.ChoiceField(choices=YES_NO, initial=typed or "no", **said)
    if field.type.word == "zone":
        return forms.ChoiceField(choices=_zones(typed), initial=typed, **said)
    return forms.CharField(
        initial=typed, max_length=field.longest, strip=False, widget=_box(field), **said
    )


def _help(field: fields.Field) -> str:
    said = str(field.help or SAID.get(field.name, ""))
    if field.type.compares != Compares.MOMENT:
        return said
    zone = {"zone": timezone.get_current_timezone_name()}
    return f"{said} {gettext('Time zone: %(zone)s.') % zone}".strip()


def _zones(now: str) -> list[tuple[str, str]]:
    """Every time zone; one that this machine does not know stays where somebody has it."""
    return ZONES if not now or now in field_types.zones() else [*ZONES, (now, now)]


def _box(field: fields.Field) -> forms.Widget:
    if field.type.word == "text":
        return forms.Textarea(attrs={"rows": 3})
    if field.type.compares == Compares.MOMENT:
        return forms.TextInput(attrs={"type": "datetime-local", "step": "1"})
    kind = KINDS.get(field.type.word, "text")
    attrs = {"type": kind, "autocomplete": "off"}
    if field.type.compares == Compares.NUMBER:
        attrs["inputmode"] = "decimal"
    return forms.TextInput(attrs=attrs)
