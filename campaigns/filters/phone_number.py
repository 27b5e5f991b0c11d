"""Phone Number."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class PhoneNumber(TextFilter):
    """People by their other telephone number, as it is on their record."""

    kind = "phone_number"
    label = _("Phone Number")
    group = _("Person")
    field = "phone"
    suggests = False
