"""The only place that speaks to Vibes: one method per endpoint, typed in, typed out."""

from .api import Client
from .errors import (
    Busy,
    Locked,
    LoginRefused,
    NotTrusted,
    Refused,
    Retryable,
    TransactionOpen,
    Unknown,
    VibesError,
)
from .values import (
    OfferedCampaign,
    OfferedList,
    Participation,
    Registration,
    Sender,
    SourceCode,
    SubscriptionRecord,
    VibesPerson,
)

__all__ = [
    "Busy",
    "Client",
    "Locked",
    "LoginRefused",
    "NotTrusted",
    "OfferedCampaign",
    "OfferedList",
    "Participation",
    "Refused",
    "Registration",
    "Retryable",
    "Sender",
    "SourceCode",
    "SubscriptionRecord",
    "TransactionOpen",
    "Unknown",
    "VibesError",
    "VibesPerson",
]
