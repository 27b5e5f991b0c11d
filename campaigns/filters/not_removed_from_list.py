"""NOT Removed from List."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import BY, STATIC_LIST
from campaigns.registry import filters
from people.activity import REMOVE_FROM_LIST


@filters.register
class NotRemovedFromList(Inactivity):
    """People who were not taken off the static list."""

    kind = "not_removed_from_list"
    label = _("NOT Removed from List")
    group = _("NOT")
    word = REMOVE_FROM_LIST.word
    constraints = (
        STATIC_LIST,
        BY,
    )
    needs_vibes = False
