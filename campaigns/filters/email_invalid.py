"""Email Invalid."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import BooleanFilter
from campaigns.registry import filters


@filters.register
class EmailInvalid(BooleanFilter):
    """People whose e-mail address is known not to work."""

    kind = "email_invalid"
    label = _("Email Invalid")
    group = _("Permission")
    field = "email_invalid"
