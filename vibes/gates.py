"""*May we text?*: each gate in the order in which it is asked, with what it found, who set that, and when.

It shows what `gate` decides and decides nothing: the answer for a list is always that of
`gate.explain`, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max
from django.utils.translation import gettext as _

from people import fields, mobile, value_history
from people.models import Person
from vibes import consent, consent_file, gate
from vibes.gate import Check, House, Reason
from vibes.models import ConsentEntry, Number, Subscription

NAMES = (
    "deleted_at",
    "block_listed",
    "marketing_suspended",
    "unsubscribed",
    "mobile_typed",
    "mobile",
)


class Source(NamedTuple):
    """Who brought it about, and when; empty where nobody is known."""

    who: str = ""
    at: datetime | None = None


NOBODY = Source()


@dataclass(frozen=True)
class Gate:
    """One question: what it asks, what was found, the reason it gives (empty: it lets pass), and whose
    doing it is. `note` adds what one has to know besides."""

    title: str
    value: str
    reason: str = ""
    source: Source = NOBODY
    note: str = ""


@dataclass(frozen=True)
class OfList:
    """A Vibes list: the gate of its membership, and the answer of all gates together."""

    check: Check
    membership: Gate
    subscription: Subscription | None


@dataclass(frozen=True)
class Found:
    """The gates that are the same for every list, and the lists."""

    personal: list[Gate]
    lists: list[OfList]


def of(person: Person, *, now: datetime) -> Found:
    """All of them, in as many queries for a hundred lists as for one."""
    sources = _sources(person)
    personal = [*_of_person(person, sources, gate.house()), _of_line(person)]
    return Found(personal, _of_lists(person, now))


# --- The person and the number --------------------------------------------------------------------


def _sources(person: Person) -> dict[str, Source]:
    found = value_history.latest(person, NAMES)
    return {name: Source(each.by, each.at) for name, each in found.items()}


def _of_person(person: Person, sources: Mapping[str, Source], by: House) -> list[Gate]:
    def source(*names: str) -> Source:
        known = [sources[name] for name in names if name in sources]
        return max(known, key=lambda each: each.at, default=NOBODY)  # type: ignore[arg-type,return-value]

    return [
        _yes_or_no(
            _("Deleted"), bool(person.deleted_at), Reason.PERSON_DELETED, source("deleted_at")
        ),
        _flag(person, "block_listed", Reason.BLOCK_LISTED, source("block_listed")),
        _flag(
            person, "marketing_suspended", Reason.MARKETING_SUSPENDED, source("marketing_suspended")
        ),
        _email_opt_out(person, source("unsubscribed"), stops=by.email_opt_out_stops_sms),
        *_of_number(person, source("mobile_typed", "mobile"), by),
    ]


def _yes_or_no(title: str, is_so: bool, reason: str, source: Source, note: str = "") -> Gate:
    return Gate(title, _("yes") if is_so else _("no"), reason if is_so else "", source, note)


def _flag(person: Person, name: str, reason: str, source: Source) -> Gate:
    is_on = getattr(person, name)
    why = getattr(person, f"{name}_reason") if is_on else ""
    return _yes_or_no(fields.label(name), is_on, reason, source, why)


def _email_opt_out(person: Person, source: Source, *, stops: bool) -> Gate:
    note = "" if stops else _("Does not stop texts here.")
    reason = Reason.EMAIL_OPT_OUT if stops else ""
    return _yes_or_no(fields.label("unsubscribed"), person.unsubscribed, reason, source, note)


def _of_number(person: Person, source: Source, by: House) -> list[Gate]:
    typed, number = person.mobile_typed, mobile.national(person.mobile)
    has = Gate(
        _("Has a mobile number"),
        number or typed or _("none"),
        "" if number or typed else Reason.NO_MOBILE,
        source,
    )
    if not (number or typed):
        return [has]
    value = _("yes") if number else _("“%(typed)s” is no number") % {"typed": typed}
    valid = Gate(_("The number is valid"), value, "" if number else Reason.NUMBER_NOT_VALID, source)
    return [has, valid, _country(person, by)] if number else [has, valid]


def _country(person: Person, by: House) -> Gate:
    allowed = _("Texted here: %(countries)s.") % {"countries": ", ".join(by.countries)}
    reason = "" if person.mobile_region in by.countries else Reason.COUNTRY_NOT_ALLOWED
    return Gate(_("Country of the number"), person.mobile_region or "—", reason, note=allowed)


def _of_line(person: Person) -> Gate:
    number = Number.objects.filter(mobile=person.mobile).first() if person.mobile else None
    line = number.line if number else ""
    told = ConsentEntry.objects.filter(mobile=person.mobile, vibes_list_id=None)
    entry = told.order_by("-pk").first() if number else None
    value = Number.Line(line).label if line else _("nothing against it is known")
    return Gate(
        _("Kind of number"),
        str(value),
        gate.LINE_REASONS.get(Number.Line(line), ""),
        _source(entry),
    )


# --- The lists ------------------------------------------------------------------------------------


def _of_lists(person: Person, now: datetime) -> list[OfList]:
    kept = Subscription.objects.filter(mobile=person.mobile) if person.mobile else ()
    by_list = {each.vibes_list_id: each for each in kept}
    entries = _newest_entries(person)
    return [
        OfList(check, _membership(check, by_list, entries), by_list.get(check.vibes_list.pk))
        for check in gate.explain(person, now=now)
    ]


def _newest_entries(person: Person) -> dict[int | None, ConsentEntry]:
    """The newest row of the ledger for each list of the number they hold: one query."""
    if not person.mobile:
        return {}
    mine = ConsentEntry.objects.filter(mobile=person.mobile)
    newest = mine.values("vibes_list_id").annotate(newest=Max("pk")).values("newest")
    return {each.vibes_list_id: each for each in ConsentEntry.objects.filter(pk__in=newest)}


def _membership(
    check: Check,
    by_list: Mapping[int, Subscription],
    entries: Mapping[int | None, ConsentEntry],
) -> Gate:
    kept = by_list.get(check.vibes_list.pk)
    title = _("Member of the list")
    if kept is None:
        return Gate(title, _("Vibes has not been asked"), Reason.MEMBERSHIP_UNKNOWN)
    source = _source(entries.get(check.vibes_list.pk))
    source = (
        source if source.at else Source(consent.HOW.get(kept.source, kept.source), kept.changed_at)
    )
    return Gate(
        title,
        kept.get_state_display(),
        gate.MEMBERSHIP_REASONS.get(Subscription.State(kept.state), ""),
        source,
    )


def _source(entry: ConsentEntry | None) -> Source:
    """Who and how, as the ledger has it."""
    if entry is None:
        return NOBODY
    told = consent_file.Told(entry)
    return Source(" · ".join(filter(None, [told.who, told.how, told.why])), told.at)
