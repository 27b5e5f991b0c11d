"""What lies in a JSON column: one key set or taken away in place, and a value in it read, in SQL.

A value is read by its path of keys and places. Keys are never made into lookups: a field may be
called `contains`.
"""

from __future__ import annotations

import json
from typing import Any

from django.db.models import BooleanField, F, FloatField, Func, JSONField, TextField

from .columnar import array


class Put(Func):
    """The JSON object in a column with `key` set to `value`, which is JSON-ready."""

    output_field = JSONField()

    def __init__(self, column: str, key: str, value: Any) -> None:
        self.key, self.value = key, value
        super().__init__(F(column))

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.source_expressions[0])
        return f"JSON_SET({column}, %s, JSON(%s))", [*params, _path(self.key), _text(self.value)]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.source_expressions[0])
        return f"({column} || %s::jsonb)", [*params, _text({self.key: self.value})]


class Drop(Func):
    """The JSON object in a column without `key`."""

    output_field = JSONField()

    def __init__(self, column: str, key: str) -> None:
        self.key = key
        super().__init__(F(column))

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.source_expressions[0])
        return f"JSON_REMOVE({column}, %s)", [*params, _path(self.key)]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.source_expressions[0])
        return f"({column} - %s::text)", [*params, self.key]


class _Found(Func):
    """What is at a path of a JSON column."""

    sqlite = postgresql = ""

    def __init__(self, column: str, *path: str | int) -> None:
        self.path = path
        super().__init__(F(column))

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.source_expressions[0])
        return self.sqlite.format(column), [*params, _path(*self.path)]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.source_expressions[0])
        path, places = array([str(step) for step in self.path]), self.postgresql.count("%s")
        return self.postgresql.format(column), [*params, path] * places


class Text(_Found):
    """The text there; an empty one where nothing is."""

    output_field = TextField()
    sqlite = "COALESCE(JSON_EXTRACT({}, %s), '')"
    postgresql = "COALESCE({} #>> %s::text[], '')"


class Sortable(Text):
    """The text there by its letters alone, as dates and moments are compared."""

    postgresql = "(COALESCE({} #>> %s::text[], '') COLLATE \"C\")"


class Number(_Found):
    """The number there; NULL where none is."""

    output_field = FloatField()
    sqlite = "JSON_EXTRACT({}, %s)"
    postgresql = (
        "CASE jsonb_typeof({0} #> %s::text[]) WHEN 'number'"
        " THEN ({0} #>> %s::text[])::double precision END"
    )


class Truth(_Found):
    """Whether `true` is there."""

    output_field = BooleanField()
    sqlite = "COALESCE(JSON_TYPE({}, %s) = 'true', 0)"
    postgresql = "COALESCE({} #> %s::text[] = 'true'::jsonb, FALSE)"


class There(_Found):
    """Whether anything is there, were it an empty text or null."""

    output_field = BooleanField()
    sqlite = "(JSON_TYPE({}, %s) IS NOT NULL)"
    postgresql = "({} #> %s::text[] IS NOT NULL)"


def _path(*steps: str | int) -> str:
    return "$" + "".join(f"[{each}]" if isinstance(each, int) else f'."{each}"' for each in steps)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
