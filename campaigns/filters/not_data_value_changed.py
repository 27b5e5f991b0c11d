"""NOT Data Value Changed."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import BY, FIELD, NEW, PREVIOUS, ChangeForm
from campaigns.registry import filters
from people.activity import CHANGE_DATA_VALUE


@filters.register
class NotDataValueChanged(Inactivity):
    """People whose field was not changed in this way."""

    kind = "not_data_value_changed"
    label = _("NOT Data Value Changed")
    group = _("NOT")
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
