"""Requests as they left the client, held to the profile: method, path, query, headers and body."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter

from tests.contract import files
from vibes.client import Client

Request = requests.PreparedRequest
PROFILE: dict[str, Any] = files.read("vibes-platform.profile.openapi.json")
KINDS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
}


def record(client: Client) -> list[Request]:
    """Every request the client makes from now on, as it was written."""
    seen: list[Request] = []
    session = client._transport.session
    find = session.get_adapter
    session.get_adapter = lambda url: Noting(find(url), seen)  # type: ignore[method-assign]
    return seen


def check(request: Request) -> str:
    """The profile's operationId; raises when the profile does not know this request, to the letter."""
    method, path, query = _parts(request)
    operation = files.operation(method, path)
    described = [_resolved(each) for each in operation["parameters"]]
    _check_path(path, described)
    _check_query(query, [each for each in described if each["in"] == "query"])
    _check_headers(request, [each for each in described if each["in"] == "header"])
    _check_body(request, operation)
    return str(operation["operationId"])


class Noting(BaseAdapter):
    """Passes every request on, and remembers those that were answered."""

    def __init__(self, door: BaseAdapter, seen: list[Request]) -> None:
        super().__init__()
        self.door, self.seen = door, seen

    def send(self, request: Request, *args: Any, **kwargs: Any) -> requests.Response:
        answer = self.door.send(request, *args, **kwargs)
        self.seen.append(request)
        return answer

    def close(self) -> None:
        self.door.close()


class Canned(BaseAdapter):
    """Answers every request alike, without a network."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__()
        self.status = status
        self.content = b"" if body is None else json.dumps(body).encode()

    def send(self, request: Request, *_: Any, **__: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = self.status, request, request.url or ""
        answer.raw = urllib3.HTTPResponse(body=BytesIO(self.content), preload_content=False)
        return answer

    def close(self) -> None:
        pass


def _parts(request: Request) -> tuple[str, str, str]:
    split = urlsplit(request.url or "")
    return request.method or "", split.path, split.query


def _check_path(path: str, described: list[dict[str, Any]]) -> None:
    """Each part that stands for something is what its parameter may be."""
    template = next(each for each in PROFILE["paths"] if files._fits(each, path))
    schemas = {each["name"]: each["schema"] for each in described if each["in"] == "path"}
    for name, value in zip(template.split("/"), path.split("/"), strict=True):
        if name.startswith("{"):
            files._validate(unquote(value), schemas[name.strip("{}")])


def _check_query(query: str, described: list[dict[str, Any]]) -> None:
    assert "+" not in query, "a plus in a query is a blank: it travels as %2B"
    given = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    schemas = {each["name"]: each["schema"] for each in described}
    assert given.keys() <= schemas.keys()
    assert {each["name"] for each in described if each.get("required")} <= given.keys()
    for name, value in given.items():
        files._validate(_typed(value, schemas[name]), schemas[name])


def _check_headers(request: Request, described: list[dict[str, Any]]) -> None:
    assert [each["name"] for each in described] == ["X-API-Version"]
    assert request.headers["X-API-Version"] == "2"
    files._validate(request.headers["X-API-Version"], described[0]["schema"])
    assert request.headers["Authorization"].startswith("Basic ")


def _check_body(request: Request, operation: dict[str, Any]) -> None:
    if "requestBody" not in operation:
        assert request.body is None
        return
    assert request.headers["Content-Type"] == "application/json"
    wanted = operation["requestBody"]["content"]["application/json"]["schema"]
    files._validate(json.loads(request.body or b""), wanted)


def _typed(value: str, schema: dict[str, Any]) -> Any:
    return KINDS.get(schema.get("type", "string"), str)(value)


def _resolved(parameter: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = PROFILE
    if "$ref" not in parameter:
        return parameter
    for step in parameter["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found
