"""Full Name."""

from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Concat, Trim
from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class FullName(TextFilter):
    """People by first and last name together, as in Ana Diaz."""

    kind = "full_name"
    label = _("Full Name")
    group = _("Person")
    suggests = False

    def column(self) -> Any:
        return Trim(Concat(F("first_name"), Value(" "), F("last_name")))

    def asks(self, params: Any) -> frozenset[str]:
        return frozenset({"first_name", "last_name"})
