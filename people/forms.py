"""The forms of the people pages. They check; `lists` and `importing` write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from people import columns, encodings, field_types, fields, matching, meant, proof
from people.models import ImportJob, StaticList

IGNORE = "ignore"
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


class UploadForm(forms.Form):
    """A CSV file; whether it can be read says `receiving.upload`."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Up to 100 MB and 500,000 rows. The first row holds the names of the columns."),
        error_messages={"required": _("Choose a file.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        looks(self)


class ReadingForm(forms.Form):
    """How the bytes of a file become cells: chosen where it was guessed wrongly."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=encodings.CHOICES)
    delimiter = forms.ChoiceField(
        label=_("Cells are parted by"),
        choices=[(",", _("Comma ,")), (";", _("Semicolon ;")), ("\t", _("Tab")), ("|", _("Bar |"))],
    )

    def __init__(self, job: ImportJob, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"encoding": job.encoding, "delimiter": job.delimiter}
        super().__init__(*args, **kwargs)
        looks(self)


class MappingForm(forms.Form):
    """Which column is which field, by what people are told, and on which list they go."""

    region = forms.ChoiceField(label=_("Numbers without a country code are in"), choices=REGIONS)
    key = forms.ChoiceField(
        label=_("Who is the same person?"),
        required=False,
        help_text=_("Imported again, the file then changes these people and makes no new ones."),
    )
    day_first = forms.ChoiceField(
        label=_("Dates such as 03/04/2026 are"),
        required=False,
        choices=[("", _("month first: March 4")), ("yes", _("day first: 3 April"))],
    )
    static_list = forms.ModelChoiceField(
        StaticList.objects.order_by("name"),
        label=_("Add everybody to a static list"),
        required=False,
        empty_label=_("No list"),
    )
    new_list = forms.CharField(label=_("Or to a new list called"), max_length=255, required=False)

    def __init__(self, job: ImportJob, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            **job.options,
            "day_first": "yes" if job.options.get("day_first") else "",
            "static_list": job.static_list_id,
        }
        super().__init__(*args, **kwargs)
        self.fields["day_first"].help_text = meant.told()
        self.known = fields.everything()
        self._offer_keys()
        here = str(job.options.get("region", ""))
        if here and here not in dict(REGIONS):  # the instance's own, which is none of the usual
            self.fields["region"].choices = [(here, here), *REGIONS]  # type: ignore[attr-defined]
        choices = _targets(self.known)
        for index, column in enumerate(job.columns):
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=column or _("Column %(number)d") % {"number": index + 1},
                choices=choices,
                required=False,
                initial=job.mapping.get(str(index), IGNORE),
                widget=forms.Select(attrs={"data-native": ""}),
            )
        looks(self)

    def _offer_keys(self) -> None:
        keys = [(each.name, each.label) for each in matching.choices(self.known)]
        self.fields["key"].choices = [*keys, ("", _("Nobody: every row is a new person"))]  # type: ignore[attr-defined]

    def column_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("column-")]

    def mapping(self) -> dict[str, str]:
        """What the dropdowns say now, valid or not; ignored columns are left out."""
        chosen = {
            field.name.removeprefix("column-"): field.value() for field in self.column_fields()
        }
        every = columns.choices(self.known)
        return {index: name for index, name in chosen.items() if name in every}

    def options(self) -> dict[str, Any]:
        """What the other boxes say now, valid or not."""
        said = {name: str(self[name].value() or "") for name in ("region", "key", "new_list")}
        offered = dict(self.fields["region"].choices)  # type: ignore[attr-defined]
        said["region"] = said["region"] if said["region"] in offered else next(iter(offered))
        return {**said, "day_first": self["day_first"].value() == "yes"}

    def chosen_list(self) -> StaticList | None:
        """The list that is chosen now; None where that is none."""
        field = self.fields["static_list"]
        try:
            return field.clean(self["static_list"].value())  # type: ignore[no-any-return]
        except forms.ValidationError:
            return None

    def clean_new_list(self) -> str:
        name = str(self.cleaned_data["new_list"]).strip()
        if name and StaticList.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a list of this name. Choose it above."))
        return name

    def clean(self) -> dict[str, Any]:
        complaint = columns.complaint(self.mapping(), self.known, key=self.options()["key"])
        if complaint:
            raise forms.ValidationError(complaint)
        return super().clean() or self.cleaned_data


def _targets(known: columns.Known) -> list[tuple[Any, Any]]:
    """What a column may be mapped to, in groups."""
    own = [(each.name, each.label) for each in known.values() if each.key]
    return [
        (IGNORE, _("Ignore")),
        (_("Fields"), [(each.name, each.label) for each in known.values() if not each.key]),
        *([(_("Custom fields"), own)] if own else []),
        (_("Proof of consent"), [(each.name, each.label) for each in proof.COLUMNS.values()]),
    ]


class NewFieldForm(forms.Form):
    """A custom field made in passing, for a column; `defining` says why it may not be."""

    prefix = "new-field"
    column = forms.ChoiceField(label=_("For the column"))
    label = forms.CharField(label=_("Field name"), max_length=100)
    kind = forms.ChoiceField(
        label=_("Type"), choices=[(each.word, each.label) for each in field_types.TYPES.values()]
    )

    def __init__(self, job: ImportJob, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["column"].choices = [  # type: ignore[attr-defined]
            (str(index), column or _("Column %(number)d") % {"number": index + 1})
            for index, column in enumerate(job.columns)
        ]
        self.fields["kind"].initial = "string"
        looks(self)
        for field in self.fields.values():
            field.widget.attrs["form"] = "mapping"  # what else was chosen comes along


class ExportForm(forms.Form):
    """Which columns of a source are wanted."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": _("Choose at least one column.")},
    )

    def __init__(
        self, labels: Mapping[str, Any], *args: Any, usual: Iterable[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["columns"].choices = [*labels.items()]  # type: ignore[attr-defined]
        self.fields["columns"].initial = [*usual] or [*labels]


class ListForm(forms.ModelForm[StaticList]):
    """The name of a static list; `name` says why when it is taken."""

    class Meta:
        model = StaticList
        fields: ClassVar[list[str]] = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        looks(self)
