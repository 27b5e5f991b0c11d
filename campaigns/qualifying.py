"""The qualification rule: how often one person may enter a campaign by its trigger."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Campaign, Entry

Enters = Campaign.Enters
_UNITS = {
    Enters.HOURS: timedelta(hours=1),
    Enters.DAYS: timedelta(days=1),
    Enters.WEEKS: timedelta(weeks=1),
}


def barred(campaign: Campaign, people: Collection[int], *, now: datetime) -> set[int]:
    """Those of these people (ids) who entered too lately to enter now: one statement, or none.

    Every run of the campaign counts, a batch run too; a retry is no entering. A day is 24 hours, a month goes
    back to the same day, or to the last one of a shorter month.
    """
    if campaign.enters == Enters.ALWAYS:
        return set()
    before = Entry.objects.filter(person__among=people, run__campaign=campaign, run__retry_of=None)
    if campaign.enters != Enters.ONCE:
        before = before.filter(entered_at__gt=_since(campaign, now))
    return set(before.values_list("person", flat=True))


def _since(campaign: Campaign, now: datetime) -> datetime:
    if campaign.enters == Enters.MONTHS:
        return _months_before(now.astimezone(UTC), campaign.every_count)
    return now - campaign.every_count * _UNITS[Enters(campaign.enters)]


def _months_before(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last))


def words(campaign: Campaign) -> str:
    """The rule in a sentence."""
    count = campaign.every_count
    match campaign.enters:
        case Enters.ONCE:
            return _("Each person enters only the first time.")
        case Enters.ALWAYS:
            return _("Each person enters every time.")
        case Enters.HOURS:
            said = ngettext("once every hour", "once every %d hours", count)
        case Enters.DAYS:
            said = ngettext("once every day", "once every %d days", count)
        case Enters.WEEKS:
            said = ngettext("once every week", "once every %d weeks", count)
        case _other:
            said = ngettext("once every month", "once every %d months", count)
    return _("Each person enters %s.") % (said % count if "%d" in said else said)
