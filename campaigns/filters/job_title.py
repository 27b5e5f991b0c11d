"""Job Title."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class JobTitle(TextFilter):
    """People by job title."""

    kind = "job_title"
    label = _("Job Title")
    group = _("Company")
    field = "job_title"
