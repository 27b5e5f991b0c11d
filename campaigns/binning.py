"""Deleting things of the tree: first into the recycle bin, from where they come back whole, then for good.

What ran, was published or was sent keeps its rows for the ledger: the bin lets go of it, and nobody finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q, RestrictedError
from django.urls import reverse
from django.utils.translation import gettext as _

from people.models import StaticList

from . import archiving, outline, uses
from .models import Campaign, NamedList, Node, Run, Slot, SmartList, SmsMessage
from .tree import InUse
from .uses import Use

KEPT_FOR = timedelta(days=30)
AT_ONCE = 9  # who restore things of one name at the same moment


@transaction.atomic
def delete(node: Node, *, by: Any, now: datetime) -> int:
    """Put `node` with all below it into the bin; how many things that are. Raises tree.InUse.

    Refused while something outside of it uses it, and while a campaign in it runs or is planned to.
    """
    ids = _lock(node)
    _refuse_running(ids)
    _refuse_used(node, ids)
    inside = Node.objects.filter(pk__among=ids)
    StaticList.objects.filter(placed__node__in=inside).update(deleted_at=now)
    return inside.update(binned_at=now, binned_by=by, binned_with=node)


def restore(node: Node) -> Node:
    """Take what was deleted with `node` out of the bin: to where it was, or to the top where that is gone.

    Where a name is taken meanwhile, also at this very moment, it is called “… (restored)”.
    """
    for _turn in range(AT_ONCE):
        with suppress(IntegrityError):  # somebody took the name that was free when we looked
            return _restore(node)
    return _restore(node)


@transaction.atomic
def _restore(node: Node) -> Node:
    # With what it comes back into, in the order in which `delete` locks: that waits, or was here before.
    parent = Node.objects.filter(pk=node.pk).values("parent")
    both = Node.objects.filter(Q(pk=node.pk) | Q(pk__in=parent)).order_by("pk")
    list(both.select_for_update())
    node = Node.objects.select_related("parent").get(pk=node.pk)
    if node.parent and node.parent.binned_at:
        Node.objects.filter(pk=node.pk).update(parent=None)
    along = Node.objects.filter(binned_with=node)
    for each in along.filter(Q(pk=node.pk) | Q(kind=Node.Kind.STATIC_LIST)):
        name = _free(each)
        Node.objects.filter(pk=each.pk).update(name=name)
        StaticList.everything.filter(placed__node=each).update(name=name, deleted_at=None)
    along.update(binned_at=None, binned_by=None, binned_with=None)
    node.refresh_from_db()
    archiving.settle(node)
    return node


def erase_due(*, now: datetime) -> int:
    """Delete for good what has been in the bin for 30 days, and let go of what must be kept; how much
    of the first there was. What is used again stays in the bin. Interrupted, it may be done again."""
    due = Node.objects.in_the_bin().filter(binned_at__lte=now - KEPT_FOR)
    return sum(_erase(node) for node in due)


def _used_again(node: Node) -> list[Use]:
    """What uses something that is in the bin with `node`: it came back from there, or still may."""
    with_it = Node.objects.filter(binned_with=node)
    ids = set(with_it.values_list("pk", flat=True))
    for_the_ledger = Node.objects.filter(binned_at__isnull=False, binned_with=None)
    return _uses(ids, but=ids.union(for_the_ledger.values_list("pk", flat=True)), binned=True)


def _lock(node: Node) -> list[int]:
    """What is below `node`, and itself; nothing is put into it from now on."""
    before: list[int] = []
    ids = outline.subtree(node)
    while ids != before:
        list(Node.objects.select_for_update().filter(pk__among=ids).order_by("pk"))
        before, ids = ids, outline.subtree(node)
    list(Campaign.objects.select_for_update().filter(node__among=ids).order_by("pk"))
    return ids


def _refuse_running(ids: Collection[int]) -> None:
    campaigns = Campaign.objects.filter(node__among=ids).select_related("node").order_by("pk")
    planned = Q(slots__state__in=[Slot.State.PLANNED, *Slot.UNDECIDED])
    # First what is planned: it may start meanwhile, but never the other way round.
    if found := list(campaigns.filter(planned).distinct()):
        words = _("A run is planned, or waits for somebody to decide. Cancel or skip it first:")
        raise InUse(words, [_on("schedule", each) for each in found])
    if found := list(campaigns.filter(runs__state__in=Run.OPEN).distinct()):
        words = _("A run is going on. Stop it, or wait until it is over:")
        raise InUse(words, [_on("results", each) for each in found])


def _on(page: str, campaign: Campaign) -> Use:
    return Use(str(campaign), reverse(f"campaigns:{page}", args=[campaign.pk]))


def _uses(ids: Collection[int], *, but: Collection[int], binned: bool) -> list[Use]:
    """What uses any of these nodes, except by the nodes of `but`."""
    things = [
        *Campaign.objects.filter(node__among=ids),
        *SmsMessage.objects.filter(node__among=ids),
        *NamedList.objects.filter(node__among=ids),
        *StaticList.everything.filter(placed__node__among=ids),
    ]
    return uses.of(*things, but=but, binned=binned) if things else []


def _refuse_used(node: Node, ids: Collection[int]) -> None:
    if found := _uses(ids, but=set(ids), binned=False):
        words = _("“%s” is used. Take it out there first:")
        if node.is_container:
            words = _("What is in “%s” is used elsewhere. Take it out there first:")
        raise InUse(words % node.name, found)


def _free(node: Node) -> str:
    """Its name, or one made of it that nothing has where it comes to be."""
    name, number = node.name, 0
    while _is_taken(node, name):
        number += 1
        name = _restored(node.name, number)
    return name


def _is_taken(node: Node, name: str) -> bool:
    beside = Node.objects.present().filter(parent=node.parent_id, kind=node.kind)
    if node.kind == Node.Kind.STATIC_LIST and StaticList.objects.filter(name=name).exists():
        return True
    return beside.filter(name__iexact=name).exists()


def _restored(name: str, number: int) -> str:
    tail = _(" (restored)") if number == 1 else _(" (restored %d)") % number
    return name[: 255 - len(tail)] + tail


# --- For good ---------------------------------------------------------------------------------------

# What may name another comes first, what holds it last.
_ORDER = [*Node.Kind.values[2:], Node.Kind.PROGRAM, Node.Kind.FOLDER]


@transaction.atomic
def _erase(root: Node) -> int:
    """Whatever cannot go, because it has a history, stays without a place."""
    if _used_again(root):
        return 0
    nodes = list(Node.objects.select_for_update().filter(binned_with=root).order_by("pk"))
    Node.objects.filter(parent__in=nodes).update(parent=None)
    left = sorted(nodes, key=lambda each: _ORDER.index(each.kind))
    gone = 0
    while left:
        kept = [each for each in left if not _erase_one(each)]
        gone += len(left) - len(kept)
        if len(kept) == len(left):
            break
        left = kept  # what named them may be gone now
    Node.objects.filter(pk__in=[each.pk for each in left]).update(binned_with=None)
    return gone


def _erase_one(node: Node) -> bool:
    if Run.objects.filter(campaign__node=node).exists():
        return False
    try:
        with transaction.atomic():
            _erase_asset(node)
            Node.objects.filter(pk=node.pk).delete()
    except (ProtectedError, RestrictedError):
        return False
    return True


def _erase_asset(node: Node) -> None:
    asked = Q(campaign__node=node) | Q(choice__step__campaign__node=node) | Q(named__node=node)
    rules = list(SmartList.objects.filter(asked).values_list("pk", flat=True))
    for campaign in Campaign.objects.filter(node=node):
        campaign.slots.all().delete()
        campaign.versions.all().delete()
        campaign.delete()
    for message in SmsMessage.objects.filter(node=node):
        SmsMessage.objects.filter(pk=message.pk).update(approved=None)
        message.versions.all().delete()
        message.delete()
    _delete(NamedList.objects.filter(node=node))
    _delete(StaticList.everything.filter(placed__node=node))
    SmartList.objects.filter(pk__in=rules).delete()


def _delete(rows: Iterable[Any]) -> None:
    for each in rows:
        each.delete()
