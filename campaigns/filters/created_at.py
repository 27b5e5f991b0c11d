"""Created At."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import DateFilter
from campaigns.registry import filters


@filters.register
class CreatedAt(DateFilter):
    """People by when they came into the database."""

    kind = "created_at"
    label = _("Created At")
    group = _("Person")
    field = "created_at"
