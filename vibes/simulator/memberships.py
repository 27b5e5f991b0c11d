"""Seeding and reading who stands where with each list, by the thousand."""

from collections.abc import Callable
from typing import Any

from vibes.simulator import callbacks, catalogue, persons, world
from vibes.simulator.callback_bodies import subscription
from vibes.simulator.options import options
from vibes.simulator.store import Db, Row

Item = dict[str, Any]
Rows = list[tuple[object, ...]]
PLACED = ("subscriptions", "participations", "blocks")
AGO = 30 * world.DAY
"""How long ago seeded memberships began; those that ended did so half as long ago."""


def seed(db: Db, items: list[Item], *, now: float, announce: bool) -> int:
    """Put every number where its item says; what it was before is forgotten. How many."""
    keys = world.add_persons(db, {item["mdn"] for item in items}, now=now)
    _clear(db, items)
    last = int(db.value("SELECT coalesce(max(id), 0) FROM participations"))
    _insert_subscriptions(db, items, keys, now=now)
    _insert_participations(db, items, keys, now=now)
    world.expire_later(db, after=last)
    if announce:
        _announce(db, items, now=now)
    db.note("reset", None)
    return len(items)


def _clear(db: Db, items: list[Item]) -> None:
    if all(db.one(f"SELECT 1 FROM {table} LIMIT 1") is None for table in PLACED):  # noqa: S608
        return
    places = [(item["mdn"], str(item["list_id"])) for item in items]
    db.many("DELETE FROM subscriptions WHERE mdn = ? AND list_id = ?", places)
    of_list = "SELECT id FROM campaigns WHERE list_id = ?"
    db.many(f"DELETE FROM participations WHERE mdn = ? AND campaign_id IN ({of_list})", places)  # noqa: S608
    db.many(f"DELETE FROM blocks WHERE mdn = ? AND campaign_id IN ({of_list})", places)  # noqa: S608


def _insert_subscriptions(db: Db, items: list[Item], keys: dict[str, str], *, now: float) -> None:
    ended = {"subscribed": (None, None), "unsubscribed": (now - AGO / 2, "user_opt_out")}
    rows: Rows = [
        (keys[item["mdn"]], item["mdn"], str(item["list_id"]), now - AGO, *ended[item["state"]])
        for item in items
        if item["state"] in ended
    ]
    db.many(
        "INSERT INTO subscriptions (person_key, mdn, list_id, opt_in_at, opt_out_at, reason)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )


def _insert_participations(db: Db, items: list[Item], keys: dict[str, str], *, now: float) -> None:
    status = {"pending": "PENDING", "declined": "REJECTED"}
    campaign_of = _campaign_chooser(db)
    asked = [(item, campaign_of(item)) for item in items if item["state"] in status]
    until = now + options.pending_hours * 3600
    db.many(
        "INSERT INTO participations (campaign_id, person_key, mdn, status, source_code, at,"
        " expire_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (campaign, keys[item["mdn"]], item["mdn"], status[item["state"]], code, now, until)
            for item, (campaign, code) in asked
        ],
    )
    declined = [(item["mdn"], c[0]) for item, c in asked if item["state"] == "declined"]
    db.many("INSERT OR IGNORE INTO blocks VALUES (?, ?)", declined)


def _campaign_chooser(db: Db) -> Callable[[Item], tuple[str, str]]:
    """(campaign, code) of an item: the one it names, else the first that asks for its list."""
    codes = {row["id"]: row["source_code"] for row in catalogue.campaigns(db)}
    asking = {
        row["list_id"]: row["id"]
        for row in reversed(catalogue.campaigns(db))
        if row["double_opt_in"] and row["status"] == "active"
    }

    def choose(item: Item) -> tuple[str, str]:
        chosen = item.get("campaign_id") or asking.get(str(item["list_id"]), "")
        return chosen, codes.get(chosen, "65301")

    return choose


def _announce(db: Db, items: list[Item], *, now: float) -> None:
    kinds = {"subscribed": "subscription_added", "unsubscribed": "subscription_removed"}
    for item in items:
        person = persons.current(db, item["mdn"])
        row = db.one(
            "SELECT * FROM subscriptions WHERE mdn = ? AND list_id = ?",
            *(item["mdn"], str(item["list_id"])),
        )
        if person is not None and row is not None and item["state"] in kinds:
            body, about = subscription(row, person), {"list_id": row["list_id"]}
            callbacks.emit(db, kinds[item["state"]], body, about=about, mdn=item["mdn"], now=now)


def standing(db: Db, *, list_id: str | None = None, mdn: str | None = None) -> list[Item]:
    """Where every number stands with every list it ever met: the simulator's truth."""
    found = {(row["mdn"], row["list_id"]): row for row in _subscriptions(db, list_id, mdn)}
    for row in _requests(db, list_id, mdn):
        before = found.get((row["mdn"], row["list_id"]))
        if before is None or (before["state"] != "subscribed" and row["at"] >= before["at"]):
            found[row["mdn"], row["list_id"]] = row
    return [
        {"mdn": number, "list_id": place, "state": row["state"]}
        for (number, place), row in sorted(found.items(), key=lambda item: item[0])
    ]


def _subscriptions(db: Db, list_id: str | None, mdn: str | None) -> list[Row]:
    """One row per number and list: a member still, or no more."""
    where, values = _only(("list_id", list_id), ("mdn", mdn))
    return db.all(
        "SELECT mdn, list_id, max(coalesce(opt_out_at, opt_in_at)) AS at,"  # noqa: S608
        " CASE WHEN sum(opt_out_at IS NULL) THEN 'subscribed' ELSE 'unsubscribed' END AS state"
        f" FROM subscriptions WHERE mdn IS NOT NULL{where} GROUP BY mdn, list_id",
        *values,
    )


def _requests(db: Db, list_id: str | None, mdn: str | None) -> list[Row]:
    """Opt-ins that are waiting for an answer, were declined, or expired; oldest first."""
    where, values = _only(("c.list_id", list_id), ("p.mdn", mdn))
    return db.all(
        "SELECT p.mdn, c.list_id, p.at, CASE p.status WHEN 'PENDING' THEN 'pending'"  # noqa: S608
        " WHEN 'REJECTED' THEN 'declined' ELSE 'expired' END AS state"
        " FROM participations p JOIN campaigns c ON c.id = p.campaign_id"
        f" WHERE p.status != 'CONFIRMED' AND p.mdn IS NOT NULL{where} ORDER BY p.id",
        *values,
    )


def _only(*wanted: tuple[str, str | None]) -> tuple[str, list[str]]:
    """Conditions for the columns that have a wanted value, and those values."""
    given = [(column, value) for column, value in wanted if value is not None]
    return "".join(f" AND {column} = ?" for column, _ in given), [value for _, value in given]
