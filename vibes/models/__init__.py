"""The platform on the other side: who we are there, what it offers, what it told us, what we owe it."""

from .account import Account
from .callback import Callback
from .catalogue import AcquisitionCampaign, VibesList
from .consent import ConsentEntry, LedgerIsFinal
from .event_outcome import EventOutcome, UnrecognisedReceipt
from .heartbeat import Heartbeat
from .instance import Instance, Unlocking
from .number import Number, Stop
from .outbox import OutboxQuerySet, OutboxRow
from .outbox_range import OutboxRange, OutboxRangeQuerySet
from .outbox_tally import OutboxTally
from .reconciliation import Drift, Sweep
from .sending_loop import SendingLoop
from .subscription import Subscription, SubscriptionQuerySet

__all__ = [
    "Account",
    "AcquisitionCampaign",
    "Callback",
    "ConsentEntry",
    "Drift",
    "EventOutcome",
    "Heartbeat",
    "Instance",
    "LedgerIsFinal",
    "Number",
    "OutboxQuerySet",
    "OutboxRange",
    "OutboxRangeQuerySet",
    "OutboxRow",
    "OutboxTally",
    "SendingLoop",
    "Stop",
    "Subscription",
    "SubscriptionQuerySet",
    "Sweep",
    "Unlocking",
    "UnrecognisedReceipt",
    "VibesList",
]
