"""What there is at this pretend Vibes, written or forgotten by the thousand rows."""

import json
from typing import Any

from vibes.simulator import persons
from vibes.simulator.jobs import schedule
from vibes.simulator.mdn import Trait, trait
from vibes.simulator.store import Db

DAY = 86400.0
PEOPLE = (
    *("handsets", "messages", "readings", "meanings"),
    *("persons", "subscriptions", "participations", "blocks"),
)
TRAFFIC = ("events", "jobs", "callbacks", "addresses", "requests")
PLACES = ("lists", "source_codes", "campaigns", "senders", "registrations", "state")


def forget(db: Db, tables: tuple[str, ...]) -> None:
    for table in tables:
        db.run(f"DELETE FROM {table}")  # noqa: S608 - the names are the constants above
    db.forgets_all = True
    db.note("reset", None)


def add_lists(db: Db, lists: list[dict[str, Any]]) -> None:
    rows = [(str(item["id"]), item["name"]) for item in lists]
    db.many("INSERT OR REPLACE INTO lists VALUES (?, ?)", rows)


def add_campaigns(db: Db, campaigns: list[dict[str, Any]], *, now: float) -> None:
    db.many(
        "INSERT OR REPLACE INTO campaigns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
        *(item.get("welcome", welcomes), now, item.get("confirmed_by", "yes")),
    )


def number_from(db: Db, table: str, first: int) -> None:
    """The next row of the table gets this id."""
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
    new = sorted(mdns - keys.keys())
    db.many("INSERT OR IGNORE INTO handsets (mdn) VALUES (?)", [(mdn,) for mdn in new])
    carriers = {row["mdn"]: row["carrier"] for row in db.all("SELECT mdn, carrier FROM handsets")}
    seed = persons.seed(db)
    places = [(mdn, carrier) for mdn in new for carrier in _carriers(mdn, carriers[mdn])]
    made = [(persons.new_key(db, seed, *place), *place, now, now) for place in places]
    db.many(
        "INSERT INTO persons (person_key, mdn, carrier, custom_fields, created_at, updated_at)"
        " VALUES (?, ?, ?, '{}', ?, ?)",
        made,
    )
    return keys | {mdn: key for key, mdn, *_ in made}


def _carriers(mdn: str, carrier: str) -> list[str]:
    """Those the number has a record at, the present one last."""
    return [persons.OTHER_CARRIER, carrier] if trait(mdn) is Trait.PORTED else [carrier]


def expire_later(db: Db, *, after: int) -> None:
    """Schedule the end of pending requests made by hand, those with a larger id."""
    for row in db.all(
        "SELECT id, expire_at FROM participations WHERE id > ? AND status = 'PENDING'", after
    ):
        schedule(db, "expire", {"participation": row["id"]}, due_at=row["expire_at"])
