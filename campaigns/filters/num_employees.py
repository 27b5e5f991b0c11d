"""Num Employees."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import NumberFilter
from campaigns.registry import filters


@filters.register
class NumEmployees(NumberFilter):
    """People by how many work at their company."""

    kind = "num_employees"
    label = _("Num Employees")
    group = _("Company")
    field = "employees"
