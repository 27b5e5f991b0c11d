"""Removed from List."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import BY, STATIC_LIST
from campaigns.registry import filters
from people.activity import REMOVE_FROM_LIST


@filters.register
class RemovedFromList(ActivityFilter):
    """People who were taken off a static list, whether or not they are on it now."""

    kind = "removed_from_list"
    label = _("Removed from List")
    group = _("Activity")
    word = REMOVE_FROM_LIST.word
    constraints = (
        STATIC_LIST,
        BY,
    )
    needs_vibes = False
