"""What the client gives back, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class OfferedList:
    vibes_id: str
    name: str


@dataclass(frozen=True)
class OfferedCampaign:
    """An acquisition campaign. `status`: scheduled, active, deleted or past."""

    vibes_id: str
    name: str
    status: str


@dataclass(frozen=True)
class SourceCode:
    code: str
    country_code: str
    kind: str
    sms_enabled: bool


@dataclass(frozen=True)
class VibesPerson:
    person_key: str
    mobile: str = ""
    external_person_id: str = ""


@dataclass(frozen=True)
class Participation:
    """Where an opt-in stands. `is_new`: this call began it (201); otherwise it was known (200)."""

    status: str
    expires_at: datetime | None
    person_key: str
    is_new: bool = False


@dataclass(frozen=True)
class SubscriptionRecord:
    """One cycle of membership; active while `opted_out_at` is empty."""

    list_id: str
    opted_in_at: datetime | None
    opted_out_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Sender:
    """An event-triggered campaign. `status`: scheduled, in_progress, ended or canceled."""

    sender_id: str
    event_type: str
    status: str
    targeting: Body = field(default_factory=dict)


@dataclass(frozen=True)
class Registration:
    """A callback address Vibes knows; `scope` limits it to a list, campaign or event type."""

    callback_id: str
    callback_type: str
    scope: dict[str, str]
    url: str
    ends_at: datetime | None = None
