"""What the pages of a run say: spans of time, and figures that lead to the people behind them."""

from datetime import timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Run

register = template.Library()


@register.filter
def span(value: timedelta) -> str:
    """A span as one says it: in seconds up to two minutes, in minutes up to two hours, then hours."""
    seconds = value.total_seconds()
    if seconds < 1:
        return _("a second")
    if seconds < 120:
        return ngettext("%d second", "%d seconds", round(seconds)) % round(seconds)
    if seconds < 7_200:
        minutes = round(seconds / 60)
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    hours = round(seconds / 3_600)
    return ngettext("%d hour", "%d hours", hours) % hours


@register.inclusion_tag("campaigns/results/_people_link.html")
def people_link(run: Run, words: str, count: int | None = None, **which: Any) -> dict[str, Any]:
    """A figure of a run that leads to its people: `step`, `state`, `reason`, `delivery` say whom."""
    query = urlencode({"run": run.pk, **{name: value for name, value in which.items() if value}})
    return {
        "words": words,
        "count": count,
        "name": "-".join(["show", *(str(value) for value in which.values() if value)]),
        "url": f"{reverse('campaigns:results', args=[run.campaign_id])}?{query}",
        "partial": f"{reverse('campaigns:results-people', args=[run.pk])}?{query}",
    }
