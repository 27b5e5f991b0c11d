"""The handset page: a phone for whoever tries the product, on the same machine.

It needs no token, so it answers only under a local host name and its forms
carry Django's own CSRF token. It works without a script; with one it is live.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from vibes.simulator import engine, handsets, subscriptions
from vibes.simulator.calls import Call
from vibes.simulator.clock import clock
from vibes.simulator.engine import store
from vibes.simulator.mdn import E164
from vibes.simulator.store import Db
from vibes.simulator.views import showing
from vibes.simulator.views.handsets import receive

LONGEST_TEXT = 900
HOME = "/_sim/"
POLICY = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
HOURS = {"1": 3600, "24": 86400}
Page = Callable[[HttpRequest], HttpResponse]


def local(page: Page) -> Page:
    """Refuse foreign host names (DNS rebinding), and lock the page down."""

    def view(request: HttpRequest) -> HttpResponse:
        request.get_host()
        answer = page(request)
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return view


@require_GET
@local
@ensure_csrf_cookie
def home(request: HttpRequest) -> HttpResponse:
    with store.transaction() as db:
        phone = showing.phone(db, _mdn(request.GET)) if request.GET.get("mdn") else {}
        context = phone | _numbers(db, request) | showing.desk(db)
    if meant := _only_one_meant(context):
        return _back(meant)
    return render(request, "page.html", context)


@require_GET
@local
def numbers(request: HttpRequest) -> HttpResponse:
    """The list beside the phone, to replace the one that is shown."""
    with store.transaction() as db:
        context = _numbers(db, request)
    return _unless_same(request, render(request, "_numbers.html", context))


@require_GET
@local
@ensure_csrf_cookie
def conversation(request: HttpRequest) -> HttpResponse:
    """All of the phone that changes, to replace what is shown of it."""
    with store.transaction() as db:
        context = showing.phone(db, _mdn(request.GET)) | showing.desk(db)
    return _unless_same(request, render(request, "_changing.html", context))


@require_POST
@local
@csrf_protect
def send(request: HttpRequest) -> HttpResponse:
    mdn, text = _mdn(request.POST), request.POST.get("text", "").strip()[:LONGEST_TEXT]
    if text:
        with store.transaction() as db:
            receive(Call(request, db, clock.now()), mdn, text, code=None)
    return _back(mdn)


@require_POST
@local
@csrf_protect
def switch(request: HttpRequest) -> HttpResponse:
    """The buttons beside the phone: power, another carrier, giving up the number."""
    mdn, deed = _mdn(request.POST), DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise Http404("No such button")
    with store.transaction() as db:
        handsets.ensure(db, mdn)
        deed(db, mdn, clock.now())
    return _back(mdn)


@require_POST
@local
@csrf_protect
def move_clock(request: HttpRequest) -> HttpResponse:
    """An hour or a day on; what falls due has happened when this answers."""
    engine.advance(HOURS.get(request.POST.get("hours", ""), 0))
    return _back(_mdn(request.POST)) if request.POST.get("mdn") else HttpResponseRedirect(HOME)


def _power_off(db: Db, mdn: str, now: float) -> None:
    handsets.switch_off(db, mdn)


def _power_on(db: Db, mdn: str, now: float) -> None:
    handsets.switch_on(db, mdn, now=now)


def _port(db: Db, mdn: str, now: float) -> None:
    handsets.port(db, mdn)


def _disconnect(db: Db, mdn: str, now: float) -> None:
    subscriptions.disconnect(db, {"mdn": mdn}, now)


DEEDS = {"off": _power_off, "on": _power_on, "port": _port, "disconnect": _disconnect}


def _back(mdn: str) -> HttpResponse:
    return HttpResponseRedirect(f"{HOME}?{urlencode({'mdn': mdn})}")


def _mdn(values: Any) -> str:
    """The number a form or address names; ``+`` may have become a blank on its way."""
    mdn: str = "+" + values.get("mdn", "").strip().lstrip("+")
    if not E164.fullmatch(mdn):
        raise Http404("Not a number in E.164")
    return mdn


def _numbers(db: Db, request: HttpRequest) -> dict[str, Any]:
    chosen = _mdn(request.GET) if request.GET.get("mdn") else ""
    return showing.numbers(db, request.GET.get("q", "").strip(), chosen=chosen)


def _only_one_meant(context: dict[str, Any]) -> str:
    """The number to open at once: a whole one was typed, or digits that only one phone has."""
    found = [entry["mdn"] for entry in context["numbers"]]
    if context["chosen"] or not context["q"]:
        return ""
    return str(context["unknown"] or (found[0] if len(found) == 1 else ""))


def _unless_same(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """304 when the page already shows this."""
    tag = f'"{blake2b(answer.content, digest_size=8).hexdigest()}"'
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponse(status=304)
    answer.headers["ETag"] = tag
    return answer
