"""Vibes API: joining a list through an acquisition campaign."""

from typing import Any

from django.http import HttpResponse

from vibes.simulator import bodies, handsets, optin, persons, shapes, subscriptions
from vibes.simulator.calls import Call
from vibes.simulator.mdn import Trait, trait
from vibes.simulator.replies import (
    ALREADY,
    BLOCK,
    MISMATCH,
    NOT_MOBILE,
    UNPROCESSABLE,
    Refusal,
    reply,
)
from vibes.simulator.store import Row
from vibes.simulator.views.lists import people_named_in_query, the_campaign
from vibes.simulator.views.persons import check_external_id, known_fields

NOT_A_MOBILE = "The supplied phone number does not map to a provisioned carrier"


def find_pending(call: Call, campaign_id: str) -> HttpResponse:
    """Only requests still waiting for an answer; an empty array when there is none."""
    campaign = the_campaign(call, campaign_id)
    people = people_named_in_query(call)
    asked = [(who, optin.pending(call.db, who["person_key"], campaign["id"])) for who in people]
    return reply([_body(who, row) for who, row in asked if row is not None])


def add_participant(call: Call, campaign_id: str) -> HttpResponse:
    """201 begun, or subscribed at once; 200 already pending; 409 already a member."""
    campaign = the_campaign(call, campaign_id)
    asked = known_fields(call.asked(bodies.PARTICIPANT[call.version]))
    person = _joining(call, asked)
    mdn, key = person["mdn"], person["person_key"]
    if subscriptions.active(call.db, key, campaign["list_id"]):
        raise Refusal(409, "Already subscribed", code=ALREADY)
    if pending := optin.pending(call.db, key, campaign["id"]):
        return reply(_body(person, pending))
    if campaign["status"] != "active":
        raise Refusal(422, "The acquisition campaign is not active", code=UNPROCESSABLE)
    if optin.is_blocked(call.db, mdn, campaign["id"]):
        raise Refusal(422, "MDNHASCONFIRMATIONBLOCK", code=BLOCK)
    return reply(_body(person, optin.join(call.db, person, campaign, now=call.now)), 201)


def _joining(call: Call, asked: dict[str, Any]) -> Row:
    """The person who joins; refuses numbers no carrier texts and ids that belong to others."""
    mdn = _number(call, asked)
    if not handsets.can_be_texted(handsets.find(call.db, mdn), mdn):
        raise Refusal(422, NOT_A_MOBILE, code=NOT_MOBILE)
    if trait(mdn) is Trait.ID_MISMATCH and asked.get("external_person_id"):
        raise Refusal(422, "EXTERNALPERSONIDMISMATCH", code=MISMATCH)
    known = persons.current(call.db, mdn)
    check_external_id(call, known, asked, status=422)
    details = {
        name: asked[name] for name in ("external_person_id", "custom_fields") if asked.get(name)
    }
    if known is None:
        return persons.ensure(call.db, mdn, now=call.now, details=details)
    return persons.merge(call.db, known, details, now=call.now) if details else known


def _number(call: Call, asked: dict[str, Any]) -> str:
    phone = asked.get("mobile_phone")
    if phone:
        return call.mdn(phone["mdn"])
    known = _known(call, asked)
    if known is None or known["mdn"] is None:
        raise Refusal(400, "The MDN field is required")
    return str(known["mdn"])


def _known(call: Call, asked: dict[str, Any]) -> Row | None:
    key = asked.get("person_key") or asked.get("person_id")
    if key:
        return persons.by_key(call.db, str(key))
    return persons.by_external_id(call.db, asked.get("external_person_id"))


def _body(person: Row, row: Row) -> dict[str, Any]:
    pending = row["status"] == "PENDING"
    return shapes.participant(
        person,
        at=row["at"],
        expire_at=row["expire_at"] if pending else None,
        status="PENDING" if pending else "SUBSCRIBED",
    )
