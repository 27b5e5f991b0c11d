"""What a fault rule does to one call."""

import json
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse

from vibes.simulator import replies
from vibes.simulator.faults import Rule

Action = dict[str, Any]
Serve = Callable[[], HttpResponse]
GONE = 444
"""The status in the journal of a call whose connection was dropped; the caller sees none."""
LONGEST_HANG_S = 300
DRIP_S = 0.05
WITHOUT_BODY = frozenset({204, 304})
RESET = struct.pack("ii", 1, 0)
"""Linger for no time: closing such a socket resets the connection."""


class Dropped(HttpResponse):
    """Stands for an answer that never arrives."""

    status_code = GONE


class Dripping(HttpResponse):
    """An answer that is written one byte after the other."""

    pause_s = DRIP_S

    def __iter__(self) -> Iterator[bytes]:
        for place in range(len(self.content)):
            time.sleep(self.pause_s)
            yield self.content[place : place + 1]


def answer(rule: Rule | None, request: HttpRequest, serve: Serve) -> HttpResponse:
    """The answer as the rule has it. Without a rule, the plain one."""
    return _ACTIONS[rule.kind](rule.action, request, serve) if rule else serve()


def _status(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    status = int(action.get("status", 500))
    made = _made_up(status, action.get("body"))
    for name, value in (action.get("headers") or {}).items():
        made.headers[name] = str(value)
    return made


def _status_after(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    serve()
    return _status(action, request, serve)


def _made_up(status: int, body: object) -> HttpResponse:
    """The body as asked for; else the error envelope, a web page from 500 on, or nothing."""
    if isinstance(body, dict | list):
        return replies.reply(body, status)
    if body is not None:
        return HttpResponse(str(body), status=status, content_type="text/html")
    if status in WITHOUT_BODY:
        return HttpResponse(status=status)
    if status < 500:
        return replies.refuse(status, "Simulated fault")
    return HttpResponse("<html><h1>Simulated fault</h1></html>", status=status)


def _delay(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    time.sleep(float(action.get("seconds", 1)))
    return serve()


def _hang(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    _wait_for_the_caller_to_leave(request, float(action.get("seconds", LONGEST_HANG_S)))
    return _reset(request)


def _timeout_after(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    serve()
    return _hang(action, request, serve)


def _reset_before(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    return _reset(request)


def _reset_after(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    serve()
    return _reset(request)


def _drip(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    plain = serve()
    made = Dripping(plain.content, status=plain.status_code, headers=dict(plain.headers))
    made.headers["Content-Length"] = str(len(plain.content))
    made.pause_s = float(action.get("seconds", DRIP_S))
    return made


def _truncate(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    """Promise the whole body, send half of it, hang up."""
    made = serve()
    made.headers["Content-Length"] = str(len(made.content))
    made.content = made.content[: len(made.content) // 2]
    # Django closes an answer once it is written; that is the moment to hang up.
    made._resource_closers.append(lambda: _hang_up(request))  # type: ignore[attr-defined]
    return made


def _bad_json(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    made = serve()
    made.content = b'{"truncated": '
    return made


def _wrong_content_type(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    made = serve()
    made.headers["Content-Type"] = str(action.get("content_type", "text/html"))
    return made


def _extra_fields(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    return _rewritten(serve(), _with_more)


def _null_fields(action: Action, request: HttpRequest, serve: Serve) -> HttpResponse:
    return _rewritten(serve(), lambda body: _with_nulls(body, action.get("fields")))


def _rewritten(made: HttpResponse, change: Callable[[Any], Any]) -> HttpResponse:
    if made.content:
        made.content = json.dumps(change(json.loads(made.content))).encode()
    return made


def _with_more(body: Any) -> Any:
    if isinstance(body, list):
        return [_with_more(item) for item in body]
    if not isinstance(body, dict):
        return body
    within = {name: _with_more(value) for name, value in body.items()}
    return within | {"x_new_text": "new", "x_new_object": {"deep": [1, None, {}]}}


def _with_nulls(body: Any, fields: list[str] | None) -> Any:
    if isinstance(body, list):
        return [_with_nulls(item, fields) for item in body]
    if not isinstance(body, dict):
        return body
    return {name: _null_or_within(name, value, fields) for name, value in body.items()}


def _null_or_within(name: str, value: Any, fields: list[str] | None) -> Any:
    plain = not isinstance(value, dict | list)
    chosen = plain if fields is None else name in fields
    return None if chosen else _with_nulls(value, fields)


def _connection(request: HttpRequest) -> socket.socket:
    connection: socket.socket = request.META["gunicorn.socket"]
    return connection


def _wait_for_the_caller_to_leave(request: HttpRequest, seconds: float) -> None:
    """At most so long; a caller that sends on is waited for to the end."""
    connection = _connection(request)
    connection.settimeout(seconds)
    with suppress(OSError):
        if connection.recv(1, socket.MSG_PEEK):
            time.sleep(seconds)
    connection.settimeout(None)


def _reset(request: HttpRequest) -> HttpResponse:
    """Reset the connection, and leave the server a dead socket under the same number."""
    connection = _connection(request)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with socket.socket() as dead:
        os.dup2(dead.fileno(), connection.fileno())
    return Dropped()


def _hang_up(request: HttpRequest) -> None:
    """Close the connection under the server's hands."""
    with suppress(OSError):
        _connection(request).shutdown(socket.SHUT_RDWR)


_ACTIONS: dict[str, Callable[[Action, HttpRequest, Serve], HttpResponse]] = {
    "status": _status,
    "status_after": _status_after,
    "delay": _delay,
    "hang": _hang,
    "timeout_after": _timeout_after,
    "reset_before": _reset_before,
    "reset_after": _reset_after,
    "drip": _drip,
    "truncate": _truncate,
    "bad_json": _bad_json,
    "wrong_content_type": _wrong_content_type,
    "extra_fields": _extra_fields,
    "null_fields": _null_fields,
}
