"""Person Source."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class PersonSource(TextFilter):
    """People by where they came from."""

    kind = "person_source"
    label = _("Person Source")
    group = _("Person")
    field = "source"
