"""Address."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class Address(TextFilter):
    """People by street and house number."""

    kind = "address"
    label = _("Address")
    group = _("Person")
    field = "address"
    suggests = False
