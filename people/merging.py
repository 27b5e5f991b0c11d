"""Several records of one person become one: values are chosen, history and memberships kept.

The first record keeps its id; the others' rows stay, empty, and lead to it. Consent is not chosen: the
strictest wins. Everybody locks in one order: what followers hold (cohorts, ranges of the outbox), then
people by id. There is no way back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import ForeignObjectRel, UniqueConstraint
from django.utils.translation import gettext as _

from people import (
    activity,
    blanks,
    editing,
    fields,
    following,
    identity,
    restrictions,
    suppression,
)
from people.activity import Happening, Kind
from people.following import Merge
from people.models import Person

MERGED = activity.register(
    Kind(
        "merge_people",
        "Merge People",
        "Merged with {people} by {by}",
        # Earlier versions told the changes here.
        personal=("people", "changes", identity.ADDRESSES),
    )
)
CONSENT = {flag: why for flag, why in restrictions.WHY.items() if flag != "email_invalid"}
"""What is true of the survivor when it was of anybody, and where it says why."""
NOT_CHOSEN = frozenset({*CONSENT, *CONSENT.values()} - {""})
MOST = 10  # people at once: more is no case of a person entered twice
TRIES = 3


class NotMerged(Exception):
    """Nothing was done; why, in words for whoever wanted it."""


class _Moved(Exception):
    """Somebody took a step with one of them while we locked."""


@dataclass(frozen=True)
class Choice:
    """Whose value each field takes, by name; and values that were typed instead. Else the first's stays."""

    whose: Mapping[str, int] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Moves:
    """So many rows of this kind go over to the survivor."""

    label: str
    count: int


@dataclass(frozen=True)
class Look:
    """What a merge will do: the survivor as it will be (not saved), what moves, and what else it means."""

    survivor: Person
    others: list[Person]
    changes: activity.Changes
    moves: list[Moves]
    notes: list[str]


def get(ids: Sequence[int]) -> list[Person]:
    """The people to merge, in this order. Raises NotMerged when there are too few, or one is gone."""
    wanted = list(dict.fromkeys(ids))
    if not 2 <= len(wanted) <= MOST:
        said = _("Choose two people or more, and at most %(most)d, to merge them.")
        raise NotMerged(said % {"most": MOST})
    return _in_order(wanted, Person.objects.present().in_bulk(wanted))


def look(people: Sequence[Person], choice: Choice) -> Look:
    """What merging them so would do. A fixed number of queries; nothing is written."""
    [survivor] = Person.objects.filter(pk=people[0].pk)
    others = list(people[1:])
    changes = editing.apply(survivor, _values([survivor, *others], choice))
    ids = [each.pk for each in others]
    notes = [each for one in following.everybody() for each in one.look([survivor.pk, *ids])]
    counted = [Moves(_label(each), _rows(each, ids).count()) for each in _relations(all_of_it=True)]
    return Look(
        survivor, others, editing.told(changes), [each for each in counted if each.count], notes
    )


def merge(ids: Sequence[int], choice: Choice, *, by: str, now: datetime) -> Person:
    """Merge them into the first and return it, as it is then. Raises NotMerged; then nothing was done."""
    wanted = list(dict.fromkeys(ids))
    get(wanted)
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _merge(wanted, choice, by=by, now=now)
        except _Moved:
            continue
    raise NotMerged(_("A run is moving one of them just now. Try again in a moment."))


def survivor_of(pk: int) -> int | None:
    """Into whom the person with this id was merged; None when they were not."""
    return Person.objects.filter(pk=pk).values_list("merged_into", flat=True).first()


def _merge(ids: list[int], choice: Choice, *, by: str, now: datetime) -> Person:
    survivor, *others = people = _lock(ids)
    changes = editing.apply(survivor, _values(people, choice))
    settled = _settled(survivor, others, choice) | changes.keys()
    survivor.updated_at = now
    survivor.save(update_fields=[*editing.columns(changes), "updated_at"])
    if "mobile" in changes and survivor.mobile:
        suppression.recognise([survivor.mobile], now=now)
    _move(Merge(survivor.pk, [each.pk for each in others], now))
    if changes:
        told = {"changes": editing.told(changes), "by": _("%(by)s (merge)") % {"by": by}}
        activity.record(activity.CHANGE_DATA_VALUE, [Happening(survivor.pk, told)], at=now)
    details = {
        "people": ", ".join(f"{each} (#{each.pk})" for each in others),
        "ids": [each.pk for each in others],
        "settled": sorted(settled),
        # So that all that names them is found when the survivor is erased.
        identity.ADDRESSES: [each.email for each in others if each.email],
        "by": by,
    }
    activity.record(MERGED, [Happening(survivor.pk, details)], at=now)
    _bury(others, into=survivor, now=now)
    return survivor


def _lock(ids: list[int]) -> list[Person]:
    """All of them locked, and everything that moves with them."""
    everybody = following.everybody()
    locked = [each.lock(ids) for each in everybody]
    rows = Person.objects.present().filter(pk__in=ids).order_by("pk").select_for_update()
    people = _in_order(ids, {each.pk: each for each in rows})
    if any(each.held(ids) - mine for each, mine in zip(everybody, locked, strict=True)):
        raise _Moved
    return people


