"""Personal column views: found, kept and thrown away. Nobody sees those of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from people.models import ColumnView


def of(user: Any) -> list[ColumnView]:
    """The views somebody made, by name: one query."""
    return list(ColumnView.objects.filter(user=user))


def chosen(views: Sequence[ColumnView], asked: str) -> ColumnView | None:
    """The view an address asks for (its id, `usual` for none of them), else the default one."""
    if asked == "usual":
        return None
    found = next((each for each in views if str(each.pk) == asked), None)
    return found or next((each for each in views if each.is_default), None)


@transaction.atomic
def keep(view: ColumnView) -> ColumnView:
    """Save it; where it is the default, no other one of the same person is any more."""
    if view.is_default:
        others = ColumnView.objects.filter(user=view.user, is_default=True)
        others.exclude(pk=view.pk).update(is_default=False)
    view.save()
    return view


def showing(names: Sequence[str]) -> Mapping[str, int]:
    """How many views show each of these fields: one query."""
    counts = dict.fromkeys(names, 0)
    for shown in ColumnView.objects.values_list("columns", flat=True):
        for name in set(shown) & counts.keys():
            counts[name] += 1
    return counts
