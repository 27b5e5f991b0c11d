"""NOT Subscribed to Vibes List."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.operators.members import is_member
from campaigns.registry import filters
from people.models import Activity
from vibes.subscriptions import SUBSCRIBE


@filters.register
class NotSubscribedToVibesList(Inactivity):
    """People who never joined the Vibes list, as far as we know."""

    kind = "not_subscribed_to_vibes_list"
    label = _("NOT Subscribed to Vibes List")
    group = _("NOT")
    word = SUBSCRIBE.word
    constraints = (LIST, CAMPAIGN)

    def occurred(self, lines: QuerySet[Activity], params: Any) -> Q:
        return super().occurred(lines, params) | is_member(params)
