"""Callbacks nobody should send: forged, cut, mangled, mislabelled, and some that are nearly right.

The same seed makes the same ones. `make fuzz ARGS="--count 10000"` throws them at the endpoint and
applies them; the test command does so with fewer.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

FAR = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "not a date",
    "",
    7,
    None,
    [],
    True,
]
NEAR = ["2026-06-01T17:00Z", "2026-06-01T17:00:09Z", "2026-06-01T17:00:09.000Z"]
NEAR += ["2026-06-01T17:00:09+00:00", "2026-06-01"]
NUMBERS = [f"+131255501{place:02d}" for place in range(60)] + ["3125550101", "+1555", "", "x" * 300]
KINDS = ["subscription_added", "subscription_removed", "ack_participant_added", "person_updated"]
KINDS += ["ack_participant_changed", "company_participant_changed", "event_processed", "new_one"]
KINDS += ["unmatched_message_received", "", "\u0000", "\ud800", "x" * 500]
WORDS = ["routing", "failed", "sms", "queued", "carrier_dlr", "handset_dlr", "success", "odd", ""]
REASONS = ["person_not_found", "no_route_rules", "carrier_not_supported", "\ud800\u0000", "x" * 900]
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1e308,
    10**400,
    "",
    [],
    {},
    [[]],
    {"a": {}},
    "\u0000",
    "\ud800",
]
ODD += [
    "x" * 5_000,
    "😀" * 50,
    "+13125550142",
    "'; DROP TABLE vibes_callback; --",
    {"id": {"id": 1}},
]


@dataclass
class Thrown:
    """One request: its body, and what its sender says about it (as CGI spells headers)."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "post"
    kind: str = "application/json"


def thrown(seed: int, count: int, event_ids: list[str]) -> Iterator[Thrown]:
    """So many, from this seed; `event_ids` are texts of ours, for receipts that hit."""
    dice = random.Random(seed)
    recent: list[Thrown] = []
    for _ in range(count):
        if recent and dice.random() < 0.08:  # duplicates, now and much later
            yield dice.choice(recent)
            continue
        made = _request(dice, _mangled(dice, _body(dice, event_ids)))
        recent = [*recent[-50:], made]
        yield made


