"""What differs between two states of a campaign, in sentences: version to version, and version to draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from . import drafts, logic, versions
from .content import BranchSpec, FilterSpec, ListSpec, StepSpec
from .drafts import Draft, Gone
from .models import FlowVersion, SmartList


@dataclass(frozen=True)
class Outline:
    """A campaign in words: how its filters are joined, each filter, and each step by its id, in order."""

    match: str
    filters: Sequence[str]
    steps: Mapping[int, str]


NOTHING = Outline("", (), {})


def of_version(version: FlowVersion) -> Outline:
    """In the words of today's plug-ins; what a version names and is gone is said by its kind."""
    flow = versions.flow_of(version)
    filters = [_trigger(each) for each in flow.triggers]
    filters += [_filter(each) for each in flow.smart_list.filters]
    match, rule = flow.smart_list.match, flow.smart_list.logic
    return Outline(_joined(match, rule), filters, {each.id: _step(each) for each in flow.steps})


def of_draft(draft: Draft) -> Outline:
    """As the folded cards say it."""
    smart_list = draft.smart_list.smart_list
    filters = [_fired(card.summary) for card in draft.smart_list.triggers]
    filters += [card.summary for card in draft.smart_list.cards]
    steps = {card.row.pk: card.summary for card in draft.steps}
    return Outline(_joined(smart_list.match, smart_list.logic), filters, steps)


def between(old: Outline, new: Outline) -> list[str]:
    """A sentence for each thing that became different; empty where both say the same."""
    return [*_rule(old, new), *_filters(old.filters, new.filters), *_steps(old.steps, new.steps)]


def _rule(old: Outline, new: Outline) -> Iterator[str]:
    if old.match and old.match != new.match:
        said = {"old": old.match, "new": new.match}
        yield _("Smart list: joined by %(new)s instead of %(old)s.") % said


def _filters(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Filters have no lasting id in a version, so those that stand in each other's place are one changed."""
    for kind, was, was_end, now, now_end in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind == "equal":
            continue
        gone, came = old[was:was_end], new[now:now_end]
        for before, after in zip(gone, came, strict=False):
            said = {"old": before, "new": after}
            yield _("Smart list: “%(old)s” became “%(new)s”.") % said
        yield from (_("Smart list: “%s” was deleted.") % each for each in gone[len(came) :])
        yield from (_("Smart list: “%s” was added.") % each for each in came[len(gone) :])


def _steps(old: Mapping[int, str], new: Mapping[int, str]) -> Iterator[str]:
    was, now = (_numbers(each) for each in (old, new))
    for pk in old:
        if pk not in new:
            yield _("Flow: step %(number)d, “%(step)s”, was deleted.") % _said(was, pk, old)
    for pk in new:
        if pk not in old:
            yield _("Flow: “%(step)s” was added as step %(number)d.") % _said(now, pk, new)
        elif old[pk] != new[pk]:
            said = {"number": now[pk], "old": old[pk], "new": new[pk]}
            yield _("Flow: step %(number)d, “%(old)s”, became “%(new)s”.") % said
    for pk in _moved([pk for pk in old if pk in new], [pk for pk in new if pk in old]):
        said = {**_said(now, pk, new), "old": was[pk]}
        yield _("Flow: “%(step)s” was moved from place %(old)d to %(number)d.") % said


def _moved(old: Sequence[int], new: Sequence[int]) -> list[int]:
    """The fewest that must be taken out and put elsewhere to come from one order to the other."""
    blocks = SequenceMatcher(None, old, new, False).get_matching_blocks()
    stayed = {pk for block in blocks for pk in new[block.b : block.b + block.size]}
    return [pk for pk in new if pk not in stayed]


def _numbers(steps: Mapping[int, str]) -> dict[int, int]:
    return {pk: number for number, pk in enumerate(steps, 1)}


def _said(numbers: Mapping[int, int], pk: int, steps: Mapping[int, str]) -> dict[str, object]:
    return {"number": numbers[pk], "step": steps[pk]}


# --- Words ----------------------------------------------------------------------------------------


def _joined(match: str, rule: str) -> str:
    if match == SmartList.Match.ADVANCED:
        return f"“{rule}”"
    return str(SmartList.Match(match).label)


def _trigger(spec: FilterSpec) -> str:
    return _fired(_summary(drafts.trigger_type(spec.kind), spec.config))


def _fired(summary: str) -> str:
    return _("Trigger: %s") % summary


def _filter(spec: FilterSpec) -> str:
    return _summary(drafts.filter_type(spec.kind), spec.config)


def _list(spec: ListSpec) -> str:
    each = [_filter(one) for one in spec.filters]
    if spec.match == SmartList.Match.ADVANCED:
        return logic.sentence(spec.logic, each)
    return (_(" or ") if spec.match == SmartList.Match.ANY else _(" and ")).join(each)


def _step(spec: StepSpec) -> str:
    *choices, default = [_branch(spec.kind, each) for each in spec.branches]
    return "; ".join([*choices, _("Otherwise: %s") % default]) if choices else default


def _branch(kind: str, spec: BranchSpec) -> str:
    deed = _("do nothing") if spec.does_nothing else _summary(drafts.step_type(kind), spec.config)
    if spec.condition is None:
        return deed
    said = {"condition": _list(spec.condition), "deed": deed}
    return _("If %(condition)s: %(deed)s") % said


def _summary(found: object, config: Mapping[str, object]) -> str:
    """Of a plug-in that may not be here any more, or that names what is gone."""
    if isinstance(found, Gone):
        return found.label
    try:
        return str(found.summary(found.thaw(config)))  # type: ignore[attr-defined]
    except (ObjectDoesNotExist, LookupError, ValueError, TypeError):
        return str(found.label)  # type: ignore[attr-defined]
