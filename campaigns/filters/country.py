"""Country."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class Country(TextFilter):
    """People by the country on their record (not by their number)."""

    kind = "country"
    label = _("Country")
    group = _("Person")
    field = "country"
