"""One call over the wire, and the judgement of what came of it (which of the three errors)."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import requests
import structlog
from django.db import connection

from vibes.addresses import complaint
from vibes.models import Account

from . import wire
from .errors import LoginRefused, Refused, Retryable, TransactionOpen, Unknown, masked

log = structlog.get_logger(__name__)
TIMEOUT = (5.0, 20.0)
MOST_RETRY_AFTER = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back. A body that broke off is empty: the status had arrived, and that decides."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Transport:
    """A session with one account's host, credentials and tenant."""

    def __init__(self, account: Account, *, slots: int) -> None:
        self.complaint = str(complaint(account.host))
        self.base = f"{account.host}/companies/{quote(account.company_key, safe='')}/"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = _basic(account)
        # Version 2 on every call: it means E.164, also inside callbacks.
        self.session.headers.update({"X-API-Version": "2", "Accept": "application/json"})
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, wire.WatchedAdapter(slots=slots))

    def call(
        self,
        method: str,
        template: str,
        *,
        params: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        **names: str,
    ) -> Answer:
        """Make the call once. Returns a 2xx answer, or raises Retryable, Refused or Unknown."""
        _refuse_open_transaction()
        if self.complaint:
            raise LoginRefused(self.complaint, status=0)
        path = template.format(**{name: quote(each, safe="") for name, each in names.items()})
        started = time.monotonic()
        answer = self._send(method, self.base + path, params=params, body=body)
        _log(method, template, answer, started)
        _judge(answer)
        return answer

    def _send(self, method: str, url: str, **content: Any) -> Answer:
        wire.begin()
        try:
            response = self.session.request(
                method,
                url,
                params=content["params"],
                json=content["body"],
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as wrong:
            raise _connection_fault(wrong) from None
        with response:
            return Answer(response.status_code, response.headers, _content(response))


def _content(response: requests.Response) -> bytes:
    try:
        return response.content
    except requests.RequestException:
        return b""


def _basic(account: Account) -> str:
    """Written by ourselves, since the library would refuse a password outside Latin-1."""
    login = f"{account.username}:{account.password}".encode()
    return f"Basic {base64.b64encode(login).decode()}"


def _refuse_open_transaction() -> None:
    """The rule of `atomic(durable=True)`: a test's own outermost transaction does not count."""
    blocks = connection.atomic_blocks
    if blocks and not getattr(blocks[-1], "_from_testcase", False):
        raise TransactionOpen("Vibes is called while a database transaction is open.")


def _connection_fault(wrong: requests.RequestException) -> Retryable | Unknown:
    why = f"{type(wrong).__name__}: {_innermost(wrong)}"
    log.warning("vibes call failed", why=masked(why), left=wire.bytes_may_have_left())
    return Unknown(why) if wire.bytes_may_have_left() else Retryable(why)


def _innermost(wrong: BaseException) -> str:
    """What the error says without the address, which holds the number that was asked about."""
    inner = wrong.args[0] if wrong.args else wrong
    reason = getattr(inner, "reason", inner)
    return type(reason).__name__ if isinstance(reason, BaseException) else "no answer"


def _judge(answer: Answer) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    message, code = _words(answer)
    if status in (401, 403):
        raise LoginRefused(message or "The login was refused.", status=status, code=code)
    if status == 429:
        raise Retryable("Too many requests.", throttled=True, retry_after=_retry_after(answer))
    if status == 503 and message:
        raise Retryable(message, retry_after=_retry_after(answer))
    if 400 <= status < 500 and status != 408:
        raise Refused(message or f"Answered {status}.", status=status, code=code)
    raise Unknown(f"Answered {status}. {message}".strip())


def _words(answer: Answer) -> tuple[str, str]:
    """Vibes' own words and the first code, from its envelope; empty when there is no envelope."""
    try:
        errors = answer.json()["errors"]
        said = [str(each["message"]) for each in errors]
        return "; ".join(said), str(errors[0].get("code", ""))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return "", ""


def _retry_after(answer: Answer) -> float | None:
    """Seconds, as Retry-After may say; a date or rubbish counts as not said."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), MOST_RETRY_AFTER) if said.isascii() and said.isdigit() else None


def _log(method: str, template: str, answer: Answer, started: float) -> None:
    took = round((time.monotonic() - started) * 1000)
    log.debug("vibes call", method=method, path=template, status=answer.status_code, ms=took)
