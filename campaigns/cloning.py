"""Cloning things of the tree: what refers to something that is cloned with it, refers to the clone.

A clone is unscheduled and has no runs; a message is approved where the original is; of a static list only
the name is cloned, not who is on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from people.models import StaticList

from . import drafts, naming, outline, references, tree
from .models import (
    Campaign,
    Choice,
    FlowStep,
    MessageVersion,
    NamedList,
    Node,
    SmartList,
    SmartListFilter,
    SmartListTrigger,
    SmsMessage,
)
from .naming import Thing
from .options import Options


@transaction.atomic
def clone(node: Node, *, name: str, parent: Node | None, by: Any, now: datetime) -> Node:
    """A copy of `node` with all below it, called `name`, under `parent`. Raises tree.TreeError."""
    copying = _Copying(by, now)
    found = {each.pk: each for each in Node.objects.filter(pk__in=outline.subtree(node))}
    copies = {node.pk: copying.plant(node, name=name, parent=parent)}
    for each in _downwards(node, [*found.values()]):
        above = copies[each.parent_id or 0]
        copies[each.pk] = copying.plant(each, name=_name_inside(each, above), parent=above)
    copying.fill()
    return copies[node.pk]


def free_name(node: Node, parent: Node | None) -> str:
    """What a copy of it may be called there."""
    beside = Node.objects.present().filter(parent=parent, kind=node.kind)
    if node.kind == Node.Kind.STATIC_LIST:
        return _copy_of(node.name, lambda name: StaticList.objects.filter(name=name).exists())
    return _copy_of(node.name, lambda name: beside.filter(name__iexact=name).exists())


def _name_inside(node: Node, parent: Node) -> str:
    """As it is called: nobody chose a name. That of a static list is taken, wherever it stands."""
    return free_name(node, parent) if node.kind == Node.Kind.STATIC_LIST else node.name


def _copy_of(name: str, is_taken: Callable[[str], bool]) -> str:
    number, tail = 1, _(" (copy)")
    while is_taken(copy := name[: 255 - len(tail)] + tail):
        number += 1
        tail = _(" (copy %d)") % number
    return copy


def _downwards(top: Node, nodes: list[Node]) -> list[Node]:
    """What is below `top`, each after what it is in."""
    below: dict[int | None, list[Node]] = {}
    for each in nodes:
        below.setdefault(each.parent_id, []).append(each)
    found, level = [], [top]
    while level := [each for above in level for each in below.get(above.pk, [])]:
        found += level
    return found


class _Copying:
    """Copies in two passes: first everything with its name, then what is in it, by then with all to refer to."""

    def __init__(self, by: Any, now: datetime) -> None:
        self.by, self.now = by, now
        self.instead: dict[Thing, int] = {}
        self.campaigns: list[tuple[Campaign, Campaign]] = []
        self.lists: list[tuple[SmartList, SmartList]] = []

    def plant(self, original: Node, *, name: str, parent: Node | None) -> Node:
        planted = _PLANT[original.kind](self, original, name, parent)
        Node.objects.filter(pk=planted.pk).update(
            description=original.description, position=original.position
        )
        return planted

    def folder(self, original: Node, name: str, parent: Node | None) -> Node:
        return tree.create_folder(parent=parent, name=name, now=self.now)

    def program(self, original: Node, name: str, parent: Node | None) -> Node:
        return tree.create_program(parent=parent, name=name, now=self.now)

    def campaign(self, original: Node, name: str, parent: Node | None) -> Node:
        one = Campaign.objects.select_related("smart_list").get(node=original)
        copy = tree.create_campaign(parent=parent, name=name, by=self.by, now=self.now)
        Campaign.objects.filter(pk=copy.pk).update(
            person_limit=one.person_limit, enters=one.enters, every_count=one.every_count
        )
        self.instead[Campaign, one.pk] = copy.pk
        self.lists.append((one.smart_list, copy.smart_list))
        self.campaigns.append((one, copy))
        return copy.node

    def message(self, original: Node, name: str, parent: Node | None) -> Node:
        one = SmsMessage.objects.select_related("approved").get(node=original)
        copy = tree.create_message(parent=parent, name=name, now=self.now)
        copy.text, approved = one.text, one.approved
        if approved:
            copy.approved = MessageVersion.objects.create(
                message=copy,
                number=1,
                text=approved.text,
                approved_at=approved.approved_at,
                approved_by_id=approved.approved_by_id,
            )
        copy.save(update_fields=["text", "approved"])
        self.instead[SmsMessage, one.pk] = copy.pk
        return copy.node

    def smart_list(self, original: Node, name: str, parent: Node | None) -> Node:
        one = NamedList.objects.select_related("smart_list").get(node=original)
        copy = tree.create_list(parent=parent, name=name, by=self.by, now=self.now)
        self.instead[NamedList, one.pk] = copy.pk
        self.lists.append((one.smart_list, copy.smart_list))
        return copy.node

    def static_list(self, original: Node, name: str, parent: Node | None) -> Node:
        one = StaticList.objects.get(placed__node=original)
        copy = tree.create_static_list(parent=parent, name=name, now=self.now)
        self.instead[StaticList, one.pk] = copy.static_list_id
        return copy.node

    def fill(self) -> None:
        for one, copy in self.lists:
            _fill_list(copy, one, self.instead)
        for campaign, its_copy in self.campaigns:
            _fill_flow(its_copy, campaign, self.instead)


_PLANT: dict[str, Callable[[_Copying, Node, str, Node | None], Node]] = {
    Node.Kind.FOLDER: _Copying.folder,
    Node.Kind.PROGRAM: _Copying.program,
    Node.Kind.CAMPAIGN: _Copying.campaign,
    Node.Kind.MESSAGE: _Copying.message,
    Node.Kind.SMART_LIST: _Copying.smart_list,
    Node.Kind.STATIC_LIST: _Copying.static_list,
}


def _fill_list(copy: SmartList, one: SmartList, instead: Mapping[Thing, int]) -> None:
    SmartList.objects.filter(pk=copy.pk).update(match=one.match, logic=one.logic)
    SmartListFilter.objects.bulk_create(
        SmartListFilter(
            smart_list=copy,
            kind=each.kind,
            position=each.position,
            config=naming.rewritten(naming.filter_(each.kind, each.config), instead),
        )
        for each in one.filters.all()
    )
    SmartListTrigger.objects.bulk_create(
        SmartListTrigger(
            smart_list=copy, kind=each.kind, position=each.position, config=each.config
        )
        for each in one.triggers.all()
    )


def _fill_flow(copy: Campaign, one: Campaign, instead: Mapping[Thing, int]) -> None:
    options = Options()
    for each in one.steps.prefetch_related("choices__condition__filters"):
        step = FlowStep.objects.create(
            campaign=copy,
            kind=each.kind,
            position=each.position,
            config=naming.rewritten(naming.step(each.kind, each.config), instead),
            does_nothing=each.does_nothing,
        )
        for choice in each.choices.all():
            _copy_choice(choice, step, instead)
        references.write_for_step(drafts.StepCard(step, 0, options))


def _copy_choice(one: Choice, step: FlowStep, instead: Mapping[Thing, int]) -> None:
    condition = SmartList.objects.create()
    _fill_list(condition, one.condition, instead)
    Choice.objects.create(
        step=step,
        position=one.position,
        condition=condition,
        config=naming.rewritten(naming.step(step.kind, one.config), instead),
        does_nothing=one.does_nothing,
    )