def _in_order(ids: Sequence[int], found: Mapping[int, Person]) -> list[Person]:
    if missing := [f"#{pk}" for pk in ids if pk not in found]:
        said = _("%(who)s is gone: deleted, or merged by somebody else. Nothing was merged.")
        raise NotMerged(said % {"who": ", ".join(missing)})
    return [found[pk] for pk in ids]


# --- Values ---------------------------------------------------------------------------------------


def _values(people: Sequence[Person], choice: Choice) -> dict[str, Any]:
    """What the survivor's fields become; the strictest consent whatever was chosen."""
    by_id, values = {each.pk: each for each in people}, dict[str, Any]()
    for name, pk in choice.whose.items():
        if pk in by_id and name not in NOT_CHOSEN:
            values |= _value(by_id[pk], name)
    typed = {name: value for name, value in choice.typed.items() if name not in NOT_CHOSEN}
    return values | typed | strictest(people)


def _value(person: Person, name: str) -> dict[str, Any]:
    if name == "mobile_typed":
        names = ("mobile_typed", "mobile", "mobile_region")
        return {each: getattr(person, each) for each in names}
    return {name: fields.get(name).value(person)}


def strictest(people: Sequence[Person]) -> dict[str, Any]:
    """The flags of consent that somebody has, with everybody's reasons."""
    values = dict[str, Any]()
    for flag, why in CONSENT.items():
        barred = [each for each in people if getattr(each, flag)]
        if barred:
            values[flag] = True
        if barred and why:
            reasons = dict.fromkeys(str(getattr(each, why)).strip() for each in barred)
            values[why] = "; ".join(filter(None, reasons))[:255]
    return values


def _settled(survivor: Person, others: Sequence[Person], choice: Choice) -> set[str]:
    """The fields of which the merge had a say: chosen, or what others say too. No undo touches them."""
    agreed = {each.name for each in fields.everything().values() if _agree(each, survivor, others)}
    barred = {flag: [each for each in others if getattr(each, flag)] for flag in CONSENT}
    agreed |= {CONSENT[flag] for flag, them in barred.items() if them} - {""}
    if survivor.mobile and any(each.mobile == survivor.mobile for each in others):
        agreed.add("mobile")
    return agreed | ({*choice.whose, *choice.typed} - NOT_CHOSEN)


def _agree(field: fields.Field, survivor: Person, others: Sequence[Person]) -> bool:
    value = field.value(survivor)
    return not field.is_blank(value) and any(field.value(each) == value for each in others)


# --- What belongs to them -------------------------------------------------------------------------


def _move(merge: Merge) -> None:
    """Followers first, the lowest before: rows of the outbox are locked before verdicts are, as senders do."""
    for follower in reversed(following.everybody()):
        follower.merge(merge)
    for relation in _relations():
        _move_rows(relation, merge)


def _relations(*, all_of_it: bool = False) -> list[ForeignObjectRel]:
    """Everything that points at people, but what followers move themselves."""
    theirs = {label for each in following.everybody() for label in each.moves}
    return [
        each
        for each in Person._meta.related_objects
        if not each.many_to_many and (all_of_it or each.related_model._meta.label not in theirs)
    ]


def _rows(relation: ForeignObjectRel, people: Sequence[int]) -> models.QuerySet[Any]:
    named = {f"{relation.field.name}__in": people}
    found: models.QuerySet[Any] = relation.related_model._base_manager.filter(**named)
    return found


def _label(relation: ForeignObjectRel) -> str:
    return str(relation.related_model._meta.verbose_name_plural)


def _move_rows(relation: ForeignObjectRel, merge: Merge) -> None:
    """What would then stand there twice goes instead; what the survivor has stays."""
    rows, name = _rows(relation, merge.others), relation.field.name
    for others in _unique_with(relation):
        seen = set(_rows(relation, [merge.survivor]).values_list(*others))
        twice = []
        for pk, *key in rows.order_by("pk").values_list("pk", *others):
            twice += [pk] if tuple(key) in seen else []
            seen.add(tuple(key))
        rows.filter(pk__in=twice).delete()
    rows.update(**{name: merge.survivor})


def _unique_with(relation: ForeignObjectRel) -> list[list[str]]:
    """The other columns of each constraint by which a person may have only one such row."""
    meta, name = relation.related_model._meta, relation.field.name
    unique = [list(each.fields) for each in meta.constraints if isinstance(each, UniqueConstraint)]
    unique += [list(each) for each in meta.unique_together]
    return [[each for each in names if each != name] for names in unique if name in names]


def _bury(others: Sequence[Person], *, into: Person, now: datetime) -> None:
    """Their rows stay for their ids, without a word but the number: under it Vibes may know the id."""
    kept = ("mobile", "mobile_region")
    empty = {name: value for name, value in blanks.blank().items() if name not in kept}
    Person.objects.filter(pk__in=[each.pk for each in others]).update(
        **empty, deleted_at=now, updated_at=now, merged_into=into
    )
