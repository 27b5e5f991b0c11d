"""What was done to a draft is kept, undone and done again: on the server, so that it survives a reload.

All edits of one draft come one after the other (its owner's row is locked), so what is undone is always the
newest, whoever made it; the button names it, and a click on a button that is out of date undoes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from . import snapshot
from .models import Edit, FlowVersion
from .models.named_list import ListOwner
from .snapshot import Parts

Deed, Side = Edit.Deed, Edit.Side
KEPT = 100  # edits of one side of a draft
TYPING = timedelta(seconds=10)  # between two changes of the same fields that are one edit
NAME = 200


class NothingToUndo(Exception):
    """There is no edit left in that direction."""


class EditedMeanwhile(Exception):
    """The newest edit is not the one that was to be undone: somebody else was here. `edit` is theirs."""

    def __init__(self, edit: Edit) -> None:
        super().__init__(str(edit))
        self.edit = edit


class CannotRestore(Exception):
    """Of this version only the content was kept, not the cards it was made of."""


@dataclass(frozen=True)
class Stack:
    """What can be undone next, and what can be done again next."""

    undo: Edit | None
    redo: Edit | None


def stack(owner: ListOwner, side: str) -> Stack:
    """The ends of the line, in one query."""
    rows = list(_edits(owner, side).defer("before", "after").select_related("by"))
    done = [edit for edit in rows if not edit.is_undone]
    undone = [edit for edit in rows if edit.is_undone]
    return Stack(done[0] if done else None, undone[-1] if undone else None)


def side_of(only: str) -> str:
    """To which side a part of the draft belongs."""
    return Side.LIST if only == snapshot.LIST else Side.FLOW


@contextmanager
def recorded(
    owner: ListOwner,
    deed: str,
    name: str,
    *,
    by: Any,
    now: datetime,
    only: str = "",
    subject: str = "",
) -> Iterator[None]:
    """Within, edit the parts `only` says (see `snapshot.read`): it is kept as one edit, and touches the owner."""
    with transaction.atomic():
        lock(owner)
        before = snapshot.read(owner, only)
        yield
        was, now_is = snapshot.changes(before, snapshot.read(owner, only))
        touch(owner, by=by, now=now)
        if was:
            edit = Edit(deed=deed, name=name[:NAME], subject=subject[:NAME], at=now, by=by)
            edit.smart_list_id, edit.side = owner.smart_list_id, side_of(only)
            edit.before, edit.after = was, now_is
            _keep(owner, edit)


def undo(owner: ListOwner, side: str, *, seen: int, by: Any, now: datetime) -> Edit:
    """Undo the newest edit, whose id `seen` is where the button is up to date. Raises NothingToUndo, EditedMeanwhile.

    One's own edits since (what was typed and sent with the click) are no surprise: the newest is undone.
    """
    with transaction.atomic():
        lock(owner)
        edit = stack(owner, side).undo
        if edit is None:
            raise NothingToUndo
        if edit.pk != seen and edit.by_id != getattr(by, "pk", None):
            raise EditedMeanwhile(edit)
        return _go(owner, edit, edit.before, is_undone=True, by=by, now=now)


def redo(owner: ListOwner, side: str, *, seen: int, by: Any, now: datetime) -> Edit:
    """Do again what was undone last, whose id `seen` is where the button is up to date. Raises as `undo`."""
    with transaction.atomic():
        lock(owner)
        edit = stack(owner, side).redo
        if edit is None:
            raise NothingToUndo
        if edit.pk != seen and edit.turned_by_id != getattr(by, "pk", None):
            raise EditedMeanwhile(edit)
        return _go(owner, edit, edit.after, is_undone=False, by=by, now=now)


def taken_back(owner: ListOwner, *, seen: int, by: Any) -> set[tuple[str, str]]:
    """What this person undid, or did again, since the revision `seen`: cards and their stamps as they no longer are.

    A browser saves a field when it is left, so also when the button for undo is pressed, and the two may
    come in any order. What was typed went with the undo as well; coming later, it would be done again. Ask it
    where the owner is locked.
    """
    edits = Edit.objects.filter(smart_list_id=owner.smart_list_id, turned__gt=seen, turned_by=by)
    parts = [edit.after if edit.is_undone else edit.before for edit in edits]
    return {each for some in parts for each in snapshot.stamps(some)}


def restore(version: FlowVersion, *, by: Any, now: datetime) -> None:
    """Make the draft what it was when this version was published: one edit on either side of it.

    Raises CannotRestore for a version from before drafts were kept.
    """
    owner, kept = version.campaign, version.draft
    if kept is None:
        raise CannotRestore
    with transaction.atomic():
        for only in (snapshot.LIST, snapshot.FLOW):
            with recorded(owner, Deed.RESTORE, str(version.number), by=by, now=now, only=only):
                there = snapshot.read(owner, only)
                wanted = {name: each for name, each in kept.items() if _is_in(name, only)}
                snapshot.write(owner, {**dict.fromkeys(there), **wanted})


def _is_in(name: str, only: str) -> bool:
    return (name == snapshot.LIST) == (only == snapshot.LIST)


def touch(owner: ListOwner, *, by: Any, now: datetime) -> None:
    """Note who edited the campaign, or the smart list that stands alone, last, and that it changed."""
    type(owner)._default_manager.filter(pk=owner.pk).update(
        revision=F("revision") + 1, edited_at=now, edited_by=by
    )


def lock(owner: ListOwner) -> None:
    """Whoever edits the same draft waits until this transaction is over."""
    type(owner)._default_manager.select_for_update(of=("self",)).only("pk").get(pk=owner.pk)


def _edits(owner: ListOwner, side: str) -> QuerySet[Edit]:
    return Edit.objects.filter(smart_list_id=owner.smart_list_id, side=side)


def _go(
    owner: ListOwner, edit: Edit, parts: Parts, *, is_undone: bool, by: Any, now: datetime
) -> Edit:
    snapshot.write(owner, parts)
    touch(owner, by=by, now=now)
    revision = type(owner)._default_manager.values_list("revision", flat=True).get(pk=owner.pk)
    Edit.objects.filter(pk=edit.pk).update(is_undone=is_undone, turned=revision, turned_by=by)
    return edit


def _keep(owner: ListOwner, edit: Edit) -> None:
    """Append it; what had been undone before cannot be done again any more."""
    edits = _edits(owner, edit.side)
    edits.filter(is_undone=True).delete()
    newest = edits.first()
    if newest and _is_same(newest, edit):
        _join(newest, edit)
        return
    edit.number = (newest.number if newest else 0) + 1
    edit.save()
    edits.filter(number__lte=edit.number - KEPT).delete()


def _is_same(newest: Edit, edit: Edit) -> bool:
    """Whether somebody goes on typing where they typed a moment ago."""
    goes_on = edit.subject and edit.subject == newest.subject and edit.by_id == newest.by_id
    return bool(goes_on) and timedelta(0) <= edit.at - newest.at < TYPING


def _join(newest: Edit, edit: Edit) -> None:
    if newest.before == edit.after:
        newest.delete()
    else:
        Edit.objects.filter(pk=newest.pk).update(after=edit.after, at=edit.at)
