"""What a fault rule does to one call."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from vibes.simulator import replies
from vibes.simulator.faults import Rule

Serve = Callable[[], HttpResponse]
GONE = 444
"""The status in the journal of a call whose connection was dropped; the caller sees none."""
LONGEST_HANG_S = 60


class Dropped(HttpResponse):
    """Stands for an answer that never arrives."""

    status_code = GONE


def answer(rule: Rule | None, request: HttpRequest, serve: Serve) -> HttpResponse:
    """The answer as the rule has it. Without a rule, the plain one."""
    return _ACTIONS[rule.action["type"]](rule.action, request, serve) if rule else serve()


def _status(action: dict[str, Any], request: HttpRequest, serve: Serve) -> HttpResponse:
    status = int(action.get("status", 500))
    body = action.get("body")
    if body is None and status < 500:
        made = replies.refuse(status, "Simulated fault")
    else:
        text = "<html><h1>Simulated fault</h1></html>" if body is None else body
        kind = "application/json" if isinstance(body, dict | list) else "text/html"
        content = json.dumps(text) if isinstance(text, dict | list) else str(text)
        made = HttpResponse(content, status=status, content_type=kind)
    for name, value in (action.get("headers") or {}).items():
        made.headers[name] = str(value)
    return made


def _delay(action: dict[str, Any], request: HttpRequest, serve: Serve) -> HttpResponse:
    time.sleep(float(action.get("seconds", 1)))
    return serve()


def _hang(action: dict[str, Any], request: HttpRequest, serve: Serve) -> HttpResponse:
    time.sleep(float(action.get("seconds", LONGEST_HANG_S)))
    return _drop(request)


def _reset_before(action: dict[str, Any], request: HttpRequest, serve: Serve) -> HttpResponse:
    return _drop(request)


def _reset_after(action: dict[str, Any], request: HttpRequest, serve: Serve) -> HttpResponse:
    serve()
    return _drop(request)


def _bad_json(action: dict[str, Any], request: HttpRequest, serve: Serve) -> HttpResponse:
    made = serve()
    made.content = b'{"truncated": '
    return made


def _truncate(action: dict[str, Any], request: HttpRequest, serve: Serve) -> HttpResponse:
    """Promise the whole body, send half of it, hang up."""
    made = serve()
    made.headers["Content-Length"] = str(len(made.content))
    made.content = made.content[: len(made.content) // 2]
    # Django closes an answer once it is written; that is the moment to hang up.
    made._resource_closers.append(lambda: _hang_up(request))  # type: ignore[attr-defined]
    return made


def _drop(request: HttpRequest) -> HttpResponse:
    _hang_up(request)
    return Dropped()


def _hang_up(request: HttpRequest) -> None:
    """Close the connection under the server's hands."""
    connection: socket.socket = request.META["gunicorn.socket"]
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


_ACTIONS: dict[str, Callable[[dict[str, Any], HttpRequest, Serve], HttpResponse]] = {
    "status": _status,
    "delay": _delay,
    "hang": _hang,
    "reset_before": _reset_before,
    "reset_after": _reset_after,
    "bad_json": _bad_json,
    "truncate": _truncate,
}
