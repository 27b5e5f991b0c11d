"""The form of a Vibes service. Its secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vibes import addresses, certificates, sealed
from vibes.models import Account

Region = Account.Region
OWN_ADDRESS = {Region.CUSTOM, Region.SIMULATOR}
SECRETS = ("password", "client_certificate")
MOST_PEM_BYTES = 64 * 1024


class WriteOnlyText(forms.Textarea):
    """A field whose content is never put back on the page."""

    def format_value(self, value: Any) -> str:
        return ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Never: an empty value may be meant (the certificate was removed), not forgotten."""
        return False


class AccountForm(forms.ModelForm[Account]):
    """Who we are at Vibes. A secret left empty stays as it is.

    What was typed as a secret comes back sealed (`kept`) when the form has to be shown again.
    """

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
    client_certificate = forms.CharField(
        label=_("Client Certificate"),
        required=False,
        max_length=MOST_PEM_BYTES,
        widget=WriteOnlyText(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "Only if Vibes asks for one: the certificate chain and its private key, as PEM."
        ),
    )
    certificate_file = forms.FileField(label=_("… or as a file"), required=False)
    without_certificate = forms.BooleanField(label=_("Remove the certificate"), required=False)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

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
            "client_certificate",
        )
        labels = {"country_code": _("Country Code of the Source Code")}
        help_texts = {
            "company_key": _("Vibes gives it to you with the login; it is part of every address."),
            "source_code": _("The short code or number your texts come from."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.host_before = self.instance.host if self.instance.pk else ""
        self.has_certificate = bool(self.instance.client_certificate)
        self.initial = {**self.initial, **dict.fromkeys(SECRETS, "")}
        if not self.has_certificate:
            del self.fields["without_certificate"]
        self.fields["source_code"].widget.attrs["list"] = "source-codes"
        for field in self.fields.values():
            field.widget.attrs["class"] = _looks(field)
        if self.instance.pk:
            self._say("password", _("Leave empty to keep the password."))
        if self.has_certificate:
            self._say(
                "client_certificate", _("There is one. Leave empty to keep it, or give another.")
            )

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            self._keep_what_was_typed()

    def clean_password(self) -> str:
        """The kept password where none was typed; a new service needs one."""
        typed: str = self.cleaned_data["password"] or self._sealed.get("password", "")
        if not typed and not self.instance.pk:
            raise forms.ValidationError(_("Type the password Vibes gave you."))
        return typed or self.instance.password

    def clean_client_certificate(self) -> str:
        typed: str = self.cleaned_data["client_certificate"]
        return typed or self._sealed.get("client_certificate", "")

    def clean_certificate_file(self) -> str:
        """The file's text, as if it had been pasted."""
        file = self.cleaned_data["certificate_file"]
        if file is None:
            return ""
        if file.size > MOST_PEM_BYTES:
            raise forms.ValidationError(_("This file is too large to be a certificate."))
        return str(file.read().decode("ascii", "replace"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._clean_address(cleaned)
        self._clean_certificate(cleaned)
        return cleaned

    def _clean_address(self, cleaned: dict[str, Any]) -> None:
        address = (cleaned.get("base_url") or "").strip().rstrip("/")
        if cleaned.get("region") == Region.SIMULATOR:
            address = address or settings.SIMULATOR_URL
        cleaned["base_url"] = address if cleaned.get("region") in OWN_ADDRESS else ""
        if cleaned.get("region") in OWN_ADDRESS and (wrong := addresses.complaint(address)):
            self.add_error("base_url", str(wrong))

    def _clean_certificate(self, cleaned: dict[str, Any]) -> None:
        """One PEM out of what was pasted, uploaded, kept or is to go; refused where it is none."""
        pem = cleaned.pop("certificate_file", "") or cleaned.get("client_certificate", "")
        if pem and (wrong := certificates.complaint(pem, timezone.now())):
            self.add_error("client_certificate", str(wrong))
            return
        if cleaned.get("without_certificate"):
            pem = ""
        elif not pem:
            pem = self.instance.client_certificate
        cleaned["client_certificate"] = pem

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in stubs
        self._ask_anew_for_another_address()

    def _ask_anew_for_another_address(self) -> None:
        """A stored password goes only where it was saved for: nobody may lead it away with an address."""
        typed = self._secrets_typed().get("password")
        if self.host_before and not typed and self.instance.host != self.host_before:
            self.add_error(
                "password", _("It would go to another address than before: type it again.")
            )

    def _get_validation_exclusions(self) -> set[str]:
        """The model's address check knows no host without a dot; `addresses` has judged it."""
        judged: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in stubs
        return judged | {"base_url"}

    # --- What was typed is not lost ---------------------------------------------------------------

    @property
    def _about(self) -> str:
        return f"service {self.instance.pk}"

    @property
    def _sealed(self) -> dict[str, str]:
        return sealed.opened(self.data.get(self.add_prefix("kept"), ""), about=self._about)

    def _secrets_typed(self) -> dict[str, str]:
        """What this form brought along, now or before it came back with an error."""
        typed = {name: self.data.get(self.add_prefix(name), "") for name in SECRETS}
        return self._sealed | {name: each for name, each in typed.items() if each}

    def _keep_what_was_typed(self) -> None:
        secrets = self._secrets_typed()
        if file := self.files.get(self.add_prefix("certificate_file")):
            file.seek(0)
            secrets["client_certificate"] = file.read(MOST_PEM_BYTES).decode("ascii", "replace")
        # A certificate that is none would come back with every try: its field cannot be emptied.
        secrets = {name: each for name, each in secrets.items() if not self.has_error(name)}
        kept = {self.add_prefix("kept"): sealed.seal(secrets, about=self._about)}
        self.data = dict(self.data.items()) | kept
        for name in secrets:
            self._say(name, _("What you gave is kept. Leave empty to use it."))

    def _say(self, name: str, words: Any) -> None:
        self.fields[name].help_text = self[name].help_text = words

    def save(self, commit: bool = True) -> Account:
        """A service that was changed has to prove itself again; a hold ends when it does."""
        if self.has_changed():
            self.instance.health = Account.Health.UNTESTED
            self.instance.health_detail = ""
        saved = super().save(commit=False)
        if commit:
            self.write()
        return saved

    def write(self) -> None:
        """Of a service that is there already, only what the form is about: the rest may have changed
        since it was read, as when its callback address was rotated while Vibes was asked."""
        about = {*self.cleaned_data, *(("health", "health_detail") if self.has_changed() else ())}
        columns = [each.name for each in Account._meta.concrete_fields if each.name in about]
        self.instance.save(update_fields=columns if self.instance.pk else None)


def _looks(field: forms.Field) -> str:
    if isinstance(field.widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(field.widget, forms.Select) else "form-control"
