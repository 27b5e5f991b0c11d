"""Company Name."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class CompanyName(TextFilter):
    """People by the company on their record."""

    kind = "company_name"
    label = _("Company Name")
    group = _("Company")
    field = "company"
