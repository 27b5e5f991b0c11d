"""A text from a phone: what it means, tried in a fixed order.

Stop words first, then help, then the answer to a pending question, then a
keyword; anything else is unmatched.
"""

from dataclasses import dataclass
from typing import Any

from vibes.simulator import (
    callback_bodies,
    callbacks,
    catalogue,
    handsets,
    jobs,
    optin,
    persons,
    senders,
    subscriptions,
    words,
)
from vibes.simulator.options import options
from vibes.simulator.store import Db, Row


@dataclass(frozen=True)
class Said:
    """One inbound text."""

    mdn: str
    text: str
    code: str
    now: float

    @property
    def word(self) -> str:
        return words.normalise(self.text)

    @property
    def language(self) -> str:
        """``en`` or ``fr``, by the word that was used."""
        return words.language(self.word)


def receive(db: Db, mdn: str, text: str, *, code: str, now: float) -> str:
    """Act on a text from the phone; what it was taken for."""
    said = Said(mdn, text, code, now)
    earlier = _newest_callback(db)
    message_id = handsets.write(db, mdn, text, code=code, now=now)
    matched = _stop(db, said) or _help(db, said) or _answer(db, said) or _keyword(db, said)
    matched = matched or _unmatched(db, said)
    db.run(
        "INSERT INTO meanings VALUES (?, ?, ?, ?)",
        *(message_id, matched, earlier, _newest_callback(db)),
    )
    db.note("message.matched", mdn, id=message_id, matched=matched)
    return matched


def _newest_callback(db: Db) -> int:
    return int(db.value("SELECT coalesce(max(id), 0) FROM callbacks"))


@jobs.does("reply")
def reply_by_habit(db: Db, payload: dict[str, Any], now: float) -> None:
    receive(db, payload["mdn"], payload["text"], code=payload["code"], now=now)


def _stop(db: Db, said: Said) -> str | None:
    if not words.is_stop(said.word):
        return None
    for request in optin.pending_on_code(db, said.mdn, said.code):
        optin.reject(db, request, *_parties(db, request), now=said.now)
    if options.stop_blocks == "code":
        for campaign in catalogue.campaigns_on(db, said.code):
            optin.block(db, said.mdn, campaign["id"])
    lists = _stopped_lists(db, said)
    subscriptions.end_all(db, said.mdn, reason="user_opt_out", now=said.now, only=lists)
    reply = words.STOP_REPLY[said.language]
    return _reply(db, said, reply.format(code=said.code), kind="stop")


def _stopped_lists(db: Db, said: Said) -> set[str] | None:
    """The lists a STOP ends; None for all."""
    if options.stop_scope == "company":
        return None
    if options.stop_scope == "code":
        return catalogue.lists_of_code(db, said.code)
    last = db.value(
        "SELECT campaign FROM messages WHERE mdn = ? AND direction = 'in'"
        " AND kind IN ('event', 'question', 'welcome') ORDER BY id DESC LIMIT 1",
        said.mdn,
    )
    return _lists_behind(db, last or "")


def _lists_behind(db: Db, campaign: str) -> set[str]:
    """The lists of an acquisition campaign, or of the filter of ``sender:4711``."""
    sender = senders.find(db, campaign.removeprefix("sender:"))
    if campaign.startswith("sender:") and sender is not None:
        return set(senders.lists_any(sender) or [])
    found = catalogue.find_campaign(db, campaign)
    return {found["list_id"]} if found else set()


def _help(db: Db, said: Said) -> str | None:
    if said.word not in words.HELP:
        return None
    reply = words.HELP_REPLY[said.language]
    return _reply(db, said, reply.format(code=said.code), kind="help")


def _answer(db: Db, said: Said) -> str | None:
    """Yes (or the postcode asked for) or no to the newest pending question it fits."""
    for asked in optin.pending_on_code(db, said.mdn, said.code):
        campaign, person = _parties(db, asked)
        if words.confirms(said.word, campaign["confirmed_by"]):
            optin.confirm(db, asked, campaign, person, now=said.now)
            return "confirmed"
        if said.word in words.NO:
            optin.reject(db, asked, campaign, person, now=said.now)
            return _reply(db, said, words.DECLINED_REPLY[said.language], kind="declined")
    return None


def _keyword(db: Db, said: Said) -> str | None:
    campaign = catalogue.campaign_by_keyword(db, said.word, code=said.code)
    if campaign is None:
        return None
    person = persons.ensure(db, said.mdn, now=said.now)
    optin.lift_block(db, said.mdn, campaign["id"])
    asked = optin.pending(db, person["person_key"], campaign["id"])
    if subscriptions.active(db, person["person_key"], campaign["list_id"]):
        _reply(db, said, words.ALREADY_REPLY, kind="already")
    elif asked is not None:
        optin.ask_again(db, asked, campaign, now=said.now)
    else:
        optin.join(db, person, campaign, now=said.now)
    return "keyword"


def _unmatched(db: Db, said: Said) -> str:
    carrier = handsets.ensure(db, said.mdn)["carrier"]
    body = callback_bodies.unmatched(
        said.text, mdn=said.mdn, carrier=carrier, code=said.code, now=said.now
    )
    about = {"source_code": said.code}
    kind = "unmatched_message_received"
    callbacks.emit(db, kind, body, about=about, mdn=said.mdn, now=said.now)
    _reply(db, said, words.DEFAULT_REPLY, kind="default")
    return "unmatched"


def _reply(db: Db, said: Said, text: str, *, kind: str) -> str:
    handsets.deliver(db, said.mdn, text, kind=kind, code=said.code, now=said.now)
    return kind


def _parties(db: Db, request: Row) -> tuple[Row, Row]:
    """The campaign and the person of a participation."""
    campaign = catalogue.find_campaign(db, request["campaign_id"])
    person = persons.by_key(db, request["person_key"])
    if campaign is None or person is None:
        raise LookupError(request["id"])
    return campaign, person
