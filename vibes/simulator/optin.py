"""Joining a list through an acquisition campaign: asked, confirmed, declined, expired."""

from vibes.simulator import callback_bodies, callbacks, handsets, jobs, subscriptions
from vibes.simulator.mdn import Trait, trait
from vibes.simulator.options import options
from vibes.simulator.store import Db, Row

LATE_S = 60
"""How long after the request expired a too-late Y comes."""


def pending(db: Db, person_key: str, campaign_id: str) -> Row | None:
    return db.one(
        "SELECT * FROM participations WHERE person_key = ? AND campaign_id = ?"
        " AND status = 'PENDING'",
        *(person_key, campaign_id),
    )


def pending_on_code(db: Db, mdn: str, code: str) -> list[Row]:
    """Newest first."""
    return db.all(
        "SELECT * FROM participations WHERE mdn = ? AND status = 'PENDING' AND source_code = ?"
        " ORDER BY id DESC",
        *(mdn, code),
    )


def is_blocked(db: Db, mdn: str, campaign_id: str) -> bool:
    """Did the number say no to this campaign before, or to all? Only its keyword lifts that."""
    said_no = db.one("SELECT 1 FROM blocks WHERE mdn = ? AND campaign_id = ?", mdn, campaign_id)
    handset = handsets.find(db, mdn)
    marked = handset is not None and bool(handset["blocked"])
    return said_no is not None or marked or trait(mdn) is Trait.BLOCKED


def join(db: Db, person: Row, campaign: Row, *, now: float) -> Row:
    """Start, or with a campaign that does not ask complete, an opt-in; the participation."""
    asks = bool(campaign["double_opt_in"])
    row = _participate(db, person, campaign, "PENDING" if asks else "CONFIRMED", now=now)
    _announce(db, "added", row, campaign, person, now=now)
    if asks:
        _ask(db, campaign, row, now=now)
    else:
        _welcome(db, person, campaign, now=now)
    return row


def ask_again(db: Db, participation: Row, campaign: Row, *, now: float) -> None:
    _text(db, participation["mdn"], campaign["question"], "question", campaign, now=now)


def confirm(db: Db, participation: Row, campaign: Row, person: Row, *, now: float) -> None:
    _settle(db, participation, campaign, person, "CONFIRMED", now=now)
    _welcome(db, person, campaign, now=now)


def reject(db: Db, participation: Row, campaign: Row, person: Row, *, now: float) -> None:
    """No, or a stop word: the campaign may not ask this number again."""
    _settle(db, participation, campaign, person, "REJECTED", now=now)
    block(db, participation["mdn"], campaign["id"])


def block(db: Db, mdn: str, campaign_id: str) -> None:
    db.run("INSERT OR IGNORE INTO blocks VALUES (?, ?)", mdn, campaign_id)


def lift_block(db: Db, mdn: str, campaign_id: str) -> None:
    db.run("DELETE FROM blocks WHERE mdn = ? AND campaign_id = ?", mdn, campaign_id)
    db.run("UPDATE handsets SET blocked = 0 WHERE mdn = ?", mdn)


@jobs.does("expire")
def expire(db: Db, payload: dict[str, int], now: float) -> None:
    """Nobody answered in time. Vibes tells nobody."""
    expired = db.one(
        "UPDATE participations SET status = 'EXPIRED' WHERE id = ? AND status = 'PENDING'"
        " RETURNING mdn",
        payload["participation"],
    )
    if expired is not None:
        db.note("handset", expired["mdn"], expired=payload["participation"])


def _participate(db: Db, person: Row, campaign: Row, status: str, *, now: float) -> Row:
    row_id = db.run(
        "INSERT INTO participations (campaign_id, person_key, mdn, status, source_code, at,"
        " expire_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(campaign["id"], person["person_key"], person["mdn"], status, campaign["source_code"]),
        *(now, now + options.pending_hours * 3600),
    )
    row = db.one("SELECT * FROM participations WHERE id = ?", row_id)
    if row is None:
        raise LookupError(row_id)
    return row


def _ask(db: Db, campaign: Row, participation: Row, *, now: float) -> None:
    mdn, expire_at = participation["mdn"], participation["expire_at"]
    jobs.schedule(db, "expire", {"participation": participation["id"]}, due_at=expire_at)
    _text(db, mdn, campaign["question"], "question", campaign, now=now)
    if trait(mdn) is Trait.LATE_YES:
        late = {"mdn": mdn, "text": "Y", "code": campaign["source_code"]}
        jobs.schedule(db, "reply", late, due_at=expire_at + LATE_S)


def _welcome(db: Db, person: Row, campaign: Row, *, now: float) -> None:
    lift_block(db, person["mdn"], campaign["id"])
    subscriptions.subscribe(
        db, person, list_id=campaign["list_id"], campaign_id=campaign["id"], now=now
    )
    _text(db, person["mdn"], campaign["welcome"], "welcome", campaign, now=now)


def _settle(
    db: Db, participation: Row, campaign: Row, person: Row, status: str, *, now: float
) -> None:
    db.run("UPDATE participations SET status = ? WHERE id = ?", status, participation["id"])
    changed = db.one("SELECT * FROM participations WHERE id = ?", participation["id"])
    if changed is not None:
        _announce(db, "changed", changed, campaign, person, now=now)


def _announce(db: Db, what: str, row: Row, campaign: Row, person: Row, *, now: float) -> None:
    body = callback_bodies.participant(
        campaign, person, at=row["at"], expire_at=row["expire_at"], status=row["status"]
    )
    about = {"campaign_id": campaign["id"]}
    for kind in (f"ack_participant_{what}", f"company_participant_{what}"):
        callbacks.emit(db, kind, body, about=about, mdn=person["mdn"], now=now)


def _text(db: Db, mdn: str, text: str, kind: str, campaign: Row, *, now: float) -> None:
    code = campaign["source_code"]
    handsets.deliver(db, mdn, text, kind=kind, code=code, now=now, campaign=campaign["id"])
