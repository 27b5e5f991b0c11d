"""Website."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class Website(TextFilter):
    """People by the website of their company."""

    kind = "website"
    label = _("Website")
    group = _("Company")
    field = "website"
    suggests = False
