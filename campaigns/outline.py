"""The Marketing Activities tree as it is read: chains upwards, states, search."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from campaigns.models import Node, NodeQuerySet, Run, Slot, SmsMessage

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


def path(node: Node) -> list[Node]:
    """From the top down to `node`, itself included."""
    return paths([node.pk])[node.pk]


def with_state(nodes: NodeQuerySet) -> NodeQuerySet:
    """Adds `state` (a message's or a campaign's, "" of one that never ran) and `asset_id`.

    Of a campaign: that of a planned run that waits for somebody; of the newest run while it is open;
    of a planned run; of the newest run.
    """
    message_state = Case(
        When(message=None, then=None),
        When(message__approved=None, then=Value(SmsMessage.State.DRAFT)),
        When(message__approved__text=F("message__text"), then=Value(SmsMessage.State.APPROVED)),
        default=Value(SmsMessage.State.APPROVED_WITH_DRAFT),
    )
    newest_run = Run.objects.filter(campaign__node=OuterRef("pk")).values("state")[:1]
    slots = Slot.objects.filter(campaign__node=OuterRef("pk"))
    return nodes.annotate(newest_run=Subquery(newest_run)).annotate(
        state=Coalesce(
            message_state,
            Subquery(slots.undecided().values("state")[:1]),
            Case(When(newest_run__in=Run.OPEN, then=F("newest_run"))),
            Subquery(slots.planned().values("state")[:1]),
            F("newest_run"),
            Value(""),
        ),
        asset_id=Coalesce(
            "campaign__pk", "message__pk", "named_list__pk", "placed_list__static_list"
        ),
    )


def search(words: str, *, limit: int) -> list[Node]:
    """Up to `limit` nodes whose name or description holds every word, with their `state`."""
    found = with_state(Node.objects.shown().in_order())
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(description__icontains=word))
    return list(found[:limit])


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
