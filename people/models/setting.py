"""Instance settings: typed, with a default, declared by the app that owns them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models

Value = TypeVar("Value")
declared: dict[str, Declared[Any]] = {}


class Setting(models.Model):
    """The value of one declared setting, where it differs from the default."""

    name = models.CharField(max_length=80, unique=True)
    value: models.JSONField[Any, Any] = models.JSONField()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Declared(Generic[Value]):
    """A setting that exists: `get()` reads its value, one query."""

    name: str
    default: Value
    help: str

    def get(self) -> Value:
        kept = Setting.objects.filter(name=self.name).values_list("value", flat=True).first()
        return self.default if kept is None else kept

    def set(self, value: Value) -> None:
        Setting.objects.update_or_create(name=self.name, defaults={"value": value})


def declare(name: str, *, default: Value, help: str) -> Declared[Value]:  # noqa: A002
    """Declare a setting once, at import time. Raises ValueError when the name is taken."""
    if name in declared:
        raise ValueError(f"The setting {name} is declared twice.")
    declared[name] = setting = Declared(name, default, help)
    return setting


def read(*settings: Declared[Any]) -> list[Any]:
    """The values of several settings, in their order: one query."""
    names = [each.name for each in settings]
    kept = dict(Setting.objects.filter(name__in=names).values_list("name", "value"))
    return [kept.get(each.name, each.default) for each in settings]


def instance_id() -> uuid.UUID:
    """Who this instance is, for ever: made at first use, part of every event id."""
    kept, _ = Setting.objects.get_or_create(
        name="instance_id", defaults={"value": str(uuid.uuid4())}
    )
    return uuid.UUID(kept.value)
