"""Known states: the demonstration fixture, nothing at all, or thousands of rows in one call."""

import json
from typing import Any
from uuid import uuid4

from vibes.simulator import options as settings
from vibes.simulator.clock import clock
from vibes.simulator.faults import book
from vibes.simulator.jobs import schedule
from vibes.simulator.limits import limiter
from vibes.simulator.store import Db

DAY = 86400.0
PEOPLE = (
    *("handsets", "messages", "readings", "meanings"),
    *("persons", "subscriptions", "participations", "blocks"),
)
TRAFFIC = ("events", "jobs", "callbacks", "requests")
PLACES = ("lists", "source_codes", "campaigns", "senders", "registrations", "state")
FIRST_PERSON_ID = 123456789
FIRST_SENDER_ID = 4711

LISTS = (("1234", "Offers"), ("5678", "Service alerts"))
SOURCE_CODES = (("65301", "1", "United States"), ("520123", "1", "Canada"))
OFFERS_QUESTION = (
    "Offers: reply Y to get weekly offers (up to 4 texts a month). "
    "Msg&data rates may apply. Reply HELP for help, STOP to quit."
)
CAMPAIGNS: tuple[dict[str, Any], ...] = (
    {
        "id": "Kwnl5OL3",
        "description": "Offers by web",
        "list_id": "1234",
        "double_opt_in": True,
        "keywords": ["OFFERS", "OFFER"],
        "question": OFFERS_QUESTION,
        "welcome": "Offers: you are in! Up to 4 texts a month. Reply HELP for help, STOP to quit.",
    },
    {
        "id": "Sngl0pt1",
        "description": "Service alerts sign-up",
        "list_id": "5678",
        "double_opt_in": False,
        "keywords": ["ALERTS"],
        "welcome": "Service alerts: you are signed up. Reply HELP for help, STOP to quit.",
    },
    {
        "id": "PastCamp",
        "description": "Last year's offers",
        "list_id": "1234",
        "double_opt_in": True,
        "keywords": [],
        "status": "past",
    },
)


def is_new(db: Db) -> bool:
    return db.value("SELECT value FROM state WHERE key = 'fixture'") is None


def reset(db: Db, *, fixture: str) -> None:
    """Forget everything, settings and clock included; then set up ``demo`` or ``empty``."""
    forget(db, PEOPLE + TRAFFIC + PLACES)
    book.clear()
    settings.restore()
    limiter.forget()
    clock.offset = 0
    db.run("INSERT INTO state VALUES ('fixture', ?)", fixture)
    _number_from(db, "persons", FIRST_PERSON_ID)
    _number_from(db, "senders", FIRST_SENDER_ID)
    db.many("INSERT INTO source_codes VALUES (?, ?, ?)", SOURCE_CODES)
    if fixture == "demo":
        add_lists(db, [{"id": list_id, "name": name} for list_id, name in LISTS])
        add_campaigns(db, list(CAMPAIGNS), now=clock.now() - 300 * DAY)


def forget(db: Db, tables: tuple[str, ...]) -> None:
    for table in tables:
        db.run(f"DELETE FROM {table}")  # noqa: S608 - the names are the constants above
    db.note("reset", None)


def add_lists(db: Db, lists: list[dict[str, Any]]) -> None:
    rows = [(str(item["id"]), item["name"]) for item in lists]
    db.many("INSERT OR REPLACE INTO lists VALUES (?, ?)", rows)


def add_campaigns(db: Db, campaigns: list[dict[str, Any]], *, now: float) -> None:
    db.many(
        "INSERT OR REPLACE INTO campaigns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_campaign(campaign, now) for campaign in campaigns],
    )


def _campaign(item: dict[str, Any], now: float) -> tuple[object, ...]:
    name = item["description"]
    asks = f"{name}: reply Y to join. Msg&data rates may apply. Reply HELP for help, STOP to quit."
    welcomes = f"{name}: you are in! Reply HELP for help, STOP to quit."
    return (
        *(item["id"], name, str(item["list_id"]), bool(item.get("double_opt_in", True))),
        *(item.get("status", "active"), json.dumps(item.get("keywords") or [])),
        *(item.get("source_code", "65301"), item.get("question", asks)),
        *(item.get("welcome", welcomes), now),
    )


def _number_from(db: Db, table: str, first: int) -> None:
    db.run("DELETE FROM sqlite_sequence WHERE name = ?", table)
    db.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", table, first - 1)


def add_handsets(db: Db, handsets: list[dict[str, Any]]) -> None:
    db.many(
        "INSERT INTO handsets (mdn, line_type) VALUES (?, ?)"
        " ON CONFLICT (mdn) DO UPDATE SET line_type = excluded.line_type",
        [(item["mdn"], item.get("line_type", "mobile")) for item in handsets],
    )


def add_persons(db: Db, mdns: set[str], *, now: float) -> dict[str, str]:
    """Records for numbers that have none; the person key of every number given."""
    rows = db.all("SELECT mdn, person_key FROM persons WHERE mdn IS NOT NULL ORDER BY person_id")
    keys = {row["mdn"]: row["person_key"] for row in rows if row["mdn"] in mdns}
    new = {mdn: str(uuid4()) for mdn in sorted(mdns - keys.keys())}
    db.many("INSERT OR IGNORE INTO handsets (mdn) VALUES (?)", [(mdn,) for mdn in new])
    db.many(
        "INSERT INTO persons (person_key, mdn, carrier, custom_fields, created_at, updated_at)"
        " SELECT ?, mdn, carrier, '{}', ?, ? FROM handsets WHERE mdn = ?",
        [(key, now, now, mdn) for mdn, key in new.items()],
    )
    return keys | new


def expire_later(db: Db, *, after: int) -> None:
    """Schedule the end of pending requests made by hand, those with a larger id."""
    for row in db.all(
        "SELECT id, expire_at FROM participations WHERE id > ? AND status = 'PENDING'", after
    ):
        schedule(db, "expire", {"participation": row["id"]}, due_at=row["expire_at"])
