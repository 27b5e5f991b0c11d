"""Date of Birth."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import DateFilter
from campaigns.registry import filters


@filters.register
class DateOfBirth(DateFilter):
    """People by the day they were born."""

    kind = "date_of_birth"
    label = _("Date of Birth")
    group = _("Person")
    field = "date_of_birth"
    type = "date"
