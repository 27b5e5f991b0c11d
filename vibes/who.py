"""Whose number a callback is about: bodies name the person in five ways, and not all in each."""

from __future__ import annotations

import re

from people.models import Person
from people.models.setting import instance_id
from vibes import evidence
from vibes.client import LoginRefused, Refused
from vibes.facts import Named
from vibes.models import Account, Number, OutboxRow

OURS = re.compile(r"([0-9a-f]{8})-([0-9]{1,18})")


def number_of(person: Named) -> str:
    """The E.164 number of whom a body names, by what we know ourselves; '' when we do not.

    In the order Vibes' bodies can be trusted in: its key, the number, our id, a key by another name.
    """
    return (
        _by_keys([person.person_key])
        or person.mobile
        or _by_external_id(person.external_id)
        or _by_keys(person.other_keys)
    )


def find(person: Named, account: Account) -> str:
    """The same, asking Vibes where we do not know. Raises what the client raises but a refusal."""
    known = number_of(person)
    key = person.person_key or next(iter(person.other_keys), "")
    if known or not key:
        return known
    try:
        return evidence.who_is(account, key)
    except LoginRefused:
        raise
    except Refused:
        return ""


def _by_keys(keys: list[str] | tuple[str, ...]) -> str:
    """The likeliest key that we know decides."""
    held = dict(
        Number.objects.filter(person_key__in=[each for each in keys if each])
        .order_by("-mobile")
        .values_list("person_key", "mobile")
    )
    return next((held[each] for each in keys if each in held), "")


def _by_external_id(external_id: str) -> str:
    """The number for which we told Vibes this id of ours, else the one the person has now.

    A person who changed number since is another person to Vibes, and was not told of again.
    """
    told = OURS.fullmatch(external_id)
    if told is None or told[1] != instance_id().hex[:8]:
        return ""
    person_id = int(told[2])
    opt_ins = OutboxRow.objects.filter(person=person_id, action=OutboxRow.Action.SUBSCRIBE)
    asked = opt_ins.exclude(sending_at=None).order_by("-pk").values_list("mobile", flat=True)
    now = Person.objects.filter(pk=person_id).values_list("mobile", flat=True)
    return asked.first() or now.first() or ""
