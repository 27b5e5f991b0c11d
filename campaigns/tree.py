"""Every way the Marketing Activities tree is changed."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Node, SmartList, SmsMessage
from campaigns.outline import path

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
    """It cannot go: something needs it."""


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


def rename(node: Node, *, name: str) -> None:
    node.name = _checked(name)
    _save(node)


@transaction.atomic
def move(node: Node, *, parent: Node | None) -> None:
    """Hang `node` with all below it under `parent` (None: the top)."""
    # Moves go one after another (they all lock the top), so that two at once cannot close a ring.
    list(Node.objects.select_for_update().filter(parent=None).order_by("pk"))
    _check_place(parent)
    if parent and node.pk in {above.pk for above in path(parent)}:
        raise WrongPlace(_("A folder cannot be moved into itself."))
    node.parent = parent
    _save(node)


@transaction.atomic
def delete(node: Node) -> None:
    """Remove an empty folder or program, a campaign that never ran, a message never approved."""
    asked = Q(campaign__node=node) | Q(choice__step__campaign__node=node)
    lists = list(SmartList.objects.filter(asked).values_list("pk", flat=True))
    try:
        node.delete()
    except ProtectedError as refused:
        raise InUse(_why_it_stays(node)) from refused
    SmartList.objects.filter(pk__in=lists).delete()


def _plant(kind: Node.Kind, *, parent: Node | None, name: str, now: datetime) -> Node:
    _check_place(parent)
    node = Node(kind=kind, parent=parent, name=_checked(name), created_at=now)
    _save(node)
    return node


def _save(node: Node) -> None:
    try:
        with transaction.atomic():
            node.save()
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


def _check_place(parent: Node | None) -> None:
    if parent is None:
        return
    if not parent.is_container:
        raise WrongPlace(_("Only folders and programs can hold something."))
    if len(path(parent)) >= DEEPEST:
        raise WrongPlace(_("Folders can be at most %(depth)s deep.") % {"depth": DEEPEST})


def _why_it_stays(node: Node) -> str:
    if node.is_container:
        return _("“%(name)s” is not empty. Move or delete what is in it first.") % {
            "name": node.name
        }
    if node.kind == Node.Kind.CAMPAIGN:
        return _("“%(name)s” has run or was published: its history is kept.") % {"name": node.name}
    return _("“%(name)s” is used, or has been approved: it is kept.") % {"name": node.name}
