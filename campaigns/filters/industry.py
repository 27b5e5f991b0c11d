"""Industry."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class Industry(TextFilter):
    """People by the industry of their company."""

    kind = "industry"
    label = _("Industry")
    group = _("Company")
    field = "industry"
