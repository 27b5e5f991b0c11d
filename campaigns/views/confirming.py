"""What somebody saw before they confirmed a run, and what they typed to confirm it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import launch


class SeenForm(forms.Form):
    """Holds the number of people that was shown, and the revision: only what was seen is confirmed.

    Many people have to be typed as a number. `seen` is what holds now.
    """

    changed = gettext_lazy("The campaign was changed meanwhile. Look at it again, then run it.")

    revision = forms.IntegerField(widget=forms.HiddenInput)
    people = forms.IntegerField(widget=forms.HiddenInput)
    typed = forms.CharField(
        label=gettext_lazy("Number of people"),
        required=False,
        widget=forms.TextInput(
            {"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )

    def __init__(self, data: Any = None, *, people: int, **seen: Any) -> None:
        self.seen = {"people": people, **seen}
        super().__init__(data, initial={**self.seen})
        self._shown = number_format(people, force_grouping=True)
        self.must_type = people > launch.CONFIRM_ABOVE.get()
        if not self.must_type:
            del self.fields["typed"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("revision") != self.seen["revision"]:
            self._ask_again(str(self.changed))
        elif self.must_type and self.seen["people"] != cleaned.get("people"):
            self._ask_again(
                _("The number of people has changed meanwhile. It is %s now.") % self._shown
            )
        elif self.must_type and digits(cleaned.get("typed", "")) != str(self.seen["people"]):
            self.add_error("typed", _("Type the number of people: %s.") % self._shown)
        return cleaned

    def _ask_again(self, why: str) -> None:
        """Show what holds now, beside what else was chosen; the next post confirms that."""
        kept = {name: self[name].value() for name in self.fields}
        self.data = {**kept, **self.seen, "typed": ""}
        self.add_error(None, why)


def number(text: str | None) -> int | None:
    """A number in an address, where it is one."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def digits(text: str) -> str:
    """A number as people type it, without what groups its digits."""
    return "".join(letter for letter in text if letter.isdigit())
