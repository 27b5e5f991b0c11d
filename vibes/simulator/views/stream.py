"""``GET /_sim/stream``: what happens here, as server-sent events, for the page and for tests.

``?mdn=`` narrows it to what concerns one number. A reader that was cut off goes on
after its ``Last-Event-ID``; where that is no longer possible it gets ``reset``, and
should read anew whatever it shows. Every reader holds a thread, so there is a most.

Kinds: ``message.in`` (to the phone), ``message.out``, ``message.matched`` (what a text
was taken for), ``handset`` (power, memberships, what was read), ``callback.delivered``,
``callback.queued`` (an attempt failed and will be made again), ``callback.failed``,
``clock``, ``reset``.
"""

import socket
from hmac import compare_digest
from threading import BoundedSemaphore

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from vibes.simulator import engine
from vibes.simulator.calls import CONTROL_TOKEN
from vibes.simulator.mdn import E164
from vibes.simulator.replies import Refusal, refuse
from vibes.simulator.stream import MOST_READERS, as_events

BUSY_S = 5
LOCAL_SITES = (None, "none", "same-origin")
_places = BoundedSemaphore(MOST_READERS)


@require_GET
def follow(request: HttpRequest) -> HttpResponseBase:
    """200 and a body without end; 401, 403 or 400 to whoever may not, 503 when it is full."""
    try:
        _admit(request)
        mdn = _wanted(request)
    except Refusal as refusal:
        return refuse(refusal.status, *refusal.messages)
    if not _places.acquire(blocking=False):
        return _full()
    answer = StreamingHttpResponse(content_type="text/event-stream; charset=utf-8")
    # Whatever ends the answer closes it; a generator that never began would release nothing.
    answer._resource_closers.append(_places.release)  # type: ignore[attr-defined]
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    last_seen = request.headers.get("Last-Event-ID", "")
    answer.streaming_content = as_events(
        engine.stream, last_seen, mdn, is_gone=lambda: _has_hung_up(request.META["gunicorn.socket"])
    )
    return answer


def _admit(request: HttpRequest) -> None:
    """With the control token, as the controls; without, as the page: local, and no foreign site."""
    given = request.headers.get("Authorization")
    if given is not None:
        if not compare_digest(given.encode(), f"Bearer {CONTROL_TOKEN}".encode()):
            raise Refusal(401, "Authorization: Bearer <SIM_TOKEN> is required")
        return
    request.get_host()
    if request.headers.get("Sec-Fetch-Site") not in LOCAL_SITES:
        raise Refusal(403, "Only for the page of the simulator itself")


def _wanted(request: HttpRequest) -> str | None:
    """The number asked for; ``+`` may have become a blank on its way."""
    if "mdn" not in request.GET:
        return None
    mdn = "+" + request.GET["mdn"].strip().lstrip("+")
    if not E164.fullmatch(mdn):
        raise Refusal(400, "mdn must be a number in E.164")
    return mdn


def _full() -> HttpResponse:
    answer = refuse(503, f"{MOST_READERS} others follow already")
    answer.headers["Retry-After"] = str(BUSY_S)
    return answer


def _has_hung_up(connection: socket.socket) -> bool:
    """Has the other side closed? It has nothing more to say otherwise."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
