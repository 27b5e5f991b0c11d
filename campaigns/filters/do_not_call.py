"""Do Not Call."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import BooleanFilter
from campaigns.registry import filters


@filters.register
class DoNotCall(BooleanFilter):
    """People who must not be called. By itself that does not stop texts."""

    kind = "do_not_call"
    label = _("Do Not Call")
    group = _("Permission")
    field = "do_not_call"
