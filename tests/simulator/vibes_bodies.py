"""Requests as the product would make them, and numbers by how they behave."""

from typing import Any

ANYONE = "+13125550142"
SOMEONE_ELSE = "+13125550143"
SAYS_YES = "+13125550160"
SAYS_NO = "+13125550161"
SAYS_STOP = "+13125550162"
BABBLES = "+13125550163"
LATE_YES = "+13125550165"
DOUBLE_YES = "+13125550166"
YES_THEN_STOP = "+13125550167"
LANDLINE = "+13125550180"
BLOCKED = "+13125550181"
ID_MISMATCH = "+13125550182"
CARRIER_REJECTS = "+13125550183"
CARRIER_FAILS_ONCE = "+13125550184"
RECEIPT_FAILS = "+13125550185"
NO_RECEIPT = "+13125550186"
DISCONNECTS = "+13125550187"
PORTED = "+13125550188"

JOIN_OFFERS = "campaigns/acquisition/Kwnl5OL3/participants"
JOIN_ALERTS = "campaigns/acquisition/Sngl0pt1/participants"
SENDERS = "mobiledb/event_triggered_messages"


def participant(mdn: str, **more: Any) -> dict[str, Any]:
    return {"mobile_phone": {"mdn": mdn}} | more


def sender(event_type: str = "fs_1234", *, lists: tuple[int, ...] = (1234,)) -> dict[str, Any]:
    return {
        "name": "Flow step sends",
        "event_type": event_type,
        "start_date": "2026-01-01",
        "targeting": {
            "channel": "sms",
            "message_template": "{{ ev.message_body }}",
            "shorten_urls": False,
            "sms": {"sourcecode": "65301", "country_code": "1", "sourcecode_type": "SC"},
            "filters": [{"name": "subscription", "selector": "any", "value": list(lists)}],
        },
    }


def event(
    mdn: str = ANYONE, text: str = "Hello", *, event_id: str = "one", event_type: str = "fs_1234"
) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "event_type": event_type,
        "event_data": {"mdn": mdn, "message_body": text},
        "debug_data": {"send_id": "918273"},
    }


def registration(url: str, callback_type: str, **scope: str) -> dict[str, Any]:
    body: dict[str, Any] = {"callback_type": callback_type, "destination": {"url": f"{url}/cb"}}
    return body | ({callback_type: scope} if scope else {})
