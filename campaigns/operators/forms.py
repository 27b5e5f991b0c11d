"""What the forms of filters have in common: an operator, and only the fields that it needs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.registry import ConfigForm
from people.field_types import TYPES, Unreadable

EMPTY = {"is_empty": _("is empty"), "is_not_empty": _("is not empty")}
MOST, LONGEST = 1_000, 255  # values in one filter, characters in one value


class OperatorForm(ConfigForm):
    """A menu, and below it the fields that its choice needs: what it does not need is hidden, and does
    not count."""

    menu: ClassVar[str] = "operator"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self._unneeded(self.stored(self.menu)):
            self.fields[name].widget = self.fields[name].hidden_widget()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        choice = cleaned.get(self.menu, "")
        for name in self._unneeded(choice):
            self.errors.pop(name, None)
            cleaned[name] = self.fields[name].clean("")
        for name in self.needed(choice):
            if name not in self.errors and cleaned.get(name) in (None, "", ()):
                self.add_error(name, gettext("Enter a value."))
        return cleaned

    def needed(self, choice: str) -> list[str]:
        """The fields that must be filled in with this choice of the menu."""
        return [] if choice in EMPTY or not choice else ["value"]

    def depending(self) -> list[str]:
        """The fields that are shown with some choices of the menu only."""
        return [name for name in self.fields if name != self.menu]

    def _unneeded(self, choice: str) -> list[str]:
        needed = self.needed(choice)
        return [name for name in self.depending() if name not in needed]

    def refuse_disorder(self, cleaned: Mapping[str, Any], first: str) -> None:
        """Of the two ends of *between*: the second one must not come before the first."""
        ends = cleaned.get(first), cleaned.get("to")
        if None not in ends and ends[1] < ends[0]:  # type: ignore[operator]
            self.add_error("to", gettext("This comes before the first one."))


class ValuesInput(forms.Textarea):
    """A value a line; a script makes chips of it. What a line held once was parted by semicolons."""

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        chips = {
            "data-chips": _("Remove %s"),
            "data-add": _("Add %s"),
            "data-placeholder": _("Type one and press Enter, or paste many"),
        }
        super().__init__({"rows": 2, "spellcheck": "false", **chips, **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        posted = super().value_from_datadict(data, files, name)
        if isinstance(posted, list | tuple):
            return "".join(f"{each}\n" for each in posted)
        return posted.replace("\r\n", "\n") if isinstance(posted, str) else posted


class ValuesField(forms.CharField):
    """One or more values, cleaned to a tuple: each once, in the order in which they were given."""

    widget = ValuesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)

    def clean(self, value: Any) -> Any:
        values = parted(str(super().clean(value)))
        if len(values) > MOST:
            said = gettext("These are %(count)s values. A filter takes %(most)s at most.")
            shown = {"count": _grouped(len(values)), "most": _grouped(MOST)}
            raise ValidationError(said % shown)
        if too_long := next((each for each in values if len(each) > LONGEST), ""):
            said = gettext("“%(value)s…” is longer than %(longest)d characters.")
            raise ValidationError(said % {"value": too_long[:30], "longest": LONGEST})
        return values


def parted(text: str) -> tuple[str, ...]:
    """The values in a text: a line each; those of a single line that no line ends are parted by semicolons."""
    text = unicodedata.normalize("NFC", text)
    parts = re.split(r"[\r\n]+" if "\n" in text else ";", text)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


class AmountField(forms.DecimalField):
    """A number as a type of field reads it."""

    def __init__(self, word: str, **kwargs: Any) -> None:
        self.word = word
        super().__init__(widget=forms.NumberInput(attrs={"step": "any"}), **kwargs)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            number = Decimal(str(TYPES[self.word].read(str(value).strip())))
        except Unreadable as wrong:
            raise ValidationError(str(wrong)) from wrong
        return Decimal(int(number)) if number == int(number) else number.normalize()


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
