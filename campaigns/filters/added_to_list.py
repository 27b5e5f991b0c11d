"""Added to List."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import BY, STATIC_LIST
from campaigns.registry import filters
from people.activity import ADD_TO_LIST


@filters.register
class AddedToList(ActivityFilter):
    """People who were put on a static list, whether or not they are on it now."""

    kind = "added_to_list"
    label = _("Added to List")
    group = _("Activity")
    word = ADD_TO_LIST.word
    constraints = (
        STATIC_LIST,
        BY,
    )
    needs_vibes = False