def _request(dice: random.Random, body: bytes) -> Thrown:
    headers = {}
    if dice.random() < 0.1:
        headers["HTTP_CONTENT_ENCODING"] = dice.choice(["gzip", "br", "nonsense"])
    if dice.random() < 0.05:
        headers["CONTENT_LENGTH"] = dice.choice(
            ["0", str(len(body) // 2), str(len(body) + 9), "-1"]
        )
    method = dice.choice(["post", "post", "put"])
    kinds = ["application/json", "text/plain", "multipart/form-data", "", "x" * 300]
    return Thrown(body, headers, method, dice.choice(kinds))


# --- Bodies ---------------------------------------------------------------------------------------


def _body(dice: random.Random, event_ids: list[str]) -> Any:
    body = {
        "event_id": dice.choice([dice.getrandbits(64).to_bytes(8, "big").hex(), dice.choice(ODD)]),
        "callback_type": dice.choice(KINDS),
        "event_type": dice.choice(KINDS),
        "event_date": dice.choice(NEAR * 3 + FAR),
    }
    return body | dice.choice([_forged, _subscription, _participant, _event, _texted, _rubbish])(
        dice, event_ids
    )


def _forged(dice: random.Random, _: list[str]) -> dict[str, Any]:
    """As it would come from Vibes, had the person agreed."""
    person = {"mobile_phone": {"mdn": dice.choice(NUMBERS)}}
    campaign = {"url": "/companies/X/campaigns/acquisition/Kwnl5OL3"}
    joined = {"person": person, "subscription_list": {"id": "1234"}, "opt_in_date": NEAR[1]}
    agreed = {"person": person, "acquisition_campaign": campaign, "status": "CONFIRMED"}
    label = {"callback_type": "subscription_added", "event_type": "subscription_added"}
    return label | dice.choice([{"subscription": joined}, {"participant": agreed}])


def _subscription(dice: random.Random, _: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"person": _person(dice), "subscription_list": {"id": _list(dice)}}
    if dice.random() < 0.4:
        told["opt_out_date"] = dice.choice(NEAR + FAR)
    if dice.random() < 0.4:
        told["opt_out_reason"] = dice.choice(
            ["user_opt_out", "disconnect", "keyword_opt_out", *ODD]
        )
    return {"subscription": told}


def _participant(dice: random.Random, _: list[str]) -> dict[str, Any]:
    campaign = {"id": "Kwnl5OL3", "url": dice.choice(["/a/b/Kwnl5OL3", "", "/", 5, None])}
    status = dice.choice(["PENDING", "CONFIRMED", "REJECTED", "subscribed", *ODD])
    told = {"person": _person(dice), "acquisition_campaign": campaign, "status": status}
    return {"participant": told | {"expire_date": dice.choice(NEAR + FAR)}}


def _event(dice: random.Random, event_ids: list[str]) -> dict[str, Any]:
    action = {
        "type": dice.choice(WORDS),
        "status": dice.choice([*WORDS, *ODD]),
        "status_reason": dice.choice([*WORDS, *REASONS]),
    }
    event_id = dice.choice([*event_ids, "not a uuid", *ODD])
    return {"event_processed": {"event_id": event_id, "action": dice.choice([action, *ODD])}}


def _texted(dice: random.Random, _: list[str]) -> dict[str, Any]:
    told = {"mdn": dice.choice([*NUMBERS, *ODD])}
    return {"participant": told, "message": dice.choice(["Y", "STOP", *ODD])}


def _rubbish(dice: random.Random, _: list[str]) -> dict[str, Any]:
    names = ["subscription", "participant", "event_processed", "person", "message", "source_code"]
    return {dice.choice(names): dice.choice(ODD) for _ in range(3)}


def _person(dice: random.Random) -> Any:
    person = {
        "person_key": dice.choice(["", "key-1", "none-of-ours", *ODD]),
        "external_person_id": dice.choice(["", "00000000-1", "a-b", *ODD]),
        "id": dice.choice(["", "123", *ODD]),
        "url": dice.choice(["", "/companies/X/mobiledb/persons/none-of-ours", *ODD]),
        "mobile_phone": {"mdn": dice.choice([*NUMBERS, *ODD])},
    }
    kept = {name: value for name, value in person.items() if dice.random() < 0.7}
    return kept if dice.random() < 0.95 else dice.choice(ODD)


def _list(dice: random.Random) -> Any:
    return dice.choice(["1234", "5678", 1234, "unheard-of"] if dice.random() < 0.9 else ODD)


# --- And what becomes of them on the way ----------------------------------------------------------


def _mangled(dice: random.Random, body: Any) -> bytes:
    raw = json.dumps(body).encode()
    return dice.choice([*[_as_it_is] * 12, *_MANGLES])(dice, raw)


def _as_it_is(_: random.Random, raw: bytes) -> bytes:
    return raw


def _cut(dice: random.Random, raw: bytes) -> bytes:
    return raw[: dice.randrange(len(raw))]


def _flipped(dice: random.Random, raw: bytes) -> bytes:
    made = bytearray(raw)
    for _ in range(dice.randrange(1, 8)):
        made[dice.randrange(len(made))] = dice.randrange(256)
    return bytes(made)


def _deep(dice: random.Random, raw: bytes) -> bytes:
    depth = dice.choice([31, 33, 200, 5_000, 30_000])
    return b'{"subscription":' * depth + raw + b"}" * depth


def _long(dice: random.Random, raw: bytes) -> bytes:
    return raw[:-1] + b', "padding": "' + b"x" * dice.choice([60_000, 70_000, 200_000]) + b'"}'


def _doubled_keys(_: random.Random, raw: bytes) -> bytes:
    return raw[:-1] + b", " + raw[1:]


def _not_numbers(_: random.Random, raw: bytes) -> bytes:
    return raw[:-1] + b', "a": NaN, "b": -Infinity, "c": ' + b"9" * 5_000 + b"}"


def _in_another_code(dice: random.Random, raw: bytes) -> bytes:
    return raw.decode().encode(dice.choice(["utf-16", "utf-32", "utf-8-sig"]))


def _noise(dice: random.Random, _: bytes) -> bytes:
    return dice.randbytes(dice.choice([0, 1, 4, 100, 3_000]))


_MANGLES: list[Callable[[random.Random, bytes], bytes]] = [
    _cut,
    _flipped,
    _deep,
    _long,
    _doubled_keys,
    _not_numbers,
    _in_another_code,
    _noise,
]
