"""The lines of the tree as the left pane draws them: which are open, which is current, where each leads."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import outline
from campaigns.models import Node, Run, Slot, SmsMessage

OPEN_AT_MOST = 200
ICONS = {
    Node.Kind.FOLDER: "folder",
    Node.Kind.PROGRAM: "flag",
    Node.Kind.CAMPAIGN: "lightning-charge",
    Node.Kind.MESSAGE: "chat-left-text",
    Node.Kind.SMART_LIST: "funnel",
    Node.Kind.STATIC_LIST: "list-check",
}
PAGES = {
    Node.Kind.CAMPAIGN: "campaigns:smart-list",
    Node.Kind.MESSAGE: "campaigns:message",
    Node.Kind.SMART_LIST: "campaigns:named-list",
    Node.Kind.STATIC_LIST: "campaigns:static-list",
}
# What the small mark at the icon says, and its colour.
MARKS: dict[str, tuple[str, str | Promise]] = {
    SmsMessage.State.DRAFT: ("draft", _("draft")),
    SmsMessage.State.APPROVED: ("ok", _("approved")),
    SmsMessage.State.APPROVED_WITH_DRAFT: ("ok", _("approved, with a newer draft")),
    Run.State.ENROLLING: ("running", _("running")),
    Run.State.ASKING: ("running", _("running")),
    Run.State.RUNNING: ("running", _("running")),
    Run.State.PAUSED: ("draft", _("paused")),
    Run.State.FINISHED: ("ok", _("finished")),
    Run.State.REFUSED: ("draft", _("refused")),
    Run.State.CANCELLED: ("draft", _("stopped")),
    Slot.State.PLANNED: ("planned", _("scheduled")),
    Slot.State.MISSED: ("bad", _("missed its run")),
    Slot.State.REFUSED: ("bad", _("could not run as planned")),
    outline.WAITING: ("waiting", _("running, everybody waits")),
    outline.ACTIVE: ("running", _("active")),
    outline.REQUESTED: ("running", _("active, is requested by flows")),
    outline.INACTIVE: ("draft", _("inactive")),
    outline.INVALID: ("bad", _("invalid: something it uses is missing")),
}


@dataclass
class Branch:
    """One line: `state` in words, and the lines below it when they are drawn already."""

    node: Node
    level: int
    is_current: bool = False
    is_open: bool = False
    below: list[Branch] = field(default_factory=list)

    @property
    def is_archived(self) -> bool:
        """Whether it was archived by itself."""
        return self.node.archived_with_id == self.node.pk

    @property
    def icon(self) -> str:
        return ICONS[Node.Kind(self.node.kind)]

    @property
    def mark(self) -> str:
        return MARKS.get(self.node.state, ("", ""))[0]  # type: ignore[attr-defined]

    @property
    def state(self) -> str | Promise:
        if self.node.kind == Node.Kind.CAMPAIGN and not self.node.state:  # type: ignore[attr-defined]
            return _("never run")
        if self.node.state == Slot.State.PLANNED and self.node.newest_run:  # type: ignore[attr-defined]
            return _("scheduled to run again")
        return MARKS.get(self.node.state, ("", ""))[1]  # type: ignore[attr-defined]

    @property
    def url(self) -> str:
        return address(self.node)


def address(node: Node) -> str:
    """Where a node leads. It must carry `asset_id` (outline.with_state)."""
    if page := PAGES.get(Node.Kind(node.kind)):
        return reverse(page, args=[node.asset_id])  # type: ignore[attr-defined]
    return reverse("campaigns:node", args=[node.pk])


def opened(request: HttpRequest) -> set[int]:
    """The folders this browser has open, as its script keeps them in a cookie."""
    ids = request.COOKIES.get("tree_open", "").split(".")
    return {int(pk) for pk in ids[:OPEN_AT_MOST] if pk.isdigit() and len(pk) < 18}


def whole(
    request: HttpRequest, chain: Sequence[Node], *, is_open: set[int] | None = None
) -> list[Branch]:
    """The tree with its open folders, and those on the way to the current node (the last of `chain`)."""
    if is_open is None:
        is_open = opened(request) | {node.pk for node in chain}
    here = [node.pk for node in chain]
    shown = Node.objects.shown().filter(Q(parent=None) | Q(parent__in=is_open))
    shown = shown.filter(Q(pk__in=here) | Q(archived_with=None) | ~Q(archived_with=F("pk")))
    lines = outline.stated(shown.with_branches(also=here).in_order())
    current = chain[-1].pk if chain else None
    by_parent: dict[int | None, list[Node]] = {}
    for node in lines:
        by_parent.setdefault(node.parent_id, []).append(node)
    return _grow(by_parent, None, level=1, is_open=is_open, current=current)


def below(parent: Node, *, level: int) -> list[Branch]:
    """The lines right under `parent`, closed."""
    shown = Node.objects.children_of(parent).unarchived()
    lines = outline.stated(shown.with_branches())
    return [Branch(node, level) for node in lines]


def stamp(branches: Sequence[Branch]) -> str:
    """Changes when what the tree shows changes."""
    return f"{zlib.crc32(repr(_seen(branches)).encode()):08x}"


def _seen(branches: Sequence[Branch]) -> list[Any]:
    return [
        (
            each.node.pk,
            each.node.name,
            each.node.archived_with_id,
            each.node.has_children,  # type: ignore[attr-defined]
            str(each.state),
            _seen(each.below),
        )
        for each in branches
    ]


def _grow(
    by_parent: dict[int | None, list[Node]],
    parent: int | None,
    *,
    level: int,
    is_open: set[int],
    current: int | None,
) -> list[Branch]:
    return [
        Branch(
            node,
            level,
            is_current=node.pk == current,
            is_open=node.pk in is_open,
            below=_grow(by_parent, node.pk, level=level + 1, is_open=is_open, current=current),
        )
        for node in by_parent.get(parent, [])
    ]
