"""What Home's getting-started list is made of. Each app adds its own (settings.HOME_CHECKLIST)."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.models import Person


@dataclass(frozen=True)
class Item:
    """One thing to do: where, why, and whether it is done (read from real state)."""

    title: str | Promise
    url: str
    done: bool
    hint: str | Promise = ""


def items() -> list[Item]:
    return [
        Item(
            _("Import your people"),
            reverse("people:imports"),
            Person.objects.present().exists(),
            _("A CSV file with names, e-mail addresses and mobile phone numbers."),
        )
    ]
