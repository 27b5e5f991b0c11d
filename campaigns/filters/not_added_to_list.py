"""NOT Added to List."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import BY, STATIC_LIST
from campaigns.registry import filters
from people.activity import ADD_TO_LIST


@filters.register
class NotAddedToList(Inactivity):
    """People who were not put on the static list."""

    kind = "not_added_to_list"
    label = _("NOT Added to List")
    group = _("NOT")
    word = ADD_TO_LIST.word
    constraints = (
        STATIC_LIST,
        BY,
    )
    needs_vibes = False
