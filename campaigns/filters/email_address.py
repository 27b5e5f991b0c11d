"""Email Address."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class EmailAddress(TextFilter):
    """People by their e-mail address."""

    kind = "email_address"
    label = _("Email Address")
    group = _("Person")
    field = "email"
    suggests = False
