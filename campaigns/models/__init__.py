"""The product's tables. They hold facts; the verbs live in the modules beside this package."""

from .campaign import Campaign
from .edit import Edit
from .effect import Effect, EffectQuerySet
from .flow import Choice, FlowStep, FlowVersion, StepReference
from .intervention import Intervention
from .message import MessageVersion, SmsMessage
from .named_list import NamedList, PlacedList
from .request import Request, RequestQuerySet
from .run import Cohort, Entry, Run, Verdict, VerdictQuerySet
from .slot import Slot, SlotQuerySet
from .smart_list import SmartList, SmartListFilter, SmartListTrigger
from .tally import Sample, Tally
from .tree import Node, NodeQuerySet
from .webhook import Webhook

__all__ = [
    "Campaign",
    "Choice",
    "Cohort",
    "Edit",
    "Effect",
    "EffectQuerySet",
    "Entry",
    "FlowStep",
    "FlowVersion",
    "Intervention",
    "MessageVersion",
    "NamedList",
    "Node",
    "NodeQuerySet",
    "PlacedList",
    "Request",
    "RequestQuerySet",
    "Run",
    "Sample",
    "Slot",
    "SlotQuerySet",
    "SmartList",
    "SmartListFilter",
    "SmartListTrigger",
    "SmsMessage",
    "StepReference",
    "Tally",
    "Verdict",
    "VerdictQuerySet",
    "Webhook",
]
