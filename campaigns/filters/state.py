"""State."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class State(TextFilter):
    """People by the state or province on their record."""

    kind = "state"
    label = _("State")
    group = _("Person")
    field = "state"
