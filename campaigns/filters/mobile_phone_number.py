"""Mobile Phone Number."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class MobilePhoneNumber(TextFilter):
    """People by their number as we text it (+13125550142). Empty: none, or not a valid one."""

    kind = "mobile_phone_number"
    label = _("Mobile Phone Number")
    group = _("Person")
    field = "mobile"
