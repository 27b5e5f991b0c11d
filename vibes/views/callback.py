"""The address Vibes calls back. It stores and answers; everything else happens afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from vibes import intake, tasks

log = structlog.get_logger(__name__)
ADDRESS = "/vibes/callbacks/"
METHODS = ["POST", "PUT"]
PIECE = 16 * 1024
# A sender that is not listened to loses our answer. So much more of a body is heard, and forgotten.
MOST_HEARD = 1024 * 1024


class FirstMiddleware:
    """Answers Vibes before sessions, languages and logins have their turn: none of them is for it.

    Nor is the check of the host's name: a right token is never refused.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADDRESS):
            return self.get_response(request)
        return receive(request, request.path_info.removeprefix(ADDRESS).removesuffix("/"))


@csrf_exempt
@login_not_required
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """200 once it is kept, whatever it is. A 4xx is final for Vibes: only a wrong token gets one.

    503 when it could not be kept: Vibes comes again.
    """
    if request.method not in METHODS:
        return HttpResponseNotAllowed(METHODS)
    try:
        account_id = intake.account_of(token)
        if account_id is None:
            return _answer(404)
        heard = _heard(request)
        kept = intake.store(account_id, heard.body, timezone.now(), cut=heard.is_cut)
    except Error:
        intake.forget_tokens()  # perhaps the account is gone
        log.exception("a callback could not be kept")
        return _answer(503)
    _ring(kept)
    return _answer(200)


def _answer(status: int) -> HttpResponse:
    """An answer without a body, which says so: it would be sent in chunks otherwise."""
    return HttpResponse(status=status, headers={"Content-Length": "0"})


def _ring(kept: intake.Kept) -> None:
    """A STOP must not queue behind what Vibes is asked about, nor behind receipts: those wait for the
    sweep, which takes them in bulk."""
    if kept.callback_id is not None and kept.waits and kept.kind != intake.RECEIPT:
        task = tasks.apply_callback if kept.is_no else tasks.confirm_callback
        task.apply_async(kwargs={"callback_id": kept.callback_id})  # no transaction is open here


class Heard(NamedTuple):
    body: bytes
    is_cut: bool


def _heard(request: HttpRequest) -> Heard:
    """The body, at most MOST_BYTES of it, whether its length was announced or not."""
    body, more = bytearray(), 0
    # Django reads no body whose length nobody announced; the server knows where it ends.
    is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream = request.META["wsgi.input"] if is_chunked else request
    while len(body) + more < MOST_HEARD and (piece := _piece(stream)):
        room = intake.MOST_BYTES - len(body)
        body += piece[:room]
        more += len(piece[room:])
    return Heard(bytes(body), is_cut=more > 0)


def _piece(stream: Any) -> bytes:
    """The next piece; none where the sender broke off or lost the thread: what came is kept."""
    try:
        return bytes(stream.read(PIECE))
    except Exception as broken:  # noqa: BLE001  # each server has its own words for it
        log.info("a callback broke off", why=type(broken).__name__)
        return b""
