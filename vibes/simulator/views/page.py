"""The handset page: a phone for whoever tries the product, on the same machine.

It needs no token, so it answers only under a local host name and its forms
carry Django's own CSRF token.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from vibes.simulator import handsets, memberships, subscriptions
from vibes.simulator.calls import Call
from vibes.simulator.clock import clock
from vibes.simulator.engine import store
from vibes.simulator.mdn import E164, Trait, spoken, trait
from vibes.simulator.views.handsets import receive, search

SHOWN_NUMBERS = 60
SHOWN_MESSAGES = 300
LONGEST_TEXT = 900
HOME = "/_sim/"
POLICY = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
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
    return render(request, "page.html", _numbers(request) | _conversation(request))


@require_GET
@local
def numbers(request: HttpRequest) -> HttpResponse:
    return _unless_same(request, render(request, "_numbers.html", _numbers(request)))


@require_GET
@local
def conversation(request: HttpRequest) -> HttpResponse:
    return _unless_same(request, render(request, "_conversation.html", _conversation(request)))


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
    """The buttons beside the phone: power, and giving up the number."""
    mdn, now = _mdn(request.POST), clock.now()
    with store.transaction() as db:
        handset = handsets.ensure(db, mdn)
        if request.POST.get("do") == "disconnect":
            subscriptions.disconnect(db, {"mdn": mdn}, now)
        else:
            db.run("UPDATE handsets SET powered = NOT powered WHERE mdn = ?", mdn)
            if not handset["powered"]:
                handsets.switch_on(db, mdn, now=now)
    return _back(mdn)


def _back(mdn: str) -> HttpResponse:
    return HttpResponseRedirect(f"{HOME}?{urlencode({'mdn': mdn})}")


def _mdn(values: Any) -> str:
    """The number a form or address names; ``+`` may have become a blank on its way."""
    mdn: str = "+" + values.get("mdn", "").strip().lstrip("+")
    if not E164.fullmatch(mdn):
        raise Http404("Not a number in E.164")
    return mdn


def _numbers(request: HttpRequest) -> dict[str, Any]:
    typed = request.GET.get("q", "").strip()
    digits = "".join(sign for sign in typed if sign.isdigit())
    with store.transaction() as db:
        rows = search(Call(request, db, clock.now()), digits, limit=SHOWN_NUMBERS)
        total = db.value("SELECT count(*) FROM handsets")
    chosen = _mdn(request.GET) if request.GET.get("mdn") else ""
    new = f"+{digits}" if len(digits) > 10 else f"+1{digits}"
    known = {row["mdn"] for row in rows}
    return {
        "q": typed,
        "chosen": chosen,
        "numbers": [dict(row) | {"spoken": spoken(row["mdn"])} for row in rows],
        "total": total,
        "unknown": new if E164.fullmatch(new) and len(digits) >= 10 and new not in known else "",
    }


def _conversation(request: HttpRequest) -> dict[str, Any]:
    if not request.GET.get("mdn"):
        return {"mdn": ""}
    mdn = _mdn(request.GET)
    with store.transaction() as db:
        rows = handsets.messages(db, mdn, limit=SHOWN_MESSAGES)
        names = {row["id"]: row["name"] for row in db.all("SELECT * FROM lists")}
        standing = memberships.standing(db, mdn=mdn)
        handset = handsets.find(db, mdn)
    return {
        "mdn": mdn,
        "spoken": spoken(mdn),
        "messages": [handsets.describe_message(row) for row in rows],
        "handset": handset,
        "behaviour": trait(mdn).value if trait(mdn) is not Trait.ORDINARY else "",
        "standing": [s | {"name": names.get(s["list_id"], s["list_id"])} for s in standing],
    }


def _unless_same(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """304 when the page already shows this."""
    tag = f'"{blake2b(answer.content, digest_size=8).hexdigest()}"'
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponse(status=304)
    answer.headers["ETag"] = tag
    return answer
