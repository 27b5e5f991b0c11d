"""What every call of the Vibes API passes: faults, login, key, limits, latency, journal."""

import re
import time
from base64 import b64decode
from collections.abc import Callable
from email.utils import formatdate
from hmac import compare_digest

from django.http import HttpRequest, HttpResponse

from vibes.simulator import dice, faults, journal, mischief
from vibes.simulator.clock import clock
from vibes.simulator.limits import door, limiter
from vibes.simulator.options import options
from vibes.simulator.replies import NOT_FOUND, refuse, reply

PREFIX = "/companies/"
MDN = re.compile(rb'"mdn"\s*:\s*"([^"]*)"')


class Wire:
    """Middleware around everything; only calls of the Vibes API concern it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self._get_response(request)
        with door.passed(_pool(request)):
            at = clock.now()
            body = request.body
            rule = _rule(request, body)
            answer = mischief.answer(rule, request, lambda: self._serve(request))
            journal.write(request, body, answer, rule=rule, at=at)
        return _measured(answer)

    def _serve(self, request: HttpRequest) -> HttpResponse:
        refusal = _unauthorised(request) or _wrong_key(request) or _too_many(request)
        if refusal is not None:
            return refusal
        _dawdle()
        request.path_info = request.path_info.removesuffix("/")
        return _styled(request, self._get_response(request))


def _measured(answer: HttpResponse) -> HttpResponse:
    """With its length, so that it needs no chunks."""
    if answer.content and not answer.has_header("Content-Length"):
        answer.headers["Content-Length"] = str(len(answer.content))
    return answer


def _rule(request: HttpRequest, body: bytes) -> faults.Rule | None:
    if not faults.book.rules:
        return None
    found = MDN.search(body)
    mdn = found[1].decode(errors="replace") if found else request.GET.get("mdn", "")
    return faults.on_request(request.method or "", request.path_info, mdn, request.headers)


def _unauthorised(request: HttpRequest) -> HttpResponse | None:
    given = request.headers.get("Authorization", "").encode()
    if compare_digest(_credentials(given), f"{options.username}:{options.password}".encode()):
        return None
    refusal = refuse(401, "Unauthorized")
    refusal.headers["WWW-Authenticate"] = 'Basic realm="Vibes"'
    return refusal


def _credentials(header: bytes) -> bytes:
    kind, _, encoded = header.partition(b" ")
    try:
        return b64decode(encoded) if kind.lower() == b"basic" else b""
    except ValueError:
        return b""


def _wrong_key(request: HttpRequest) -> HttpResponse | None:
    key = request.path_info.split("/")[2]
    return None if key == options.company_key else refuse(404, "Not found", code=NOT_FOUND)


def _too_many(request: HttpRequest) -> HttpResponse | None:
    pool = _pool(request)
    limit = options.rate_limit_events if pool == "events" else options.rate_limit_other
    if limiter.admits(pool, limit):
        return None
    refusal = refuse(429, "Rate limit exceeded")
    if options.retry_after == "seconds":
        refusal.headers["Retry-After"] = "1"
    elif options.retry_after == "date":
        refusal.headers["Retry-After"] = formatdate(time.time() + 1, usegmt=True)
    return refusal


def _pool(request: HttpRequest) -> str:
    """Which of Vibes' limits the call counts against."""
    sends = request.method == "POST" and request.path_info.rstrip("/").endswith("/events")
    return "events" if sends else "other"


def _dawdle() -> None:
    if options.latency_ms > 0:
        time.sleep(dice.around(options.latency_ms / 1000))


def _styled(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """With ``documented200``, success is a 200 as Vibes' published document says it is."""
    joins = request.path_info.endswith("/participants")
    if options.status_style != "documented200" or joins:
        return answer
    if answer.status_code in (201, 202):
        answer.status_code = 200
    return reply({}) if answer.status_code == 204 else answer
