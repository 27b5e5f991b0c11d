"""First Name."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class FirstName(TextFilter):
    """People by first name."""

    kind = "first_name"
    label = _("First Name")
    group = _("Person")
    field = "first_name"
    suggests = False
