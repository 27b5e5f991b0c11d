"""A smart list and a flow as plain values: what a version keeps, and what the engine works from.

The draft (rows) is read into the same values, so that the dry run and the run are one piece of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class FilterSpec:
    """One filter with its frozen params."""

    kind: str
    config: Mapping[str, Any]


@dataclass(frozen=True)
class ListSpec:
    """A smart list: `match` is all, any or advanced; `logic` counts only with advanced."""

    match: str = "all"
    logic: str = ""
    filters: tuple[FilterSpec, ...] = ()


@dataclass(frozen=True)
class BranchSpec:
    """Settings for those the condition finds; the default branch has no condition and stands last."""

    config: Mapping[str, Any] = field(default_factory=dict)
    condition: ListSpec | None = None
    does_nothing: bool = False


@dataclass(frozen=True)
class StepSpec:
    """One step: its lasting id, its kind, its branches in the order they are tried."""

    id: int
    kind: str
    branches: tuple[BranchSpec, ...]


@dataclass(frozen=True)
class FlowSpec:
    """What a version is: whom it takes and what it does with them."""

    smart_list: ListSpec
    steps: tuple[StepSpec, ...]
    triggers: tuple[FilterSpec, ...] = ()

    @property
    def is_triggered(self) -> bool:
        """The mode follows the content."""
        return bool(self.triggers)


def to_json(flow: FlowSpec) -> dict[str, Any]:
    """As it is stored in `FlowVersion.content`: triggers only where there are any, as before there were any."""
    content = asdict(flow)
    return content if flow.triggers else {k: v for k, v in content.items() if k != "triggers"}


def from_json(content: Mapping[str, Any]) -> FlowSpec:
    """The inverse of `to_json`."""
    return FlowSpec(
        list_from_json(content["smart_list"]),
        tuple(
            StepSpec(step["id"], step["kind"], tuple(_branch(each) for each in step["branches"]))
            for step in content["steps"]
        ),
        tuple(FilterSpec(each["kind"], each["config"]) for each in content.get("triggers", ())),
    )


def _branch(value: Mapping[str, Any]) -> BranchSpec:
    condition = value["condition"]
    return BranchSpec(
        value["config"], list_from_json(condition) if condition else None, value["does_nothing"]
    )


def list_to_json(rule: ListSpec) -> dict[str, Any]:
    """A smart list in plain values, as JSON gives them back."""
    return {**asdict(rule), "filters": [asdict(each) for each in rule.filters]}


def list_from_json(value: Mapping[str, Any]) -> ListSpec:
    """A smart list as `to_json` keeps it."""
    filters = tuple(FilterSpec(each["kind"], each["config"]) for each in value["filters"])
    return ListSpec(value["match"], value["logic"], filters)
