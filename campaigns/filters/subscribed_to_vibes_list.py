"""Subscribed to Vibes List."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.operators.members import is_member
from campaigns.registry import filters
from people.models import Activity
from vibes.subscriptions import SUBSCRIBE


@filters.register
class SubscribedToVibesList(ActivityFilter):
    """People who ever joined a Vibes list, whether or not they are on it now.

    With *at any time* also those who were members before we first asked Vibes, and still are."""

    kind = "subscribed_to_vibes_list"
    label = _("Subscribed to Vibes List")
    group = _("SMS Activity")
    word = SUBSCRIBE.word
    constraints = (LIST, CAMPAIGN)

    def occurred(self, lines: QuerySet[Activity], params: Any) -> Q:
        return super().occurred(lines, params) | is_member(params)
