"""What exists at this pretend Vibes: lists, acquisition campaigns, source codes."""

import json

from vibes.simulator import words
from vibes.simulator.store import Db, Row


def lists(db: Db) -> list[Row]:
    return db.all("SELECT * FROM lists ORDER BY id")


def find_list(db: Db, list_id: str) -> Row | None:
    return db.one("SELECT * FROM lists WHERE id = ?", list_id)


def campaigns(db: Db) -> list[Row]:
    return db.all("SELECT * FROM campaigns ORDER BY created_at, id")


def campaigns_feeding(db: Db, list_id: str) -> list[Row]:
    """Only the active ones, as Vibes answers."""
    return db.all(
        "SELECT * FROM campaigns WHERE list_id = ? AND status = 'active' ORDER BY created_at, id",
        list_id,
    )


def campaigns_on(db: Db, code: str) -> list[Row]:
    return db.all("SELECT * FROM campaigns WHERE source_code = ? ORDER BY id", code)


def find_campaign(db: Db, campaign_id: str) -> Row | None:
    return db.one("SELECT * FROM campaigns WHERE id = ?", campaign_id)


def campaign_by_keyword(db: Db, word: str, *, code: str) -> Row | None:
    """The active campaign on this code that the word joins; the word is already normalised."""
    active = db.all(
        "SELECT * FROM campaigns WHERE status = 'active' AND source_code = ? ORDER BY id", code
    )
    return next((campaign for campaign in active if word in _words(campaign)), None)


def keywords(campaign: Row) -> list[str]:
    spelt: list[str] = json.loads(campaign["keywords"])
    return spelt


def source_codes(db: Db) -> list[Row]:
    return db.all("SELECT * FROM source_codes ORDER BY country_code, code DESC")


def default_code(db: Db) -> str:
    code: str | None = db.value("SELECT code FROM source_codes ORDER BY code DESC LIMIT 1")
    return code or "65301"


def lists_of_code(db: Db, code: str) -> set[str]:
    """Lists whose members hear from this code: fed from it, or fed from none."""
    fed = db.all(
        "SELECT id FROM lists WHERE id IN (SELECT list_id FROM campaigns WHERE source_code = ?)"
        " OR id NOT IN (SELECT list_id FROM campaigns)",
        code,
    )
    return {row["id"] for row in fed}


def _words(campaign: Row) -> set[str]:
    return {words.normalise(keyword) for keyword in keywords(campaign)}
