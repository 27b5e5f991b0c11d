"""The Marketing Activities tree as it is read: chains upwards, states, search."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from campaigns import invalid
from campaigns.models import (
    Cohort,
    Node,
    NodeQuerySet,
    Run,
    Slot,
    SmartListTrigger,
    SmsMessage,
)
from campaigns.registry import triggers

# From each node up to the top. Bottom-up on purpose: it touches the chain only, however large the tree.
CHAINS = """
WITH RECURSIVE up (start_id, id, depth) AS (
    SELECT id, id, 0 FROM campaigns_node WHERE id IN ({ids})
    UNION ALL
    SELECT up.start_id, node.parent_id, up.depth + 1
    FROM up JOIN campaigns_node node ON node.id = up.id
    WHERE node.parent_id IS NOT NULL AND up.depth < 100
)
SELECT campaigns_node.*, up.start_id, up.depth
FROM up JOIN campaigns_node ON campaigns_node.id = up.id
ORDER BY up.start_id, up.depth DESC
"""

SUBTREE = """
WITH RECURSIVE down (id, depth) AS (
    SELECT id, 0 FROM campaigns_node WHERE id = %s
    UNION ALL
    SELECT node.id, down.depth + 1
    FROM down JOIN campaigns_node node ON node.parent_id = down.id
    WHERE node.binned_at IS NULL AND down.depth < 100
)
SELECT id FROM down
"""


def paths(ids: Iterable[int]) -> dict[int, list[Node]]:
    """For each id the chain from the top down to the node itself, in one query."""
    wanted = list(ids)
    found: dict[int, list[Node]] = {}
    if wanted:
        sql = CHAINS.format(ids=", ".join(["%s"] * len(wanted)))
        for node in Node.objects.raw(sql, wanted):
            found.setdefault(node.start_id, []).append(node)  # type: ignore[attr-defined]
    return found


def subtree(node: Node) -> list[int]:
    """The ids of `node` and of everything below it that is not in the recycle bin, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(SUBTREE, [node.pk])
        return sorted(pk for (pk,) in cursor.fetchall())


def height(node: Node) -> int:
    """How many levels `node` and what is below it take."""
    with connection.cursor() as cursor:
        cursor.execute(SUBTREE.replace("SELECT id FROM", "SELECT MAX(depth) FROM"), [node.pk])
        return 1 + int(cursor.fetchone()[0])


def path(node: Node) -> list[Node]:
    """From the top down to `node`, itself included."""
    return paths([node.pk])[node.pk]


# States that are no state of a row: of a campaign whose people all wait, and of one that cannot run.
WAITING, INVALID = "waiting", "invalid"
# Of a triggered campaign: it takes people in, among them those whom flows request; it does not.
ACTIVE, REQUESTED, INACTIVE = "active", "requested", "inactive"
_COMES_FIRST = {*Run.OPEN, WAITING, ACTIVE, REQUESTED, *Slot.UNDECIDED}


def stated(nodes: NodeQuerySet) -> list[Node]:
    """The nodes with their `state` and `asset_id`, also of invalid campaigns, in a fixed number of queries."""
    found: list[Any] = list(with_state(nodes))
    asked = {
        each.asset_id
        for each in found
        if each.kind == Node.Kind.CAMPAIGN and each.state not in _COMES_FIRST
    }
    wrong = invalid.among(asked)
    for each in found:
        if each.kind == Node.Kind.CAMPAIGN and each.asset_id in wrong:
            each.state = INVALID
    return found


