"""Updated At."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import DateFilter
from campaigns.registry import filters


@filters.register
class UpdatedAt(DateFilter):
    """People by when anything on their record was last changed."""

    kind = "updated_at"
    label = _("Updated At")
    group = _("Person")
    field = "updated_at"
