"""Last Name."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class LastName(TextFilter):
    """People by last name."""

    kind = "last_name"
    label = _("Last Name")
    group = _("Person")
    field = "last_name"
    suggests = False
