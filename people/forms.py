"""The forms of the people pages. They check; `editing`, `lists` and `importing` write."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from people import columns, editing, email, fields, instance
from people.models import ImportJob, Person, StaticList

IGNORE = "ignore"
ZONES = [("", "—"), *((zone, zone.replace("_", " ")) for zone in sorted(fields.zones()))]
REGIONS = [
    *(("US", _("United States")), ("CA", _("Canada")), ("GB", _("United Kingdom"))),
    *(("FR", _("France")), ("DE", _("Germany")), ("ES", _("Spain")), ("MX", _("Mexico"))),
    *(("AU", _("Australia")), ("BR", _("Brazil")), ("IN", _("India")), ("JP", _("Japan"))),
]


def looks(form: forms.BaseForm) -> None:
    """Give every field the class its kind has in our stylesheets."""
    for field in form.fields.values():
        chosen = isinstance(field.widget, forms.Select)
        field.widget.attrs["class"] = "form-select" if chosen else "form-control"


class PersonForm(forms.ModelForm[Person]):
    """A person's fields, for a new one or one we know. `values()` is what `editing` takes."""

    class Meta:
        model = Person
        fields: ClassVar[list[str]] = [
            *("first_name", "last_name", "email", "mobile_typed", "company", "job_title"),
            *("city", "state", "postal_code", "country", "time_zone", "score", "source"),
        ]
        widgets: ClassVar[dict[str, Any]] = {
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "mobile_typed": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
            "time_zone": forms.Select(choices=ZONES),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "mobile_typed": _("With area code; with + and country code if it is abroad."),
            "time_zone": _("Left empty, the area code tells."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        looks(self)

    def clean_email(self) -> str:
        address = email.normal(self.cleaned_data["email"])
        if address and not email.is_valid(address):
            raise forms.ValidationError(
                _("This is not an e-mail address, such as ana@example.com.")
            )
        return address

    def clean_mobile_typed(self) -> str:
        """What is typed anew must be a number; what was imported as it is may stay."""
        typed = str(self.cleaned_data["mobile_typed"])
        self.number = editing.number(typed, region=instance.DEFAULT_REGION.get())
        if typed and "mobile_typed" in self.changed_data and not self.number["mobile"]:
            raise forms.ValidationError(
                _("This is not a valid phone number. Write it as 312 555 0142 or +1 312 555 0142.")
            )
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in ("first_name", "last_name", "email")) and not (
            cleaned.get("mobile_typed") or self.errors
        ):
            raise forms.ValidationError(_("Give a name, an e-mail address or a phone number."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Only what was changed; with a typed number comes the number it stands for."""
        values = {name: self.cleaned_data[name] for name in self.changed_data}
        return values | self.number if "mobile_typed" in values else values


class UploadForm(forms.Form):
    """A CSV file; whether it can be read says `importing.upload`."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Up to 20 MB and 500,000 rows. The first row holds the names of the columns."),
        error_messages={"required": _("Choose a file.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        looks(self)


class MappingForm(forms.Form):
    """Which column is which field, in which country numbers are, and on which list people go."""

    region = forms.ChoiceField(label=_("Numbers without a country code are in"), choices=REGIONS)
    static_list = forms.ModelChoiceField(
        StaticList.objects.order_by("name"),
        label=_("Add everybody to a static list"),
        required=False,
        empty_label=_("No list"),
    )
    new_list = forms.CharField(label=_("Or to a new list called"), max_length=255, required=False)

    def __init__(self, job: ImportJob, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"region": job.options["region"]}
        super().__init__(*args, **kwargs)
        choices = [(IGNORE, _("Ignore")), *((f.name, f.label) for f in fields.WRITABLE.values())]
        for index, column in enumerate(job.columns):
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=column or _("Column %(number)d") % {"number": index + 1},
                choices=choices,
                required=False,
                initial=job.mapping.get(str(index), IGNORE),
                widget=forms.Select(attrs={"data-native": ""}),
            )
        looks(self)

    def column_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("column-")]

    def mapping(self) -> dict[str, str]:
        """What the dropdowns say now, valid or not; ignored columns are left out."""
        chosen = {
            field.name.removeprefix("column-"): field.value() for field in self.column_fields()
        }
        return {index: name for index, name in chosen.items() if name in fields.WRITABLE}

    def region_now(self) -> str:
        return str(self["region"].value() or "US")

    def clean_new_list(self) -> str:
        name = str(self.cleaned_data["new_list"]).strip()
        if name and StaticList.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a list of this name. Choose it above."))
        return name

    def clean(self) -> dict[str, Any]:
        complaint = columns.complaint(self.mapping())
        if complaint:
            raise forms.ValidationError(complaint)
        return super().clean() or self.cleaned_data


class ListForm(forms.ModelForm[StaticList]):
    """The name of a static list; `name` says why when it is taken."""

    class Meta:
        model = StaticList
        fields: ClassVar[list[str]] = ["name"]
        error_messages: ClassVar[dict[str, Any]] = {
            "name": {"unique": _("There is a list of this name already.")}
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        looks(self)
