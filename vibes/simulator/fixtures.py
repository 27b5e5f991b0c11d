"""Known states to start from: the demonstration, a large list, or nothing at all."""

import json
import os
from collections.abc import Callable
from typing import Any

from vibes.simulator import dice, memberships, scenarios, world
from vibes.simulator import options as settings
from vibes.simulator.clock import clock
from vibes.simulator.limits import limiter
from vibes.simulator.store import Db

AT_START = os.environ.get("SIM_FIXTURE", "demo")
SEED = int(os.environ.get("SIM_SEED") or "1")
FIRST_PERSON_ID = 123456789
FIRST_SENDER_ID = 4711
LARGE = 100_000
"""Members of the large list."""

LISTS = ({"id": "1234", "name": "Offers"}, {"id": "5678", "name": "Service alerts"})
SOURCE_CODES = (("65301", "1", "United States"), ("520123", "1", "Canada"))
SMALL_PRINT = "Msg&data rates may apply. Reply HELP for help, STOP to quit."
OFFERS_WELCOME = "Offers: you are in! Up to 4 texts a month. Reply HELP for help, STOP to quit."
CAMPAIGNS: tuple[dict[str, Any], ...] = (
    {
        "id": "Kwnl5OL3",
        "description": "Offers by web",
        "list_id": "1234",
        "double_opt_in": True,
        "keywords": ["OFFERS", "OFFER"],
        "question": f"Offers: reply Y to get weekly offers (up to 4 texts a month). {SMALL_PRINT}",
        "welcome": OFFERS_WELCOME,
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
        "id": "Zip5code",
        "description": "Offers near you",
        "list_id": "1234",
        "double_opt_in": True,
        "confirmed_by": "postcode",
        "keywords": ["NEAR"],
        "question": f"Offers: reply with your 5-digit ZIP code to get local offers. {SMALL_PRINT}",
        "welcome": OFFERS_WELCOME,
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
PEOPLE = {
    "+14155550100": "Ada",
    "+14155550101": "Ben",
    "+14155550102": "Chloe",
    "+14155550103": "Dev",
    "+14155550104": "Elif",
    "+14155550105": "Finn",
    "+14155550106": "Grace",
    "+14155550107": "Hugo",
    "+14155550108": "Ines",
    "+14155550109": "Jack",
    "+16135550110": "Kim",
    "+16135550111": "Luc",
}
"""The people Vibes knows in the demonstration; none is on a list."""


def reset(db: Db, *, fixture: str = AT_START, seed: int = SEED) -> None:
    """Forget everything, settings, faults and clock included; then set up a fixture.

    The same seed gives people the same keys and luck the same course.
    """
    world.forget(db, world.PEOPLE + world.TRAFFIC + world.PLACES)
    settings.restore()
    limiter.forget()
    clock.offset = 0
    scenarios.restore()
    dice.roll_from(seed)
    db.many("INSERT INTO state VALUES (?, ?)", [("fixture", fixture), ("seed", str(seed))])
    world.number_from(db, "persons", FIRST_PERSON_ID)
    world.number_from(db, "senders", FIRST_SENDER_ID)
    FIXTURES[fixture](db)


def is_wanted(db: Db) -> bool:
    """Is the world there, and none but what the environment asks for, if it does?"""
    there = {row["key"]: row["value"] for row in db.all("SELECT * FROM state")}
    asked = {"fixture": os.environ.get("SIM_FIXTURE"), "seed": os.environ.get("SIM_SEED")}
    return "fixture" in there and all(asked[name] in (None, there[name]) for name in asked)


def _empty(db: Db) -> None:
    db.many("INSERT INTO source_codes VALUES (?, ?, ?)", SOURCE_CODES)


def _demo(db: Db) -> None:
    _empty(db)
    world.add_lists(db, list(LISTS))
    world.add_campaigns(db, list(CAMPAIGNS), now=clock.now() - 300 * world.DAY)
    keys = world.add_persons(db, set(PEOPLE), now=clock.now())
    db.many(
        "UPDATE persons SET custom_fields = ? WHERE person_key = ?",
        [(json.dumps({"first_name": name}), keys[mdn]) for mdn, name in PEOPLE.items()],
    )


def _large(db: Db) -> None:
    _demo(db)
    place = {"list_id": "1234", "state": "subscribed"}
    members = [{"mdn": f"+1312{2_000_000 + n}"} | place for n in range(LARGE)]
    memberships.seed(db, members, now=clock.now(), announce=False)


FIXTURES: dict[str, Callable[[Db], None]] = {"demo": _demo, "empty": _empty, "large": _large}
