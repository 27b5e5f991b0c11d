"""Which settings of a card name something else: known from the dropdowns of the plug-ins' forms, and here only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import models
from django.forms import ModelChoiceField

from .registry import Configurable, Registry, UnknownKind, filters, steps, triggers

Thing = tuple[type[models.Model], int]
# A card as a draft or a version keeps it: of which registry, its kind, its settings.
Card = tuple[Registry[Any], str, Mapping[str, Any]]


def dropdowns(kind: Configurable[Any]) -> dict[str, ModelChoiceField]:  # type: ignore[type-arg]
    """The fields of a kind of step or filter in which a thing is chosen."""
    fields = kind.Form.base_fields
    return {name: each for name, each in fields.items() if isinstance(each, ModelChoiceField)}


def models_of(kind: Configurable[Any]) -> dict[str, type[models.Model]]:
    """The same fields, with what can be chosen there."""
    return {name: each.queryset.model for name, each in dropdowns(kind).items()}  # type: ignore[union-attr]


def kinds_naming(of: Registry[Any], wanted: Iterable[type[models.Model]]) -> list[str]:
    """The kinds in which a thing of these models can be chosen."""
    asked = set(wanted)
    return [each.kind for each in of.all() if asked & {*models_of(each).values()}]


def things(card: Card) -> Iterator[Thing]:
    """What the settings name, whether it is there or not."""
    for name, model in _fields(card).items():
        if pk := number(card[2].get(name)):
            yield model, pk


def rewritten(card: Card, instead: Mapping[Thing, int]) -> dict[str, Any]:
    """The settings, naming other things where there is one to name `instead`."""
    config = dict(card[2])
    for name, model in _fields(card).items():
        if (model, number(config.get(name))) in instead:
            config[name] = str(instead[model, number(config[name])])
    return config


def _fields(card: Card) -> dict[str, type[models.Model]]:
    registry, kind, _config = card
    try:
        return models_of(registry.get(kind))
    except UnknownKind:
        return {}


def number(value: Any) -> int:
    """What is chosen in a dropdown; 0 for nothing. (A version keeps a smart list whole, and so names none.)"""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def step(kind: str, config: Mapping[str, Any]) -> Card:
    return steps, kind, config


def filter_(kind: str, config: Mapping[str, Any]) -> Card:
    return filters, kind, config


def trigger(kind: str, config: Mapping[str, Any]) -> Card:
    return triggers, kind, config
