"""One call over the wire."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import Any
from urllib.parse import quote

import requests
import structlog
from django.conf import settings
from django.db import connection

from vibes import certificates, lock, rate
from vibes.addresses import complaint
from vibes.models import Account

from . import judgement, reply, wire
from .errors import Busy, Locked, LoginRefused, Retryable, TransactionOpen
from .reply import Answer

log = structlog.get_logger(__name__)
TIMEOUT = (5.0, 20.0)
PATIENCE = 10.0  # seconds that a call may wait for its share of the rate
LOOK_AGAIN = 0.02


class Transport:
    """A session with one account's host, credentials and tenant."""

    def __init__(self, account: Account, *, slots: int, kind: str | None, patience: float) -> None:
        self.account, self.kind, self.patience = account, kind, patience
        self.turn = threading.Lock()
        self.complaint = str(complaint(account.host))
        self.locked = lock.words(lock.why())
        self.base = f"{account.host}/companies/{quote(account.company_key, safe='')}/"
        self.session = requests.Session()
        self.events: requests.PreparedRequest | None = None
        self.verify: bool | str = settings.VIBES_CA_BUNDLE or True
        self.session.headers["Authorization"] = _basic(account)
        # Version 2 on every call: it means E.164, also inside callbacks.
        self.session.headers.update({"X-API-Version": "2", "Accept": "application/json"})
        self._connect_by(slots)

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
        if self.locked:
            raise Locked(self.locked)
        self._wait_for_a_call()
        path = template.format(**{name: quote(each, safe="") for name, each in names.items()})
        started = time.monotonic()
        answer = self._send(method, self.base + path, params=params, body=body)
        _log(method, template, answer, started)
        self._judge(method, template, answer)
        return answer

    def _wait_for_a_call(self) -> None:
        """Take this call out of the rate, unless whoever calls has done so.

        One thread asks at a time, and the others wait behind it: forty would ask all the time.
        """
        if self.kind is None:
            return
        ends = time.monotonic() + self.patience
        if not self.turn.acquire(timeout=self.patience):
            raise Busy
        try:
            while not rate.take(self.account, self.kind, 1):
                if time.monotonic() >= ends:
                    raise Busy
                time.sleep(LOOK_AGAIN)
        finally:
            self.turn.release()

    def _connect_by(self, slots: int) -> None:
        """Mount the connections, with the account's client certificate if it has one."""
        shown = None
        try:
            if self.account.client_certificate:
                shown = certificates.context(self.account.client_certificate)
        except certificates.Unusable as wrong:
            self.complaint = self.complaint or str(wrong)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, wire.WatchedAdapter(slots=slots, context=shown))

    def _send(self, method: str, url: str, **content: Any) -> Answer:
        """Prepared and sent without the session's own ways: settings merged, cookies kept, redirects read.

        They cost as much as all the rest of a call, and none of them is for Vibes.
        """
        wire.begin()
        try:
            asked, door = self._prepare(method, url, **content), self.session.get_adapter(url)
            response = door.send(asked, stream=True, timeout=TIMEOUT, verify=self.verify)
        except requests.RequestException as wrong:
            raise judgement.fault(wrong) from None
        with response:
            return reply.read(response, seconds=TIMEOUT[1])

    def _prepare(
        self, method: str, url: str, *, params: dict[str, str] | None, body: dict[str, Any] | None
    ) -> requests.PreparedRequest:
        """The call as it goes out. All texts go to one address: what they share is prepared once."""
        headers = self.session.headers
        if method != "POST" or url != self.base + "events" or params:
            made = requests.Request(method, url, headers=headers, params=params, json=body)
            return made.prepare()
        if self.events is None:
            self.events = requests.Request(method, url, headers=headers, json={}).prepare()
        asked = self.events.copy()
        asked.body = json.dumps(body).encode()
        asked.headers["Content-Length"] = str(len(asked.body))
        return asked

    def _judge(self, method: str, template: str, answer: Answer) -> None:
        """Whoever hears of the throttle first slows every process down."""
        try:
            judgement.judge(answer)
        except Retryable as again:
            if again.throttled:
                sends = (method, template) == ("POST", "events")
                kind = rate.Kind.EVENTS if sends else rate.Kind.OTHER
                rate.slow_down(self.account, kind, again.retry_after)
            raise


def _basic(account: Account) -> str:
    """Written by ourselves, since the library would refuse a password outside Latin-1."""
    login = f"{account.username}:{account.password}".encode()
    return f"Basic {base64.b64encode(login).decode()}"


def _refuse_open_transaction() -> None:
    """The rule of `atomic(durable=True)`: a test's own outermost transaction does not count."""
    blocks = connection.atomic_blocks
    if blocks and not getattr(blocks[-1], "_from_testcase", False):
        raise TransactionOpen("Vibes is called while a database transaction is open.")


def _log(method: str, template: str, answer: Answer, started: float) -> None:
    took = round((time.monotonic() - started) * 1000)
    log.debug("vibes call", method=method, path=template, status=answer.status_code, ms=took)
