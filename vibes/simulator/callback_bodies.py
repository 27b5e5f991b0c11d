"""The bodies of callbacks, without their envelope, field for field as Vibes' samples show them."""

import json
from typing import Any
from uuid import uuid4

from vibes.simulator import catalogue, words
from vibes.simulator.clock import to_minute, to_second
from vibes.simulator.options import options
from vibes.simulator.shapes import url
from vibes.simulator.store import Row

Body = dict[str, Any]


def subscription(row: Row, person: Row) -> Body:
    """For ``subscription_added`` and, once it has ended, ``subscription_removed``."""
    list_url = url(f"mobiledb/subscription_lists/{row['list_id']}")
    body: Body = {
        "person": {
            "id": person["person_key"],
            "external_id": person["external_id"],
            "external_person_id": person["external_id"],
            "person_key": person["person_key"],
            "url": url(f"mobiledb/persons/{person['person_key']}"),
            "mobile_phone": {"mdn": person["mdn"]},
        },
        "subscription_list": {"id": row["list_id"], "url": list_url},
        "opt_in_date": to_second(row["opt_in_at"]),
    }
    if row["opt_out_at"]:
        body |= {"opt_out_date": to_second(row["opt_out_at"]), "opt_out_reason": row["reason"]}
    return {"subscription": body}


def participant(
    campaign: Row, person: Row, *, at: float, expire_at: float | None, status: str
) -> Body:
    """For ``ack_participant_*`` and ``company_participant_*``."""
    keywords = catalogue.keywords(campaign)
    return {
        "participant": {
            "person": {
                "id": str(person["person_id"]),
                "external_id": person["external_id"],
                "mobile_phone": {"mdn": person["mdn"]},
                "url": url(f"mobiledb/persons/{person['person_id']}"),
            },
            "acquisition_campaign": {
                "id": campaign["id"],
                "description": campaign["description"],
                "url": url(f"campaigns/acquisition/{campaign['id']}"),
                "keyword": keywords[0] if keywords else None,
            },
            "participation_date": to_minute(at),
            "expire_date": to_minute(expire_at) if expire_at else None,
            "status": status,
        }
    }


def event(row: Row, *, action: dict[str, str]) -> Body:
    """For ``event_processed``; ``event_id`` in here is the client's own."""
    return {
        "event_processed": {
            "event_id": row["event_id"],
            "event_type": row["event_type"],
            "event_data": json.loads(row["event_data"]),
            "debug_data": json.loads(row["debug_data"]),
            "action": action,
        }
    }


def person(row: Row) -> Body:
    """For ``person_*``; the zone is that of the number, and goes with it."""
    phone = {"mdn": row["mdn"], "carrier_code": row["carrier"]} if row["mdn"] else None
    zone = {"timezone": "US/Central", "timezone_source": "area_code"} if phone else {}
    return {
        "person": {
            "person_id": str(row["person_id"]),
            "external_person_id": row["external_id"],
            "mobile_phone": phone,
            **zone,
            "custom_fields": json.loads(row["custom_fields"]),
            "created_at": to_minute(row["created_at"]),
            "updated_at": to_minute(row["updated_at"]),
            "url": url(f"mobiledb/persons/{row['person_id']}"),
        }
    }


def unmatched(text: str, *, mdn: str, carrier: str, code: str, now: float) -> Body:
    return {
        "participant": {"mdn": mdn, "carrier_id": carrier},
        "source_code": {
            "company_key": options.company_key,
            "code": code,
            "country_code": "1",
            "code_type": "SC",
            "default_response": words.DEFAULT_REPLY,
            "response_sent": True,
        },
        "message": text,
        "message_id": str(uuid4()),
        "txn_id": str(uuid4()),
        "receipt_date": to_second(now).replace("Z", "+00:00"),
    }
