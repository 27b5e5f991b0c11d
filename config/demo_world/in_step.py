"""Tell the simulator what it does not know yet of the numbers we know; over its control routes.

A number it has met is left alone: whatever was texted, answered or stopped there since stands.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import requests

from people import mobile
from people.models import Person
from vibes.models import Account, Number, Subscription

from . import cast
from .fates import Fate

Row = dict[str, str]
State = Subscription.State
# The words of the simulator; to it, never and expired are the same as nothing.
STATES = {
    State.SUBSCRIBED: "subscribed",
    State.PENDING: "pending",
    State.DECLINED: "declined",
    State.UNSUBSCRIBED: "unsubscribed",
}
SECONDS = 30


@dataclass(frozen=True)
class Told:
    """How much was brought over."""

    handsets: int
    memberships: int


class Controls:
    """The simulator's control routes. Raises requests.RequestException where nobody answers."""

    def __init__(self, address: str) -> None:
        self._base = f"{address.rstrip('/')}/_sim"
        self._session = requests.Session()
        self._session.trust_env = False
        token = os.environ.get("SIM_TOKEN", "simulator")
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, params=query)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self.call("PUT", path, json=body)

    def call(self, method: str, path: str, **content: Any) -> Any:
        answer = self._session.request(method, f"{self._base}/{path}", timeout=SECONDS, **content)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def bring(account: Account, controls: Controls) -> Told:
    """Bring over an account's numbers that the simulator never met; repeating changes nothing."""
    met = {each["mdn"] for each in controls.get("handsets", limit=10_000_000)["handsets"]}
    memberships = [row for row in _memberships(account) if row["mdn"] not in met]
    handsets = [row for row in _handsets(account) if row["mdn"] not in met]
    if handsets or memberships:
        controls.put("world", {"handsets": handsets, "memberships": memberships})
    return Told(len(handsets), len(memberships))


def _memberships(account: Account) -> list[Row]:
    known = Subscription.objects.filter(vibes_list__account=account, state__in=STATES)
    told = known.values_list("mobile", "vibes_list__vibes_id", "state")
    rows = [_membership(number, list_id, STATES[State(state)]) for number, list_id, state in told]
    asked = {row["mdn"] for row in rows}
    offers = [
        _membership(number, "1234", "subscribed") for number in sorted(_members_we_do_not_know())
    ]
    return rows + [row for row in offers if row["mdn"] not in asked]


def _membership(number: str, list_id: str, state: str) -> Row:
    return {"mdn": number, "list_id": list_id, "state": state}


def _members_we_do_not_know() -> set[str]:
    """Vibes was never asked about some newcomers, so that a launch has something to ask."""
    asked_later = {
        mobile.parse(part.typed).e164
        for part in cast.parts()
        if part.fate == Fate.NOT_ASKED_YET and part.serial % 4
    }
    here = Person.objects.filter(mobile__in=asked_later)
    return set(here.values_list("mobile", flat=True))


def _handsets(account: Account) -> list[Row]:
    lines = Number.objects.filter(line=Number.Line.LANDLINE).values_list("mobile", flat=True)
    kinds = dict.fromkeys(lines, "landline")
    known = Subscription.objects.filter(vibes_list__account=account)
    numbers = {*known.values_list("mobile", flat=True), *kinds, *_members_we_do_not_know()}
    return [{"mdn": each, "line_type": kinds.get(each, "mobile")} for each in sorted(numbers)]
