"""Custom fields are made, renamed and deleted. Whoever made one here may use it at once, everywhere."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import JSONField
from django.utils.translation import gettext as _

from people import fields, keyed
from people.field_types import TYPES
from people.models import CustomField, Person

MOST = 300  # fields: what a page, a mapping and a person's row can still hold


class Refused(ValueError):
    """Why the field stays as it is, in words for the screen."""


def define(
    label: str,
    kind: str,
    *,
    meaning: str = "",
    by: Any,
    now: datetime,
) -> CustomField:
    """A new field of this type (a word of `field_types.TYPES`). Raises Refused."""
    label = checked(label)
    if kind not in TYPES:
        raise Refused(_("Choose a type."))
    if CustomField.objects.count() >= MOST:
        raise Refused(_("There are %(most)d fields already. Delete one first.") % {"most": MOST})
    row = CustomField(label=label, type=kind, help=meaning.strip()[:255], created_at=now)
    row.created_by, row.key = by, _free_key(label)
    return _save(row)


def rename(row: CustomField, label: str, *, meaning: str) -> CustomField:
    """Call it something else; what goes by its key does not notice. Raises Refused.

    Its former names stay its own: a text that was approved with one goes on meaning this field.
    """
    before, row.label = row.label, checked(label, but=row)
    row.help = meaning.strip()[:255]
    if before != row.label:
        former = [each for each in row.formerly if each != row.label]
        row.formerly = list(dict.fromkeys([*former, before]))
    return _save(row)


@transaction.atomic
def delete(row: CustomField) -> int:
    """The field, with the value of everybody who had one; how many had. Ask first who uses it."""
    had = Person.objects.filter(custom__has_key=row.key)
    count = had.update(custom=keyed.Drop("custom", row.key))
    row.delete()
    fields.forget()
    return count


def checked(label: str, *, but: CustomField | None = None) -> str:
    """The name as it would be kept. Raises Refused."""
    label = " ".join(label.split())
    if not label:
        raise Refused(_("Type a name."))
    if len(label) > 100:
        raise Refused(_("A name has at most 100 characters."))
    if set("{}") & set(label):
        raise Refused(_("A name has no braces: they enclose it in the text of a message."))
    taken = {str(each.label).lower() for each in fields.STANDARD.values()} | {"full name"}
    others = CustomField.objects.exclude(pk__in=[but.pk] if but else [])
    rows = list(others.values_list("label", "formerly"))
    taken |= {now.lower() for now, _formerly in rows}
    if label.lower() in taken:
        raise Refused(_("There is a field called “%(name)s” already.") % {"name": label})
    _refuse_former(label, rows)
    return label


def _refuse_former(label: str, others: list[tuple[str, list[str]]]) -> None:
    for now, formerly in others:
        if label.lower() in (each.lower() for each in formerly):
            said = _("“%(name)s” was the name of “%(now)s” before; messages may still call it so.")
            raise Refused(said % {"name": label, "now": now})


def _free_key(label: str) -> str:
    """A key made of the label: ASCII, lower case, single underscores, taken by no other field."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50] or "field"
    asks = JSONField().get_lookups()  # `custom__contains` is a question, not a field
    if not base[0].isalpha() or base in asks:
        base = f"field_{base}"
    keys = set(CustomField.objects.filter(key__startswith=base).values_list("key", flat=True))
    number, key = 1, base
    while key in keys:
        number += 1
        key = f"{base}_{number}"
    return key


def _save(row: CustomField) -> CustomField:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as refused:
        said = _("There is a field called “%(name)s” already.")
        raise Refused(said % {"name": row.label}) from refused
    fields.forget()
    return row
