"""The bodies of the API's answers, field for field as Vibes documents them."""

import json
from typing import Any

from vibes.simulator import catalogue
from vibes.simulator.clock import to_day, to_minute, to_second
from vibes.simulator.options import options
from vibes.simulator.store import Row

Body = dict[str, Any]


def url(path: str) -> str:
    return f"/companies/{options.company_key}/{path}"


def list_(row: Row) -> Body:
    here = url(f"mobiledb/subscription_lists/{row['id']}")
    return {
        "id": row["id"],
        "name": row["name"],
        "url": here,
        "subscribers_url": f"{here}/subscribers",
        "acquisition_campaigns_url": f"{here}/acquisition_campaigns",
    }


def campaign(row: Row) -> Body:
    year = 365 * 86400
    past = row["status"] == "past"
    return {
        "acquisition_id": row["id"],
        "description": row["description"],
        "campaign_type": {"code": "ACQUISITION"},
        "status": row["status"],
        "start_date": to_minute(row["created_at"]),
        "end_date": to_minute(row["created_at"] + (0.5 if past else 5) * year),
        "acquisition_campaign": {"keywords": catalogue.keywords(row)},
        "sourcecode": row["source_code"],
        "url": url(f"campaigns/acquisition/{row['id']}"),
        "created_date": to_minute(row["created_at"]),
        "updated_date": to_minute(row["created_at"]),
    }


def source_code(row: Row) -> Body:
    return {
        "sourcecode": row["code"],
        "country_code": row["country_code"],
        "sourcecode_type": "SC",
        "primary_country_name": row["country_name"],
        "sms_enabled": True,
        "mms_enabled": False,
        "sourcecode_end_date": None,
    }


def person(row: Row) -> Body:
    phone = {"mdn": row["mdn"], "carrier_code": row["carrier"]} if row["mdn"] else None
    return {
        "person_id": str(row["person_id"]),
        "person_key": row["person_key"],
        "external_person_id": row["external_id"],
        "timezone": "US/Central" if phone else None,
        "timezone_source": "area_code" if phone else None,
        "mobile_phone": phone,
        "custom_fields": json.loads(row["custom_fields"]),
        "created_at": to_minute(row["created_at"]),
        "updated_at": to_second(row["updated_at"]),
        "url": url(f"mobiledb/persons/{row['person_key']}"),
    }


def participant(who: Row, *, at: float, expire_at: float | None, status: str) -> Body:
    return {
        "person": {
            "person_id": str(who["person_id"]),
            "person_key": who["person_key"],
            "external_person_id": who["external_id"],
            "url": url(f"mobiledb/persons/{who['person_key']}"),
        },
        "participation_date": to_minute(at),
        "expire_date": to_minute(expire_at) if expire_at else None,
        "status": status,
    }


def subscription(row: Row) -> Body:
    """One cycle of membership; an ended one says when and why."""
    home = url(f"mobiledb/persons/{row['person_key']}")
    list_url = url(f"mobiledb/subscription_lists/{row['list_id']}")
    body: Body = {
        "person": {"id": row["person_key"], "url": home},
        "subscription_list": {"id": row["list_id"], "url": list_url},
        "opt_in_date": to_second(row["opt_in_at"]),
        "url": f"{home}/subscriptions/{row['list_id']}",
    }
    if row["opt_out_at"]:
        body |= {"opt_out_date": to_second(row["opt_out_at"]), "opt_out_reason": row["reason"]}
    return body


def sender(row: Row, *, status: str) -> Body:
    asked = json.loads(row["body"])
    return {
        "event_triggered_message_id": row["id"],
        "status": status,
        "name": asked["name"],
        "event_type": asked["event_type"],
        "start_date": asked.get("start_date") or to_day(row["created_at"]),
        "end_date": asked.get("end_date"),
        "created_by": "api@example.com",
        "created_by_application": "api",
        "targeting": {"message_format": "SMS"} | asked["targeting"],
        "url": url(f"mobiledb/event_triggered_messages/{row['id']}"),
        "created_at": to_second(row["created_at"]),
        "updated_at": to_second(row["updated_at"]),
    }


def registration(row: Row) -> Body:
    scope = json.loads(row["scope"])
    return {
        "callback_id": row["id"],
        "callback_type": row["callback_type"],
        "event_type": row["callback_type"],
        **({row["callback_type"]: scope} if scope else {}),
        "destination": json.loads(row["destination"]),
        "start_date": to_minute(row["start_at"]),
        "end_date": to_second(row["end_at"]) if row["end_at"] else None,
        "url": url(f"config/callbacks/{row['id']}"),
        "created_at": to_second(row["created_at"]),
        "updated_at": to_second(row["updated_at"]),
    }
