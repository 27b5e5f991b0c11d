"""What a text from a phone led to: the rule it met, what changed, and who was told."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vibes.simulator import words
from vibes.simulator.clock import to_millisecond
from vibes.simulator.store import Db, Row

MOST_CALLBACKS = 50
RULES = (
    ("stop", "Stop"),
    ("help", "Help"),
    ("answer", "Answer"),
    ("keyword", "Keyword"),
    ("unmatched", "Other"),
)
"""In the order they are tried."""
RULE_OF = {"confirmed": "answer", "declined": "answer"}
SENTENCES = {
    "stop": "It is a stop word: the number leaves every list of the code.",
    "help": "It is a help word: the help text is the answer, nothing changes.",
    "confirmed": "It says yes to the question that was waiting for an answer.",
    "declined": "It says no to the question that was waiting for an answer.",
    "keyword": "It is the keyword of a sign-up.",
    "unmatched": "It is no stop word, no help word, no answer to a question, and no keyword.",
}
WAITING = {
    "held": ("wait", "held back by a fault"),
    "refused": ("bad", "not sent: its address is not allowed"),
    "dropped": ("bad", "lost, by a fault"),
    "sending": ("wait", "on its way"),
}
Described = dict[str, Any]


@dataclass(frozen=True)
class Effect:
    """What changed about a membership."""

    joined: bool
    list_name: str


def latest(db: Db, mdn: str, *, limit: int) -> list[Described]:
    """The newest texts from a phone and what followed each, newest first."""
    rows = db.all(
        "SELECT m.*, w.matched, w.callbacks_after, w.callbacks_upto FROM messages m"
        " JOIN meanings w ON w.message_id = m.id WHERE m.mdn = ? AND m.direction = 'out'"
        " ORDER BY m.id DESC LIMIT ?",
        *(mdn, limit),
    )
    return [_describe(db, row) for row in rows]


def _describe(db: Db, row: Row) -> Described:
    return {
        "id": row["id"],
        "text": row["text"],
        "at": to_millisecond(row["at"]),
        "matched": row["matched"],
        "word": words.normalise(row["text"]),
        "sentence": SENTENCES.get(row["matched"], ""),
        "rules": _rules(row["matched"]),
        "effects": _effects(db, row),
        "replies": _replies(db, row),
        "callbacks": _callbacks(db, row),
    }


def _rules(matched: str) -> list[tuple[str, str]]:
    """(state, name) of each rule: ``no`` if it did not fit, ``hit``, or ``untried`` after that."""
    names = [name for name, _ in RULES]
    hit = names.index(RULE_OF.get(matched, matched))
    states = ["no"] * hit + ["hit"] + ["untried"] * len(RULES)
    return [(state, label) for state, (_, label) in zip(states, RULES, strict=False)]


def _effects(db: Db, row: Row) -> list[Effect]:
    """Memberships that began or ended with this text: in its own moment."""
    changed = db.all(
        "SELECT s.opt_out_at, coalesce(l.name, s.list_id) AS list_name FROM subscriptions s"
        " LEFT JOIN lists l ON l.id = s.list_id"
        " WHERE s.mdn = ? AND (s.opt_in_at = ? OR s.opt_out_at = ?) ORDER BY s.id",
        *(row["mdn"], row["at"], row["at"]),
    )
    return [Effect(each["opt_out_at"] != row["at"], each["list_name"]) for each in changed]


def _replies(db: Db, row: Row) -> list[str]:
    answers = db.all(
        "SELECT text FROM messages WHERE mdn = ? AND id > ? AND at = ? AND direction = 'in'"
        " ORDER BY id",
        *(row["mdn"], row["id"], row["at"]),
    )
    return [answer["text"] for answer in answers]


def _callbacks(db: Db, row: Row) -> list[Described]:
    owed = db.all(
        "SELECT * FROM callbacks WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
        *(row["callbacks_after"], row["callbacks_upto"], MOST_CALLBACKS),
    )
    return [_callback(each) for each in owed]


def _callback(row: Row) -> Described:
    tone, state = _state(row)
    # The address itself is a secret of the product's: whoever knows it may call it.
    host = urlsplit(row["url"]).netloc
    body = json.dumps(_parsed(row["body"]), indent=2, ensure_ascii=False)
    told = {"id": row["id"], "type": row["callback_type"], "host": host, "body": body}
    return told | {"tone": tone, "state": state}


def _state(row: Row) -> tuple[str, str]:
    """(good, wait or bad; in words)."""
    if row["state"] in WAITING:
        return WAITING[row["state"]]
    outcome = row["status"] or row["error"] or ""
    if row["state"] == "delivered":
        return "good", f"delivered, {outcome}"
    if row["state"] == "queued":
        again = f"failed ({outcome}), will be tried again" if row["attempts"] else "on its way"
        return "wait", again
    return "bad", f"failed, {outcome}"


def _parsed(body: str) -> object:
    """As JSON, or as it is where a fault broke it."""
    try:
        return json.loads(body)
    except ValueError:
        return body
