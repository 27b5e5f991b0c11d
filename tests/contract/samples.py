"""Bodies that fit a schema of the profile: as bare as it allows, as full, empty lists, each shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.contract import files

Schema = dict[str, Any]
COMPONENTS: Schema = files.read("vibes-platform.profile.openapi.json")["components"]["schemas"]
PLAIN = {"string": "text", "integer": 7, "number": 7.5, "boolean": True}
DATES = {"date": "2026-06-01", "date-time": "2026-06-01T17:00:00Z", "uri": "https://example.com/x"}
MANY = 3


def of(schema: Schema) -> Iterator[Any]:
    """Each one fits; whoever reads one must be able to read all."""
    for shape in schema.get("anyOf", [schema]):
        if "$ref" in shape:
            yield from of(_named(shape))
        elif shape.get("type") == "array":
            items = list(of(shape["items"]))
            yield from ([], items[:1], items * MANY)
        else:
            yield _value(shape, full=False)
            yield _value(shape, full=True)


def _value(schema: Schema, *, full: bool) -> Any:
    """Full: every field, filled. Otherwise the least: nulls and nothing that may be left out."""
    schema = _named(schema)
    if schema.get("nullable") and not full:
        return None
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _value(schema[choice][-1 if full else 0], full=full)
    if "allOf" in schema:
        return {k: v for each in schema["allOf"] for k, v in _value(each, full=full).items()}
    if schema.get("type") == "array":
        return [_value(schema["items"], full=True)] if full and "items" in schema else []
    if "properties" in schema or schema.get("type") == "object":
        return _object(schema, full=full)
    return _plain(schema)


def _object(schema: Schema, *, full: bool) -> Schema:
    fields: Schema = schema.get("properties", {})
    wanted = fields if full else [each for each in fields if each in schema.get("required", [])]
    return {name: _value(fields[name], full=full) for name in wanted}


def _plain(schema: Schema) -> Any:
    for given in ("example", "default"):
        if given in schema:
            return schema[given]
    if "enum" in schema:
        return schema["enum"][0]
    if "pattern" in schema:
        return "+13125550142" if "+" in schema["pattern"] else "text"
    return DATES.get(schema.get("format", ""), PLAIN.get(schema.get("type", "string"), "text"))


def _named(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = COMPONENTS[schema["$ref"].rpartition("/")[2]]
    return schema
