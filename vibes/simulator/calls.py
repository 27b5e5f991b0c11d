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
from vibes.simulator.options import options
from vibes.simulator.replies import Refusal, not_found, refuse
from vibes.simulator.rules import Rule
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
        if self.request.content_type != "application/json":
            raise Refusal(400, "Content-Type must be application/json")
        try:
            body = json.loads(self.request.body, parse_constant=_refuse_constant)
            _check_text(body, self.request.body)
        except (ValueError, RecursionError):
            raise Refusal(400, "The body is not valid JSON") from None
        if not isinstance(body, dict):
            raise Refusal(400, "The body must be a JSON object")
        return body

    def asked(self, rule: Rule) -> dict[str, Any]:
        """The body, if it keeps the rule; refuses with everything that is wrong at once."""
        body = self.json()
        if problems := rule("", body):
            raise Refusal(400, *problems)
        return body

    def query(self, name: str) -> str | None:
        return self.request.GET.get(name)

    def number(self, name: str, otherwise: int) -> int:
        """A whole number from the query string."""
        text = self.request.GET.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 18 else otherwise

    def mdn(self, text: object) -> str:
        """The number in E.164, as this version of the API lets it be written."""
        try:
            return numbers.parse(text, version=self.version)
        except ValueError as problem:
            raise Refusal(400, str(problem)) from None


def route(*, slashed: str = "", query: str = "", **answers: Answer) -> Answer:
    """A view for one path of the Vibes API.

    ``slashed`` names the methods whose path is published with a slash at the end, ``query``
    the parameters a GET may carry. Only the strict mode holds callers to them.
    """

    with_slash, understood = frozenset(slashed.split()), frozenset(query.split())

    def view(request: HttpRequest, company_key: str, **names: str) -> HttpResponse:
        if not options.strict:
            return _answer(answers, request, names)
        ends = request.path.endswith("/")
        here = {name: answers[name] for name in answers if (name in with_slash) == ends}
        refusal = _stray(request, here, understood) if here else not_found(request)
        return refusal or _answer(here, request, names)

    return view


def _stray(
    request: HttpRequest, answers: dict[str, Answer], understood: frozenset[str]
) -> HttpResponse | None:
    """The refusal of a known call with parameters it has not; only a GET has any."""
    stray = sorted(request.GET.keys() - (understood if request.method == "GET" else ()))
    if not stray or request.method not in answers:
        return None
    return refuse(400, *(f"{name} is no parameter of this call" for name in stray))


def control(**answers: Answer) -> Answer:
    """A view for one path under ``/_sim/``; wants the control token."""

    def view(request: HttpRequest, **names: str) -> HttpResponse:
        expected = f"Bearer {CONTROL_TOKEN}".encode()
        if not compare_digest(request.headers.get("Authorization", "").encode(), expected):
            return refuse(401, "Authorization: Bearer <SIM_TOKEN> is required")
        return _answer(answers, request, names)

    return view


def _refuse_constant(name: str) -> None:
    """``NaN`` and ``Infinity``, which Python takes for JSON."""
    raise ValueError(name)


def _check_text(body: object, raw: bytes) -> None:
    """Raises ``ValueError`` for half of a surrogate pair, which only an escape can hold."""
    if b"\\u" in raw:
        json.dumps(body, ensure_ascii=False).encode()


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
