"""The results of a run as something to export: everybody at every step, with verdict, reason and text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import results, sources
from campaigns.models import Run, Verdict
from campaigns.results import Line, Which
from people import exporting
from people.exporting import NothingThere, Params, Source
from people.models import Person

PERSON = ("first_name", "last_name", "email", "mobile")
COLUMNS: dict[str, str | Promise] = {
    "person": gettext_lazy("Person"),
    **{name: Person._meta.get_field(name).verbose_name for name in PERSON},  # type: ignore[union-attr]
    "step": gettext_lazy("Step"),
    "verdict": gettext_lazy("Verdict"),
    "why": gettext_lazy("Why"),
    "text": gettext_lazy("Text"),
    "parts": gettext_lazy("Parts"),
    "delivery": gettext_lazy("Delivery"),
    "at": gettext_lazy("At"),
}


def cells(line: Line) -> dict[str, str]:
    """What the file says of one person at one step, by column."""
    verdict, row = line.verdict, line.row
    return {
        "person": str(verdict.person_id),
        **{name: str(getattr(verdict.person, name)) for name in PERSON},
        "step": f"{line.number}. {line.step}",
        "verdict": str(verdict.get_state_display()),
        "why": line.why,
        "text": row.text if row else "",
        "parts": str(row.parts) if row and row.text else "",
        "delivery": str(row.get_state_display()) if row else "",
        "at": verdict.at.isoformat(timespec="seconds"),
    }


def _run(params: Params) -> Run:
    runs = Run.objects.select_related("version", "campaign__node")
    found = runs.filter(pk=exporting.key(params, "run")).first()
    if found is None:
        raise NothingThere(_("The run was deleted."))
    return found


def _title(params: Params) -> str:
    run = _run(params)
    words = _("Results of “%(campaign)s”, run %(run)d")
    return words % {"campaign": run.campaign, "run": run.pk}


def _rows(params: Params, now: datetime) -> QuerySet[Verdict]:
    step = exporting.key(params, "step") or None
    state, reason, delivery = (str(params.get(n, "")) for n in ("state", "reason", "delivery"))
    return results.verdicts(_run(params), Which(step, state, reason, delivery))


def _columns(params: Params) -> Mapping[str, str | Promise]:
    return COLUMNS


def _cells(rows: Sequence[Verdict], names: Sequence[str], params: Params) -> Iterable[list[str]]:
    for line in results.lines(_run(params), rows):
        found = cells(line)
        yield [found[name] for name in names]


RESULTS = exporting.sources.register(Source("run_results", _title, _rows, _columns, _cells))


# --- The people of any list -----------------------------------------------------------------------


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except sources.NoSuchPeople as refused:
        raise NothingThere(str(refused)) from refused


def _all_of(params: Params) -> sources.Chosen:
    """The list as it was when the job began, or as it stands now where none has begun."""
    if isinstance(pinned := params.get("chosen"), dict):  # not from an address: there all is text
        return sources.from_json(pinned)
    with _in_words():
        return sources.all_of(str(params.get("of", "")))


def _pin(params: Params) -> Params:
    """A smart list that is edited meanwhile must not make a file of two audiences."""
    return {"chosen": _all_of(params).as_json()}


def _those(params: Params, now: datetime) -> QuerySet[Person]:
    with _in_words():
        return _all_of(params).people(now=now)


PEOPLE = exporting.sources.register(
    exporting.of_people(
        "all_of",
        lambda params: capfirst(_all_of(params).words),
        _those,
        pin=_pin,
        name=lambda params: capfirst(sources.written_down(_all_of(params))),
    )
)
"""Everybody of a list, as pages name it: `{"of": "smart_list:5"}` (`campaigns.sources`)."""
