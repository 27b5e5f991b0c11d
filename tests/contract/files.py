"""The written contract of Vibes: the profile of its API, the schema of its callbacks, examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

HERE = Path(__file__).parent
Body = Any


def read(name: str) -> Body:
    return json.loads((HERE / name).read_text())


def examples(kind: str) -> dict[str, Body]:
    """Every example of a kind (requests, responses, callbacks), by file name."""
    folder = HERE / "examples" / kind
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def check_callback(body: Body) -> None:
    """Raises ValidationError when Vibes would not send this under the type it carries."""
    schema = read("vibes-callbacks.schema.json")
    kind = body.get("callback_type") or body.get("event_type")
    known = kind if kind in schema["$defs"] else "envelope"
    jsonschema.Draft202012Validator(schema | {"$ref": f"#/$defs/{known}"}).validate(body)


def operation(method: str, path: str) -> dict[str, Any]:
    """The profile's operation for a call, by the path as it was made. Raises LookupError."""
    profile = read("vibes-platform.profile.openapi.json")
    for template, operations in profile["paths"].items():
        if _fits(template, path) and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    raise LookupError(f"The profile has no {method} {path}")


def check_request(method: str, path: str, body: Body) -> None:
    """Raises when the profile knows no such call, or not with this body."""
    described = operation(method, path)
    content = described.get("requestBody", {}).get("content", {})
    if content:
        _validate(body, content["application/json"]["schema"])


def check_schema(body: Body, name: str) -> None:
    """Raises ValidationError; `name` is a schema of the profile, or `array:` and one."""
    array, _, plain = name.rpartition(":")
    reference = {"$ref": f"#/components/schemas/{plain}"}
    _validate(body, {"type": "array", "items": reference} if array else reference)


def _validate(body: Body, schema: dict[str, Any]) -> None:
    components = _plain(read("vibes-platform.profile.openapi.json")["components"])
    jsonschema.Draft4Validator(_plain(schema) | {"components": components}).validate(body)


def _plain(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` in JSON Schema's words."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(value) for name, value in schema.items() if name != "nullable"}
    if schema.get("nullable") is True:
        return {"anyOf": [plain, {"type": "null"}]}
    return plain


def _fits(template: str, path: str) -> bool:
    wanted, made = template.split("/"), path.split("/")
    pairs = zip(wanted, made, strict=False)
    return len(wanted) == len(made) and all(
        each == other or (each.startswith("{") and bool(other)) for each, other in pairs
    )
