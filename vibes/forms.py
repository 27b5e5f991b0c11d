"""The form of a Vibes service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from vibes import addresses
from vibes.models import Account

Region = Account.Region
OWN_ADDRESS = {Region.CUSTOM, Region.SIMULATOR}


class AccountForm(forms.ModelForm[Account]):
    """Who we are at Vibes. The password goes in and never comes out; left empty, it stays."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    # Plain text: the browser's own check would refuse what the server explains.
    base_url = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=200,
        help_text=_("Only for “Other address” and the simulator."),
    )

    class Meta:
        model = Account
        fields = (
            "name",
            "username",
            "password",
            "company_key",
            "region",
            "base_url",
            "source_code",
            "country_code",
        )
        labels = {"country_code": _("Country Code of the Source Code")}
        help_texts = {
            "company_key": _("Vibes gives it to you with the login; it is part of every address."),
            "source_code": _("The short code or number your texts come from."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["password"] = ""
            self.fields["password"].help_text = _("Leave empty to keep the password.")
        for field in self.fields.values():
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if select else "form-control"

    def clean_password(self) -> str:
        """The kept password where none was typed; a new service needs one."""
        typed: str = self.cleaned_data["password"]
        if not typed and not self.instance.pk:
            raise forms.ValidationError(_("Type the password Vibes gave you."))
        return typed or self.instance.password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        address = (cleaned.get("base_url") or "").strip().rstrip("/")
        if cleaned.get("region") == Region.SIMULATOR:
            address = address or settings.SIMULATOR_URL
        cleaned["base_url"] = address if cleaned.get("region") in OWN_ADDRESS else ""
        if cleaned.get("region") in OWN_ADDRESS and (wrong := addresses.complaint(address)):
            self.add_error("base_url", str(wrong))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """The model's address check knows no host without a dot; `addresses` has judged it."""
        judged: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in stubs
        return judged | {"base_url"}

    def save(self, commit: bool = True) -> Account:
        """A service that was changed has to prove itself again."""
        if self.has_changed():
            self.instance.health = Account.Health.UNTESTED
            self.instance.health_detail = ""
            self.instance.held_until = None
        return super().save(commit)
