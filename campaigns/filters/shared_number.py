"""Shared Number."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.operators import BooleanFilter
from campaigns.operators.boolean import BooleanParams
from campaigns.registry import filters
from people.models import Person


@filters.register
class SharedNumber(BooleanFilter):
    """People whose mobile number somebody else has too. A step texts one of them only."""

    kind = "shared_number"
    label = _("Shared Number")
    group = _("Special")

    def q(self, params: BooleanParams, *, now: datetime) -> Q:
        others = Person.objects.present().exclude(pk=OuterRef("pk"))
        # Whoever has no number is not looked up: all the others without one would be read for each.
        shared = ~Q(mobile="") & Q(Exists(others.filter(mobile=OuterRef("mobile"))))
        return shared if params.value == "true" else ~shared
