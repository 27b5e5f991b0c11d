"""Time Zone."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class TimeZone(TextFilter):
    """People by the time zone on their record, such as America/Chicago."""

    kind = "time_zone"
    label = _("Time Zone")
    group = _("Person")
    field = "time_zone"
