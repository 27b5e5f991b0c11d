"""Annual Revenue."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import NumberFilter
from campaigns.registry import filters


@filters.register
class AnnualRevenue(NumberFilter):
    """People by the yearly revenue of their company."""

    kind = "annual_revenue"
    label = _("Annual Revenue")
    group = _("Company")
    field = "annual_revenue"
    type = "currency"
