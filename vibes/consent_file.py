"""The evidence for one person: every row of the consent ledger of the numbers they hold or held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from people.activity import CHANGE_DATA_VALUE
from people.models import Activity, Person
from vibes import consent
from vibes.models import ConsentEntry, Number, Subscription

STATES = {
    **{value: str(label) for value, label in Subscription.State.choices},
    **{value: str(label) for value, label in Number.Line.choices if value},
    consent.USABLE: "Usable again",
}


@dataclass(frozen=True)
class Told:
    """A row in words: who, how, when, and in which words, as far as known."""

    entry: ConsentEntry

    @property
    def at(self) -> datetime:
        """When it was so, by Vibes' clock where it told us."""
        return self.entry.told_at or self.entry.recorded_at

    @property
    def about(self) -> str:
        return self.entry.list_name or _("The number itself")

    @property
    def was(self) -> str:
        return STATES.get(self.entry.was, self.entry.was)

    @property
    def became(self) -> str:
        return STATES.get(self.entry.became, self.entry.became)

    @property
    def who(self) -> str:
        return str(ConsentEntry.Actor(self.entry.actor).label)

    @property
    def how(self) -> str:
        return consent.HOW.get(self.entry.source, self.entry.source)

    @property
    def why(self) -> str:
        return consent.WHY.get(self.entry.reason, self.entry.reason)


def of(person: Person) -> QuerySet[ConsentEntry]:
    """All rows of the number they hold now; of a former one, those of the time they held it.

    Somebody else may hold a former number today: their consent is nobody else's business.
    """
    wanted = Q(mobile=person.mobile) if person.mobile else Q(pk=None)
    for mobile, since, until in _formerly(person):
        held = Q(mobile=mobile, recorded_at__lt=until)
        wanted |= held & Q(recorded_at__gte=since) if since else held
    return ConsentEntry.objects.filter(wanted)


def _formerly(person: Person) -> Iterator[tuple[str, datetime | None, datetime]]:
    """Numbers they gave up: each, since when if known, and until when, as their history tells."""
    lines = Activity.objects.filter(person=person, kind=CHANGE_DATA_VALUE.word)
    since: datetime | None = None
    for line in lines.order_by("happened_at", "pk").iterator():
        pair = line.details.get("changes", {}).get("mobile")
        if not isinstance(pair, list):
            continue
        if str(pair[0]).startswith("+"):
            yield str(pair[0]), since, line.happened_at
        since = line.happened_at


def rows(person: Person) -> Iterator[list[str]]:
    """The head and every row, oldest first, as the cells of a table. Times are ISO 8601 with zone."""
    yield [
        _("Recorded at"),
        _("So since, by Vibes' clock"),
        _("Mobile Phone Number"),
        _("About"),
        _("Before"),
        _("After"),
        _("By whom"),
        _("How we know"),
        _("Reason"),
        _("Acquisition campaign"),
        _("Wording of the question"),
        _("Vibes' key of the person"),
        _("Callback"),
        _("Smart campaign"),
        _("Run"),
        _("Flow step"),
    ]
    for entry in of(person).order_by("pk").iterator():
        yield _cells(Told(entry))


def _cells(told: Told) -> list[str]:
    entry = told.entry
    ids = (entry.callback_id, entry.campaign_id, entry.run_id, entry.step_id)
    return [
        entry.recorded_at.isoformat(),
        entry.told_at.isoformat() if entry.told_at else "",
        entry.mobile,
        told.about,
        told.was,
        told.became,
        told.who,
        told.how,
        told.why,
        entry.acquisition_campaign,
        entry.wording,
        entry.person_key,
        *(str(each) if each else "" for each in ids),
    ]
