"""Made-up bodies for the test call of the callback API."""

from typing import Any

from vibes.simulator.shapes import url

MDN = "+13125550142"
KEY = "0f8b6a54-6a0e-4b5e-9a53-1c1a6f0f2d11"


def body(callback_type: str, replaced: dict[str, Any]) -> dict[str, Any]:
    """The sample of the type; what the caller gave of its parts is merged over it."""
    sample = _sample(callback_type)
    return {name: part | replaced.get(name, {}) for name, part in sample.items()}


def _sample(callback_type: str) -> dict[str, Any]:
    if "participant" in callback_type:
        return {"participant": _participant(changed=callback_type.endswith("changed"))}
    if callback_type == "event_processed":
        return {"event_processed": _event()}
    if callback_type.startswith("person"):
        return {"person": _person()}
    if callback_type.startswith("subscription_list"):
        return {"subscription_list": _list()}
    ended = {"opt_out_date": "2026-01-02T00:00:00Z", "opt_out_reason": "user_opt_out"}
    begun = {
        "person": _person() | {"id": KEY},
        "subscription_list": _list(),
        "opt_in_date": "2026-01-01T00:00:00Z",
    }
    return {"subscription": begun | (ended if callback_type.endswith("removed") else {})}


def _person() -> dict[str, Any]:
    home = url(f"mobiledb/persons/{KEY}")
    return {"person_id": KEY, "person_key": KEY, "mobile_phone": {"mdn": MDN}, "url": home}


def _list() -> dict[str, Any]:
    return {"id": "test", "url": url("mobiledb/subscription_lists/test")}


def _participant(*, changed: bool) -> dict[str, Any]:
    return {
        "person": _person() | {"id": KEY},
        "acquisition_campaign": {"id": "test", "url": url("campaigns/acquisition/test")},
        "participation_date": "2026-01-01T00:00Z",
        "expire_date": "2026-01-02T00:00Z",
        "status": "CONFIRMED" if changed else "PENDING",
    }


def _event() -> dict[str, Any]:
    return {
        "event_id": "test",
        "event_type": "test",
        "event_data": {"mdn": MDN},
        "debug_data": {},
        "action": {
            "type": "routing",
            "status": "processing",
            "status_reason": "accepted_by_event_triggered_message",
            "resource_url": url("mobiledb/event_triggered_messages/test"),
        },
    }
