"""From a Django request to a function of the simulator, and back.

``route(GET=…, POST=…)`` makes a view that opens one transaction, calls the
function for the method, and turns a ``Refusal`` into Vibes' error envelope.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from django.http import HttpRequest, HttpResponse

from vibes.simulator import mdn as numbers
from vibes.simulator.clock import clock
from vibes.simulator.engine import store
from vibes.simulator.replies import Refusal, refuse
from vibes.simulator.store import Db

CONTROL_TOKEN = os.environ.get("SIM_TOKEN", "simulator")
Answer = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Call:
    """One call: the request, the open transaction, and the moment."""

    request: HttpRequest
    db: Db
    now: float

    @property
    def version(self) -> int:
        """Of the API; without a header it is 1, which refuses E.164."""
        return 2 if self.request.headers.get("X-API-Version") == "2" else 1

    def json(self) -> dict[str, Any]:
        """The body; refuses what is not a JSON object."""
        kind = (self.request.content_type or "").casefold()
        if "json" not in kind:
            raise Refusal(400, "Content-Type must be application/json")
        try:
            body = json.loads(self.request.body)
        except ValueError:
            raise Refusal(400, "The body is not valid JSON") from None
        if not isinstance(body, dict):
            raise Refusal(400, "The body must be a JSON object")
        return body

    def query(self, name: str) -> str | None:
        return self.request.GET.get(name)

    def number(self, name: str, otherwise: int) -> int:
        """A whole number from the query string."""
        text = self.request.GET.get(name, "")
        return int(text) if text.isdigit() and len(text) < 18 else otherwise

    def mdn(self, text: object) -> str:
        """The number in E.164, as this version of the API lets it be written."""
        try:
            return numbers.parse(text, version=self.version)
        except ValueError as problem:
            raise Refusal(400, str(problem)) from None


def route(**answers: Answer) -> Answer:
    """A view for one path of the Vibes API."""

    def view(request: HttpRequest, company_key: str, **names: str) -> HttpResponse:
        return _answer(answers, request, names)

    return view


def control(**answers: Answer) -> Answer:
    """A view for one path under ``/_sim/``; wants the control token."""

    def view(request: HttpRequest, **names: str) -> HttpResponse:
        expected = f"Bearer {CONTROL_TOKEN}".encode()
        if not compare_digest(request.headers.get("Authorization", "").encode(), expected):
            return refuse(401, "Authorization: Bearer <SIM_TOKEN> is required")
        return _answer(answers, request, names)

    return view


def _answer(
    answers: dict[str, Answer], request: HttpRequest, names: dict[str, str]
) -> HttpResponse:
    answer = answers.get(request.method or "")
    if answer is None:
        refusal = refuse(405, f"{request.method} is not allowed here")
        refusal.headers["Allow"] = ", ".join(answers)
        return refusal
    try:
        with store.transaction() as db:
            return answer(Call(request, db, clock.now()), **names)
    except Refusal as refusal_:
        return refuse(refusal_.status, *refusal_.messages, code=refusal_.code)
