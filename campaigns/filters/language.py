"""Preferred Language."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class Language(TextFilter):
    """People by the language they prefer."""

    kind = "language"
    label = _("Preferred Language")
    group = _("Person")
    field = "language"
