"""By what rows of a file tell people: an e-mail address, a mobile number, or any other field of text.

Of several people with one key the oldest is meant, and no deleted one. Upper and lower case are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Lower

from people.field_types import Compares
from people.fields import Field
from people.folding import Fold, fold
from people.models import Person, PersonQuerySet

MOST = 255  # characters of a key; a text may be longer
_NONE = {"first_name", "last_name", "mobile_typed", "time_zone"}  # no such field tells anybody


@dataclass(frozen=True)
class Key:
    """A field by which people are told; no name: by none, every row is somebody new."""

    name: str
    expression: Combinable | None = None

    @property
    def of_person(self) -> tuple[str, ...]:
        """The fields of a person whom it told, which are no news then."""
        number = ("mobile", "mobile_region", "mobile_typed")
        return number if self.name == "mobile_typed" else (self.name,)


NOBODY = Key("")


def choices(known: Mapping[str, Field]) -> list[Field]:
    """The fields that may be a key: the address and the number first."""
    texts = [each for each in known.values() if each.type.compares == Compares.TEXT]
    others = [each for each in texts if each.type.word != "text" and each.name not in _NONE]
    return [known["email"], known["mobile_typed"], *(e for e in others if e.name != "email")]


def get(name: str, known: Mapping[str, Field]) -> Key:
    """The key of this name; `NOBODY` for none, and for a field that is gone."""
    if name == "email":
        return Key(name, Lower("email"))
    if name == "mobile_typed":
        return Key(name, F("mobile"))
    if name not in known:
        return NOBODY
    return Key(name, Fold(KT(name) if known[name].key else F(name)))


def of(values: Mapping[str, Any], key: Key) -> str:
    """The key in these values; empty when they do not say."""
    found = values.get("mobile" if key.name == "mobile_typed" else key.name, "")
    return str(fold(str(found)))[:MOST] if found else ""


def among(keys: Iterable[str], key: Key) -> PersonQuerySet:
    """The people with these keys, each with its `key`: one query."""
    return Person.objects.present().annotate(key=key.expression).filter(key__in=[*keys])


def keys_among(keys: Iterable[str], key: Key) -> Iterable[str]:
    """Those of the keys that somebody has: one query."""
    return among(keys, key).values_list("key", flat=True)  # type: ignore[misc]  # annotated
