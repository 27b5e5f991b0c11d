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
        _by_keys([person.person_key], rather=person.mobile)
        or person.mobile
        or _by_external_id(person.external_id)
        or _by_keys(person.other_keys)
    )


def find(person: Named, account: Account) -> str:
    """The same, asking Vibes where we do not know. Raises what the client raises but a refusal."""
    known = number_of(person)
    keys = dict.fromkeys([person.person_key, *person.other_keys])
    found = (_ask(account, key) for key in keys if key)
    return known or next((each for each in found if each), "")


def all_numbers(person: Named, account: Account) -> list[str]:
    """Every number a body may mean: the one `find` finds, and the one it names, where they differ.

    A key we hold may be of somebody whose number is another one by now. Who leaves must not stay for
    that.
    """
    return list(dict.fromkeys(each for each in (find(person, account), person.mobile) if each))


def _ask(account: Account, key: str) -> str:
    try:
        return evidence.who_is(account, key)
    except LoginRefused:
        raise
    except Refused:
        return ""


def _by_keys(keys: list[str] | tuple[str, ...], *, rather: str = "") -> str:
    """The likeliest key that we know decides; where two numbers were theirs, `rather` that one."""
    rows = Number.objects.filter(person_key__in=[each for each in keys if each])
    held = dict[str, str]()
    for key, mobile in rows.order_by("-mobile").values_list("person_key", "mobile"):
        held[key] = rather if held.get(key) == rather != "" else mobile
    return next((held[each] for each in keys if each in held), "")


def _by_external_id(external_id: str) -> str:
    """The number for which we told Vibes this id of ours, else the one the person has now.

    A person who changed number since is another person to Vibes, and was not told of again.
    """
    told = OURS.fullmatch(external_id)
    if told is None or told[1] != instance_id().hex[:8]:
        return ""
    person_id = int(told[2])
    opt_ins = OutboxRow.objects.filter(
        person=person_id, action=OutboxRow.Action.SUBSCRIBE, mobile__startswith="+"
    )
    asked = opt_ins.exclude(sending_at=None).order_by("-pk").values_list("mobile", flat=True)
    now = Person.objects.filter(pk=person_id).values_list("mobile", flat=True)
    return asked.first() or now.first() or ""
