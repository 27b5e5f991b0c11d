"""Middle Name."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class MiddleName(TextFilter):
    """People by middle name."""

    kind = "middle_name"
    label = _("Middle Name")
    group = _("Person")
    field = "middle_name"
    suggests = False
