"""What the handset page shows: the list of numbers, one phone, and the desk they lie on."""

from typing import Any

from vibes.simulator import aftermath, catalogue, handsets, memberships, phonebook
from vibes.simulator.clock import clock, to_minute
from vibes.simulator.mdn import E164, ENDINGS, spoken
from vibes.simulator.store import Db, Row

SHOWN_NUMBERS = 60
SHOWN_MESSAGES = 300
SHOWN_AFTERMATHS = 5
ORIGINS = {
    "question": "Sign-up question",
    "welcome": "Welcome",
    "event": "Campaign text",
    "stop": "Answer to STOP",
    "help": "Answer to HELP",
}
AUTOMATIC = "Automatic answer"
Context = dict[str, Any]


def numbers(db: Db, typed: str, *, chosen: str) -> Context:
    """Those whose number has the digits typed, and the number typed where nobody has it yet."""
    digits = "".join(sign for sign in typed if sign.isdigit())
    entries = phonebook.entries(db, digits, limit=SHOWN_NUMBERS)
    return {
        "q": typed,
        "chosen": chosen,
        "numbers": entries,
        "unread": sum(entry["unread"] for entry in entries if entry["mdn"] != chosen),
        "total": db.value("SELECT count(*) FROM handsets"),
        "unknown": _unknown(typed, digits, {entry["mdn"] for entry in entries}),
    }


def phone(db: Db, mdn: str) -> Context:
    """One phone and everything on it; what arrived on it counts as read from now on."""
    phonebook.mark_read(db, mdn)
    handset = handsets.find(db, mdn)
    code = handsets.last_code(db, mdn)
    rows = handsets.messages(db, mdn, limit=SHOWN_MESSAGES)
    return phonebook.identity(db, mdn) | {
        "handset": handset,
        "is_off": handset is not None and not handset["powered"],
        "code": code,
        "messages": [_message(row) for row in rows],
        "waiting": sum(row["state"] == "waiting" for row in rows),
        "standing": _standing(db, mdn),
        "aftermaths": aftermath.latest(db, mdn, limit=SHOWN_AFTERMATHS),
        "invitations": _invitations(db, code),
    }


def desk(db: Db) -> Context:
    """What does not hang on one phone: the clock, and the numbers that answer by habit."""
    return {
        "now": to_minute(clock.now()),
        "offset": int(clock.offset),
        "ahead": _ahead(int(clock.offset)),
        "habits": [_habit(ending) for ending in ENDINGS],
    }


def _unknown(typed: str, digits: str, known: set[str]) -> str:
    """The number typed, if it is a whole one that no phone has yet; ten digits are American."""
    is_international = typed.startswith("+") or len(digits) > 10
    mdn = f"+{digits}" if is_international else f"+1{digits}"
    whole = len(digits) >= (8 if is_international else 10)
    return mdn if whole and E164.fullmatch(mdn) and mdn not in known else ""


def _message(row: Row) -> Context:
    origin = ORIGINS.get(row["kind"], AUTOMATIC) if row["direction"] == "in" else ""
    return handsets.describe_message(row) | {"origin": origin}


def _standing(db: Db, mdn: str) -> list[Context]:
    names = {row["id"]: row["name"] for row in catalogue.lists(db)}
    found = memberships.standing(db, mdn=mdn)
    return [place | {"name": names.get(place["list_id"], place["list_id"])} for place in found]


def _invitations(db: Db, code: str) -> list[Context]:
    """Words that sign up, for a phone that has nothing to say yet."""
    active = [row for row in catalogue.campaigns(db) if row["status"] == "active"]
    worded = [(row, catalogue.keywords(row)) for row in active if row["source_code"] == code]
    return [{"word": words[0], "campaign": row["description"]} for row, words in worded if words]


def _habit(ending: int) -> Context:
    mdn = f"+131255501{ending:02}"
    return {"mdn": mdn, "spoken": spoken(mdn), "habit": ENDINGS[ending].value}


def _ahead(seconds: int) -> str:
    """How far the pretend clock is ahead of the real one, in words; empty when it is not."""
    days, hours = seconds // 86400, seconds % 86400 // 3600
    spans = ((days, "day"), (hours, "hour"))
    return " ".join(f"{count} {unit}{'s' * (count > 1)}" for count, unit in spans if count)
