"""Filters by what they ask: a field of a person (by its type), a membership, an activity.

Operators as Marketo names them. Every condition is two-valued: what is empty never makes it NULL, so
that a negative operator finds exactly those whom the positive one does not.
"""

from .activity import ActivityFilter, Inactivity
from .boolean import BooleanFilter
from .dates import DateFilter
from .membership import MembershipFilter
from .number import NumberFilter
from .text import TextFilter

__all__ = [
    "ActivityFilter",
    "BooleanFilter",
    "DateFilter",
    "Inactivity",
    "MembershipFilter",
    "NumberFilter",
    "TextFilter",
]
