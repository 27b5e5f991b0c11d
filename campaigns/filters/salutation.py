"""Salutation."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class Salutation(TextFilter):
    """People by how they are addressed."""

    kind = "salutation"
    label = _("Salutation")
    group = _("Person")
    field = "salutation"
