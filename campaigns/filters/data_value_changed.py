"""Data Value Changed."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import BY, FIELD, NEW, PREVIOUS, ChangeForm
from campaigns.registry import filters
from people.activity import CHANGE_DATA_VALUE


@filters.register
class DataValueChanged(ActivityFilter):
    """People one of whose fields was changed, by what stood there before and after."""

    kind = "data_value_changed"
    label = _("Data Value Changed")
    group = _("Activity")
    word = CHANGE_DATA_VALUE.word
    constraints = (
        FIELD,
        PREVIOUS,
        NEW,
        BY,
    )
    needs_vibes = False

    @classmethod
    def mixed_in(cls) -> tuple[type[ChangeForm], ...]:
        return (ChangeForm,)
