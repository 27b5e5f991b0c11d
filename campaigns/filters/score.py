"""Score."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import NumberFilter
from campaigns.registry import filters


@filters.register
class Score(NumberFilter):
    """People by score. A score of 0 is a score: it is not empty."""

    kind = "score"
    label = _("Score")
    group = _("Person")
    field = "score"
    type = "score"
