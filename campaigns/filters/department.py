"""Department."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class Department(TextFilter):
    """People by the department they work in."""

    kind = "department"
    label = _("Department")
    group = _("Company")
    field = "department"
