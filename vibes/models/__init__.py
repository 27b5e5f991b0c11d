"""The platform on the other side: who we are there, what it offers, what it told us, what we owe it."""

from .account import Account
from .callback import Callback
from .catalogue import AcquisitionCampaign, VibesList
from .number import Number
from .outbox import OutboxQuerySet, OutboxRow
from .subscription import Subscription, SubscriptionQuerySet

__all__ = [
    "Account",
    "AcquisitionCampaign",
    "Callback",
    "Number",
    "OutboxQuerySet",
    "OutboxRow",
    "Subscription",
    "SubscriptionQuerySet",
    "VibesList",
]
