"""Score."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import NumberFilter
from campaigns.registry import filters


@filters.register
class Score(NumberFilter):
    """People by score."""

    kind = "score"
    label = _("Score")
    group = _("Person")
    field = "score"
