"""Every way the Marketing Activities tree is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns import archiving
from campaigns.models import Campaign, NamedList, Node, PlacedList, SmartList, SmsMessage
from campaigns.outline import height, path
from campaigns.uses import Use
from people import lists
from people.models import StaticList

T = TypeVar("T")

DEEPEST = 20


class TreeError(Exception):
    """Why the tree stays as it is, in words for the screen."""


class NameMissing(TreeError):
    """No name, or one that is too long."""


class NameTaken(TreeError):
    """Something of that kind is called so in that folder."""


class WrongPlace(TreeError):
    """It cannot be put there."""


class InUse(TreeError):
    """It cannot go: something needs it; `uses` says what, where that is known."""

    def __init__(self, words: str, uses: Sequence[Use] = ()) -> None:
        super().__init__(words)
        self.uses = uses


def create_folder(*, parent: Node | None, name: str, now: datetime) -> Node:
    return _plant(Node.Kind.FOLDER, parent=parent, name=name, now=now)


def create_program(*, parent: Node | None, name: str, now: datetime) -> Node:
    return _plant(Node.Kind.PROGRAM, parent=parent, name=name, now=now)


@transaction.atomic
def create_campaign(*, parent: Node | None, name: str, by: User | None, now: datetime) -> Campaign:
    """A smart campaign with an empty smart list and an empty flow."""
    node = _plant(Node.Kind.CAMPAIGN, parent=parent, name=name, now=now)
    return Campaign.objects.create(
        node=node, smart_list=SmartList.objects.create(), edited_at=now, edited_by=by
    )


@transaction.atomic
def create_message(*, parent: Node | None, name: str, now: datetime) -> SmsMessage:
    """An SMS message: an empty draft."""
    node = _plant(Node.Kind.MESSAGE, parent=parent, name=name, now=now)
    return SmsMessage.objects.create(node=node, edited_at=now)


@transaction.atomic
def create_list(*, parent: Node | None, name: str, by: User | None, now: datetime) -> NamedList:
    """A smart list standing alone: empty, it finds nobody."""
    node = _plant(Node.Kind.SMART_LIST, parent=parent, name=name, now=now)
    return NamedList.objects.create(
        node=node, smart_list=SmartList.objects.create(), edited_at=now, edited_by=by
    )


@transaction.atomic
def create_static_list(*, parent: Node | None, name: str, now: datetime) -> PlacedList:
    """A static list that nobody is on yet, with its place in the tree. Its name is its own everywhere."""
    node = _plant(Node.Kind.STATIC_LIST, parent=parent, name=name, now=now)
    made = _named(lambda: lists.create(node.name, now=now), node.name)
    return PlacedList.objects.create(node=node, static_list=made)


@transaction.atomic
def place(static_list: StaticList, *, parent: Node | None, now: datetime) -> PlacedList:
    """Put a static list of the database into the tree. Where it stands already, it stays."""
    if there := PlacedList.objects.filter(static_list=static_list).first():
        return there
    node = _plant(Node.Kind.STATIC_LIST, parent=parent, name=static_list.name, now=now)
    return PlacedList.objects.create(node=node, static_list=static_list)


@transaction.atomic
def rename(node: Node, *, name: str) -> None:
    """Give it another name. Raises NameTaken, NameMissing, and WrongPlace where it was deleted meanwhile."""
    _hold(node)
    node.name = _checked(name)
    _save(node, ["name"])
    if placed := PlacedList.objects.filter(node=node).select_related("static_list").first():
        _named(lambda: lists.rename(placed.static_list, name=node.name), node.name)


def _named(deed: Callable[[], T], name: str) -> T:
    """Do what names a static list. Raises NameTaken: they share one set of names, wherever they stand."""
    try:
        with transaction.atomic():
            return deed()
    except IntegrityError as refused:
        words = _("There is already a static list called “%s”. Choose another name.")
        raise NameTaken(words % name) from refused


@transaction.atomic
def move(node: Node, *, parent: Node | None) -> None:
    """Hang `node` with all below it under `parent` (None: the top)."""
    # Moves go one after another (they all lock the top), so that two at once cannot close a ring.
    list(Node.objects.select_for_update().filter(parent=None).order_by("pk"))
    if parent and node.pk in {above.pk for above in path(parent)}:
        raise WrongPlace(_("“%s” cannot be moved into itself.") % node)
    _check_place(parent, levels=height(node))
    _hold(node)
    node.parent = parent
    _save(node, ["parent"])
    archiving.settle(node)


@transaction.atomic
def _plant(kind: Node.Kind, *, parent: Node | None, name: str, now: datetime) -> Node:
    here = _check_place(parent)
    node = Node(kind=kind, parent=parent, name=_checked(name), created_at=now)
    node.archived_with_id = here.archived_with_id if here else None
    _save(node)
    return node


def _hold(node: Node) -> None:
    """Keep it where it is until this is over. Raises WrongPlace where it was deleted since it was read."""
    if not Node.objects.present().select_for_update().filter(pk=node.pk).exists():
        words = _("“%s” was deleted meanwhile. Take it out of the recycle bin first.")
        raise WrongPlace(words % node.name)


def _save(node: Node, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            node.save(update_fields=fields)
    except IntegrityError as refused:
        kind = Node.Kind(node.kind).label.lower()
        words = _("There is already a %(kind)s called “%(name)s” here. Choose another name.")
        raise NameTaken(words % {"kind": kind, "name": node.name}) from refused


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise NameMissing(_("Type a name."))
    if len(name) > 255:
        raise NameMissing(_("A name has at most 255 characters."))
    return name


def _check_place(parent: Node | None, *, levels: int = 1) -> Node | None:
    """The place as it is now. Raises WrongPlace, also where so many levels do not fit into it."""
    if parent is None:
        return None
    # Whoever deletes it meanwhile waits, or has done so.
    here = Node.objects.present().select_for_update(no_key=True).filter(pk=parent.pk).first()
    if here is None:
        raise WrongPlace(_("“%s” was deleted meanwhile. Choose another place.") % parent)
    if not parent.is_container:
        raise WrongPlace(_("Only folders and programs can hold something."))
    if len(path(parent)) + levels > DEEPEST:
        raise WrongPlace(_("Folders can be at most %(depth)s deep.") % {"depth": DEEPEST})
    return here
