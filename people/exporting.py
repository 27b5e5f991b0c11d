"""Export: any set of people, or of what became of them, as a CSV file that is kept for a day.

What can be exported is a `Source` in the registry, by its word; whoever is above people registers
theirs (`sources.register`). The rows of a source are read by rising primary key, some thousands at a
time, each time in a transaction that moves `ExportJob.position` on by a conditional UPDATE: a second
worker walks away, and after a crash the next goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people import fields, spreadsheet, trouble
from people.field_types import TYPES
from people.models import ExportDownload, ExportJob, ExportPiece, Person, StaticList

State = ExportJob.State
SLICE = 2_000
SLICES_A_TURN = 20
KEPT = timedelta(hours=24)
Params = Mapping[str, Any]
Labels = Mapping[str, str | Promise]


class NothingThere(LookupError):
    """What was to be exported is not there (any more); the message says what."""


@dataclass(frozen=True)
class Source:
    """What can be exported. `params` are plain values that find it: `{"list": 3}`.

    `title(params)` says in words what it is, `rows(params, now)` finds its rows; both raise
    NothingThere. `columns(params)` says what may be chosen of it, `cells` turns some rows into the
    texts of the chosen columns, in a fixed number of statements. `usual` are chosen at first; none: all.
    `pin(params)` is what a job keeps of them, so that each of its slices asks the same question. `name`
    is the title that is written down, where `title` holds what somebody searched for.
    """

    word: str
    title: Callable[[Params], str]
    rows: Callable[[Params, datetime], QuerySet[Any]]
    columns: Callable[[Params], Labels]
    cells: Callable[[Sequence[Any], Sequence[str], Params], Iterable[list[str]]]
    usual: tuple[str, ...] = ()
    pin: Callable[[Params], Params] = dict
    name: Callable[[Params], str] | None = None


class _Sources:
    """Every source there is, by word."""

    def __init__(self) -> None:
        self._known: dict[str, Source] = {}

    def register(self, source: Source) -> Source:
        """Make it known. Raises ValueError when another has its word."""
        if self._known.setdefault(source.word, source) != source:
            raise ValueError(f"Two sources of exports are called {source.word}.")
        return source

    def get(self, word: str) -> Source:
        """Raises NothingThere."""
        if word not in self._known:
            raise NothingThere(_("There is nothing of this kind to export."))
        return self._known[word]


sources = _Sources()


def of_people(
    word: str,
    title: Callable[[Params], str],
    rows: Callable[[Params, datetime], QuerySet[Person]],
    *,
    pin: Callable[[Params], Params] = dict,
    name: Callable[[Params], str] | None = None,
) -> Source:
    """A source whose rows are people; every field may be chosen."""
    usual = ("first_name", "last_name", "email", "mobile", "city", "state", "country", "company")
    return Source(
        word, title, rows, lambda _params: person_columns(), person_cells, usual, pin, name
    )


# --- A job ----------------------------------------------------------------------------------------


def begin(
    source: Source, params: Params, *, columns: Sequence[str], user: User | None, now: datetime
) -> ExportJob:
    """Ask for a file. Raises NothingThere; ValueError for a column the source does not have."""
    known = source.columns(params)
    if not columns or not set(columns) <= known.keys():
        raise ValueError("Choose columns that the source has.")
    return ExportJob.objects.create(
        source=source.word,
        params=dict(source.pin(params)),
        title=(source.name or source.title)(params)[:255],
        columns=list(columns),
        created_by=user,
        created_at=now,
    )


def cancel(job: ExportJob, *, now: datetime) -> bool:
    """Stop it and throw away what was written; False when it had ended."""
    going = ExportJob.objects.filter(pk=job.pk, state__in=[State.WAITING, State.RUNNING])
    with transaction.atomic():
        if not going.update(state=State.CANCELLED, finished_at=now, params={}):
            return False
        ExportPiece.objects.filter(job=job).delete()
    return True


def write_slices(job_id: int, *, now: datetime, slices: int = SLICES_A_TURN) -> bool:
    """Write the next rows of a job; True when there are more."""
    for _slice in range(slices):
        open_jobs = ExportJob.objects.filter(state__in=[State.WAITING, State.RUNNING])
        job = open_jobs.filter(pk=job_id).first()
        if job is None or not trouble.guarded(
            partial(write_slice, job, now=now),
            stop=partial(_stop, job, now=now),
            job=f"export {job_id}",
            plain=(NothingThere,),
        ):
            return False
    return True


def write_slice(job: ExportJob, *, now: datetime) -> bool:
    """Write the rows after `job.position`; False when it is over, or somebody else did meanwhile."""
    try:
        source = sources.get(job.source)
        found = source.rows(job.params, job.created_at)  # “in past 3 weeks” of one moment only
        labels = source.columns(job.params)
    except NothingThere as error:
        _give_up(job, str(error), now=now)
        return False
    total = found.count() if job.state == State.WAITING else job.total
    rows = list(found.filter(pk__gt=job.position).order_by("pk")[:SLICE])
    text = ""
    if not job.size:
        job.columns = [name for name in job.columns if name in labels]
        text = spreadsheet.head(str(labels[name]) for name in job.columns)
    text += "".join(spreadsheet.body(_cells(job, source, rows, labels)))
    return _keep(job, rows, text.encode(), total=total, now=now)


def _stop(job: ExportJob, why: str, *, now: datetime) -> bool:
    """It cannot go on by itself; what was written is kept. False where somebody else came further."""
    here = ExportJob.objects.filter(pk=job.pk, state=job.state, position=job.position)
    return here.update(state=State.FAILED, error=why, finished_at=now) == 1


def _give_up(job: ExportJob, why: str, *, now: datetime) -> None:
    """What it is of is not there any more: nothing of the file is left, nor of where it stood."""
    with transaction.atomic():
        if _stop(job, why, now=now):
            ExportJob.objects.filter(pk=job.pk).update(position=0, rows=0, size=0, total=None)
            ExportPiece.objects.filter(job=job).delete()


def retry(job: ExportJob) -> bool:
    """Let a stopped job go on from where it stopped."""
    stopped = ExportJob.objects.filter(pk=job.pk, state=State.FAILED)
    state = State.WAITING if job.total is None else State.RUNNING
    return stopped.update(state=state, error="", finished_at=None) == 1


def _cells(
    job: ExportJob, source: Source, rows: Sequence[Any], labels: Mapping[str, Any]
) -> Iterable[Sequence[Any]]:
    """The cells of each row under the headings that stand in the file: empty under what was deleted since."""
    there = [name for name in job.columns if name in labels]
    for cells in source.cells(rows, there, job.params):
        found = dict(zip(there, cells, strict=True))
        yield [found.get(name, "") for name in job.columns]


def _keep(
    job: ExportJob, rows: Sequence[Model], content: bytes, *, total: int | None, now: datetime
) -> bool:
    is_over = len(rows) < SLICE
    here = ExportJob.objects.filter(pk=job.pk, state=job.state, position=job.position)
    with transaction.atomic():
        moved = here.update(
            state=State.DONE if is_over else State.RUNNING,
            position=rows[-1].pk if rows else job.position,
            columns=job.columns,
            rows=F("rows") + len(rows),
            size=F("size") + len(content),
            total=total,
            finished_at=now if is_over else None,
            params={} if is_over else job.params,  # it may hold the name that somebody searched for
        )
        if moved and content:
            number = job.pieces.count()
            ExportPiece.objects.create(job=job, number=number, content=content)
    return moved == 1 and not is_over


def content(job: ExportJob) -> Iterable[bytes]:
    """The file, piece by piece."""
    pieces = ExportPiece.objects.filter(job=job).order_by("number")
    for number in pieces.values_list("number", flat=True):
        yield bytes(pieces.values_list("content", flat=True).get(number=number))


def took(job: ExportJob, *, by: User, now: datetime) -> None:
    """Write down that somebody took the file with them."""
    ExportDownload.objects.create(job=job, by=by, at=now)


def unfinished() -> list[int]:
    open_jobs = ExportJob.objects.filter(state__in=[State.WAITING, State.RUNNING])
    return list(open_jobs.order_by("pk").values_list("pk", flat=True))


def forget_old(now: datetime) -> int:
    """After a day the file goes, also the half of one that stopped; who exported what stays written down."""
    ended = [State.DONE, State.FAILED]
    old = ExportJob.objects.filter(state__in=ended, finished_at__lt=now - KEPT)
    ids = list(old.values_list("pk", flat=True)[:20])
    with transaction.atomic():
        # First the state: whoever tries again comes before this, or not at all.
        gone = old.filter(pk__in=ids).update(state=State.GONE, params={})
        ExportPiece.objects.filter(job__in=ids, job__state=State.GONE).delete()
    return gone


def let_go(*, until: datetime, source: str = "") -> None:
    """Throw away the files of exports that were asked for until then (of one source, or of all): somebody in
    them was erased. One that is being written stops, and may be begun again.
    """
    jobs = ExportJob.objects.filter(created_at__lte=until)
    jobs = jobs.filter(source=source) if source else jobs
    anew = {"position": 0, "rows": 0, "size": 0, "total": None, "finished_at": until}
    why = _("Somebody who may be in it was erased meanwhile. Try again.")
    going = jobs.filter(state__in=[State.WAITING, State.RUNNING, State.FAILED])
    ids = list(going.values_list("pk", flat=True)) + list(
        jobs.filter(state=State.DONE).values_list("pk", flat=True)
    )
    going.update(state=State.FAILED, error=why, **anew)
    jobs.filter(state=State.DONE).update(state=State.GONE, params={})
    ExportPiece.objects.filter(job__in=ids).delete()


# --- People ---------------------------------------------------------------------------------------

_NUMBER: dict[str, str | Promise] = {
    "mobile": gettext_lazy("Mobile Phone Number"),
    "mobile_region": gettext_lazy("Country of the number"),
    "mobile_typed": gettext_lazy("Mobile Phone Number as typed"),
}
_MOMENTS: dict[str, str | Promise] = {
    "created_at": gettext_lazy("Created At"),
    "updated_at": gettext_lazy("Updated At"),
}


def person_columns() -> Labels:
    """Everything known of a person: the number as it is texted, and as it was typed besides."""
    labels: dict[str, str | Promise] = {"id": gettext_lazy("Id")}
    for name, field in fields.everything().items():
        labels |= _NUMBER if name == "mobile_typed" else {name: field.label}
    return labels | _MOMENTS


def person_cells(
    people: Sequence[Person], names: Sequence[str], params: Params
) -> Iterable[list[str]]:
    """The values of people as one would type them: what an import reads back."""
    known, moment = fields.everything(), TYPES["datetime"]
    for person in people:
        yield [
            known[name].type.typed(known[name].value(person))
            if name in known
            else moment.typed(getattr(person, name))
            for name in names
        ]


def key(params: Params, name: str) -> int:
    """The primary key that the parameters name; 0 where they name none."""
    text = str(params.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _list(params: Params) -> StaticList:
    found = StaticList.objects.filter(pk=key(params, "list")).first()
    if found is None:
        raise NothingThere(_("The static list was deleted."))
    return found


def _everybody(params: Params) -> str:
    words = str(params.get("q", "")).strip()
    return _("People found by “%(words)s”") % {"words": words} if words else _("All people")


def _name(params: Params) -> str:
    return _("People found by a search") if str(params.get("q", "")).strip() else _("All people")


def _search(params: Params, now: datetime) -> QuerySet[Person]:
    words = str(params.get("q", "")).strip()
    return Person.objects.present().search(words) if words else Person.objects.present()


sources.register(
    of_people(
        "static_list",
        lambda params: _("Static list “%(name)s”") % {"name": _list(params).name},
        lambda params, now: Person.objects.present().filter(static_lists=_list(params)),
    )
)
sources.register(of_people("people", _everybody, _search, name=_name))
