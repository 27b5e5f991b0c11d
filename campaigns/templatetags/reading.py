"""What the pages of a run say: times and spans of time, and figures that lead to the people behind them."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import local_time, moving, standing
from campaigns.models import Intervention, Run, Slot

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


@register.filter
def when(slot: Slot) -> str:
    """The time of a slot, in the zone it was planned in."""
    return local_time.words(slot.scheduled_for, slot.zone)


@register.filter
def when_here(slot: Slot) -> str:
    """The same on the reader's own clock; '' where that shows the same."""
    zone = timezone.get_current_timezone_name()
    same = slot.scheduled_for.astimezone(ZoneInfo(zone)).utcoffset()
    if same == slot.scheduled_for.astimezone(ZoneInfo(slot.zone)).utcoffset():
        return ""
    return local_time.words(slot.scheduled_for, zone)


@register.filter
def clock_note(slot: Slot) -> str:
    """What the clocks did to the time that was asked for; '' on all other days."""
    return local_time.note(slot.asked_for, slot.zone)


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


@register.simple_tag
def standing_words(line: Intervention) -> str:
    """How things stood when somebody acted, as it was said then; a retry's figures are the new run's, and of a
    move it is said who went where."""
    if line.deed == Intervention.Deed.MOVE:
        return moving.sentence(line.figures)
    return "" if line.deed == Intervention.Deed.RETRY else standing.sentence(line.figures)
