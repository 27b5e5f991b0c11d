"""City."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class City(TextFilter):
    """People by the city on their record."""

    kind = "city"
    label = _("City")
    group = _("Person")
    field = "city"
