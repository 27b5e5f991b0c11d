"""Consent in a file: taken only with its proof, kept as evidence in the person's history.

It makes nobody a member of a Vibes list: only the person's own `Y` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people import activity
from people.activity import Happening
from people.field_types import TYPES, Unreadable
from people.fields import Field
from people.models import Activity

CONSENT, WHEN, HOW, WORDING = "consent", "consent_when", "consent_how", "consent_wording"


class Proof(Field):
    """A column of a file that is no field of a person."""

    @property
    def longest(self) -> int:
        return self.type.longest


COLUMNS: dict[str, Field] = {
    each.name: each
    for each in [
        Proof(
            *(CONSENT, gettext_lazy("SMS consent (yes or no)"), TYPES["boolean"]),
            ("sms consent", "sms opt in", "sms optin", "consent"),
        ),
        Proof(
            *(WHEN, gettext_lazy("SMS consent: when it was given"), TYPES["datetime"]),
            ("sms consent date", "consent date", "sms opt in date", "consent at"),
        ),
        Proof(
            *(HOW, gettext_lazy("SMS consent: how and where (source)"), TYPES["string"]),
            ("sms consent source", "consent source", "sms opt in source", "consent method"),
        ),
        Proof(
            *(WORDING, gettext_lazy("SMS consent: the exact wording"), TYPES["text"]),
            ("sms consent wording", "consent wording", "consent text", "opt in language"),
        ),
    ]
}
EVIDENCE = activity.register(
    activity.Kind(
        "sms_consent_evidence",
        "SMS Consent Evidence",
        "Agreed to texts at {mobile} on {given_at}: {how}, “{wording}”; told by {by}. Evidence only: no membership",
        personal=("mobile", "how", "wording"),
    )
)
Evidence = tuple[int, Mapping[str, Any]]
"""Whose, and the values of the consent columns with the number."""


def complaint(names: Iterable[str]) -> str:
    """Why a mapping with these names may not be; empty when it may."""
    mapped = set(names) & set(COLUMNS)
    if not mapped:
        return ""
    missing = [str(each.label) for name, each in COLUMNS.items() if name not in mapped]
    if missing:
        said = _("SMS consent is taken only with its proof. Map also: %(missing)s; or ignore all.")
        return said % {"missing": "; ".join(missing)}
    if "mobile_typed" not in set(names):
        return _("SMS consent belongs to a number. Map the mobile phone number too.")
    return ""


def check(values: dict[str, Any], *, now: datetime) -> None:
    """Hold a row to its proof; one without consent says nothing. Raises Unreadable."""
    given = {name: values.pop(name, None) for name in COLUMNS}
    if not given[CONSENT]:
        return
    missing = [str(COLUMNS[name].label) for name in (WHEN, HOW, WORDING) if not given[name]]
    if missing:
        raise Unreadable(_("Consent without proof: %(what)s is empty.") % {"what": missing[0]})
    if given[WHEN] > now:
        raise Unreadable(_("Consent without proof: it is said to be given in the future."))
    if not values.get("mobile"):
        raise Unreadable(_("Consent without a valid mobile phone number."))
    values[CONSENT] = {
        "given_at": f"{given[WHEN]:%Y-%m-%d %H:%M} UTC",
        "how": given[HOW],
        "wording": given[WORDING],
        "mobile": values["mobile"],
    }


def record(found: Iterable[Evidence], told: Mapping[str, Any], *, at: datetime) -> int:
    """Keep the evidence, each piece once for a person however often its file comes; two statements."""
    new = {(person_id, _said(details)): details for person_id, details in found}
    people = {person_id for person_id, _said_ in new}
    if not people:
        return 0
    lines = Activity.objects.filter(person__among=people, kind=EVIDENCE.word)
    for person_id, details in lines.values_list("person_id", "details"):
        new.pop((person_id, _said(details)), None)
    happenings = [Happening(person_id, {**d, **told}) for (person_id, _s), d in new.items()]
    return activity.record(EVIDENCE, happenings, at=at)


def _said(details: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(details.get(name) for name in ("mobile", "given_at", "how", "wording"))
