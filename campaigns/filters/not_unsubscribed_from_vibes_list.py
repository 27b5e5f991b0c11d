"""NOT Unsubscribed from Vibes List."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.registry import filters
from vibes.subscriptions import UNSUBSCRIBE


@filters.register
class NotUnsubscribedFromVibesList(Inactivity):
    """People who never left the Vibes list."""

    kind = "not_unsubscribed_from_vibes_list"
    label = _("NOT Unsubscribed from Vibes List")
    group = _("NOT")
    word = UNSUBSCRIBE.word
    constraints = (
        LIST,
        CAMPAIGN,
    )