def with_state(nodes: NodeQuerySet) -> NodeQuerySet:
    """Adds `state` (a message's or a campaign's, "" of one that never ran) and `asset_id`.

    Of a campaign: that of a planned run that waits for somebody; that it is active; of the newest run while
    it is open; of a planned run; that it is triggered and not active; of the newest run. (Before
    the last two, `stated` puts what makes it invalid.)
    """
    message_state = Case(
        When(message=None, then=None),
        When(message__approved=None, then=Value(SmsMessage.State.DRAFT)),
        When(message__approved__text=F("message__text"), then=Value(SmsMessage.State.APPROVED)),
        default=Value(SmsMessage.State.APPROVED_WITH_DRAFT),
    )
    newest_run = Run.objects.filter(campaign__node=OuterRef("pk")).values("state")[:1]
    slots = Slot.objects.filter(campaign__node=OuterRef("pk"))
    moving = Cohort.objects.filter(run__campaign__node=OuterRef("pk"), run__state=Run.State.RUNNING)
    waits = Exists(moving.filter(state=Cohort.State.WAITING))
    goes = Exists(moving.filter(state=Cohort.State.READY))
    active = Run.objects.active().filter(campaign__node=OuterRef("pk"))
    fired = SmartListTrigger.objects.filter(smart_list__campaign__node=OuterRef("pk"))
    heard = fired.filter(kind__in=[each.kind for each in triggers.all() if each.hears_requests])
    return nodes.annotate(newest_run=Subquery(newest_run)).annotate(
        state=Coalesce(
            message_state,
            Subquery(slots.undecided().values("state")[:1]),
            Case(
                When(Exists(active.filter(state=Run.State.PAUSED)), then=Value(Run.State.PAUSED)),
                When(Exists(active) & Exists(heard), then=Value(REQUESTED)),
                When(Exists(active), then=Value(ACTIVE)),
                When(waits & ~goes, newest_run=Run.State.RUNNING, then=Value(WAITING)),
                When(newest_run__in=Run.OPEN, then=F("newest_run")),
            ),
            Subquery(slots.planned().values("state")[:1]),
            Case(When(Exists(fired), then=Value(INACTIVE))),
            F("newest_run"),
            Value(""),
        ),
        asset_id=Coalesce(
            "campaign__pk", "message__pk", "named_list__pk", "placed_list__static_list"
        ),
    )


# The states of the tree's filter: what each one takes in.
KINDS_OF_STATE: dict[str, set[str]] = {
    "draft": {SmsMessage.State.DRAFT},
    "approved": {SmsMessage.State.APPROVED, SmsMessage.State.APPROVED_WITH_DRAFT},
    "newer-draft": {SmsMessage.State.APPROVED_WITH_DRAFT},
    "never-run": {""},
    "scheduled": {Slot.State.PLANNED},
    "running": {*Run.MOVING},
    "active": {ACTIVE, REQUESTED},
    "inactive": {INACTIVE},
    "waiting": {WAITING},
    "paused": {Run.State.PAUSED},
    "over": {Run.State.FINISHED, Run.State.CANCELLED},
    "attention": {*Slot.UNDECIDED},
    "invalid": {INVALID},
}


def search(
    words: str, *, limit: int, kinds: Collection[str] = (), states: Collection[str] = ()
) -> list[Node]:
    """Up to `limit` nodes of these kinds and states (none named: any) with every word at the beginning of
    one of their name or description, what is archived last.
    """
    found = Node.objects.shown().in_order()
    for word in words.split():
        begins = beginning(word)
        found = found.filter(Q(name__iregex=begins) | Q(description__iregex=begins))
    if kinds:
        found = found.filter(kind__in=kinds)
    apart = Case(When(archived_with=None, then=0), default=1)
    found = found.order_by(apart, *found.query.order_by)
    if not states:
        return stated(found[:limit])
    wanted = {each for name in states for each in KINDS_OF_STATE[name]}
    with_one = found.filter(kind__in=[Node.Kind.CAMPAIGN, Node.Kind.MESSAGE])
    return [each for each in stated(with_one) if each.state in wanted][:limit]  # type: ignore[attr-defined]


def places(words: str, *, but: Collection[int], limit: int, kinds: Collection[str]) -> list[Node]:
    """Up to `limit` nodes of these kinds that are not archived, with every word at the beginning of one of
    their name, without those of `but`."""
    found = Node.objects.present().filter(kind__in=kinds, archived_with=None).in_order()
    for word in words.split():
        found = found.filter(name__iregex=beginning(word))
    # Taken out here: they may be more than a database takes as parameters.
    return [each for each in found[: limit + len(but)] if each.pk not in but][:limit]


def beginning(word: str) -> str:
    """A pattern, in Python as in SQL: where a word begins so."""
    return r"(^|\W)" + re.escape(word)


def containers() -> list[Node]:
    """Every folder and program that is not archived, in the order of the tree: what a new thing can be put into."""
    kinds = [Node.Kind.FOLDER, Node.Kind.PROGRAM]
    found = Node.objects.present().filter(kind__in=kinds, archived_with=None).in_order()
    below: dict[int | None, list[Node]] = {}
    for node in found:
        below.setdefault(node.parent_id, []).append(node)
    return _downwards(below, None, depth=0)


def _downwards(
    below: dict[int | None, list[Node]], parent: int | None, *, depth: int
) -> list[Node]:
    found = []
    for node in below.get(parent, []):
        node.depth = depth  # type: ignore[attr-defined]
        found += [node, *_downwards(below, node.pk, depth=depth + 1)]
    return found
