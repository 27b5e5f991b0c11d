"""Imports: upload a file, say which column is what, see what it would do, start it, undo it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import (
    checking,
    csv_file,
    defining,
    fields,
    groups,
    importing,
    paging,
    receiving,
    spreadsheet,
    tasks,
    tracing,
    undoing,
    uploads,
)
from people.columns import Reading
from people.field_types import TYPES
from people.fields import label
from people.forms import MappingForm, NewFieldForm, ReadingForm, UploadForm
from people.models import ImportJob, ImportReject
from people.rights import DEFINE, IMPORT, LIFT, SEE_ALL, lacks

from . import rights
from .rights import refuse_unless_may, who_may

State = ImportJob.State
BUSY = [State.UPLOADING, *importing.WORKING]


@who_may(IMPORT)
@csrf_exempt  # the limit must be set before the form is read for its token, which _index does
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All imports, newest first, and the form for another one."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > uploads.WAY_TOO_MUCH:
        return HttpResponse(_("The file is larger than 100 MB."), status=413)
    request.upload_handlers.insert(0, uploads.Limit(request, most=csv_file.MAX_BYTES))
    return _index(request)


@csrf_protect
def _index(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        job = _upload(request, form)
        if job:
            return redirect("people:import", job.pk)
    jobs = paging.page(
        ImportJob.objects.select_related("created_by"),
        before=paging.number(request.GET.get("before", "")),
        after=paging.number(request.GET.get("after", "")),
        size=20,
    )
    context = {"form": form, "page": jobs, "sees_all": rights.may_see_all(request)}
    status = 422 if form.errors else 200
    return render(request, "people/imports.html", context, status=status)


def _upload(request: HttpRequest, form: UploadForm) -> ImportJob | None:
    limit = request.upload_handlers[0]
    if isinstance(limit, uploads.Limit) and limit.is_over:
        form.errors.clear()
        form.add_error("file", _("The file is larger than 100 MB. Split it and import the parts."))
    if not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    try:
        return receiving.upload(file.name, file, user=_user(request), now=timezone.now())
    except csv_file.NotTaken as error:
        form.add_error("file", str(error))
        return None


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


@who_may(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file needs next: a mapping, patience, a decision. A POST has it looked through."""
    job = _job(request, pk)
    if job.state != State.MAPPING:
        return render(request, "people/import.html", _progress(request, job))
    form = MappingForm(job, request.POST or None)
    if request.method == "POST":
        _keep(job, form)
        _refuse_lifting(request, form)
        if form.is_valid() and checking.begin(job):
            _ring(pk)
            return redirect("people:import", pk)
    return _mapping(request, job, form)


@who_may(IMPORT)
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The first rows as the dropdowns now say they would be taken; the choices are kept."""
    job = _job(request, pk, state=State.MAPPING)
    form = MappingForm(job, request.POST)
    form.is_valid()
    _keep(job, form)
    return render(request, "people/_import_preview.html", _mapped(job, form))


@who_may(IMPORT)
@require_POST
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file in another encoding or with another delimiter."""
    job = _job(request, pk, state=State.MAPPING)
    form = ReadingForm(job, request.POST)
    if form.is_valid():
        try:
            receiving.read_again(job, **form.cleaned_data)
        except csv_file.NotTaken as error:
            form.add_error(None, str(error))
    if form.errors:
        job.refresh_from_db()
        return _mapping(request, job, MappingForm(job), reading=form, status=422)
    return redirect("people:import", pk)


@who_may(IMPORT)
@require_POST
def new_field(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a custom field for a column, and map the column to it. What else was chosen stays."""
    job = _job(request, pk, state=State.MAPPING)
    refuse_unless_may(request, DEFINE)
    form, mapping = NewFieldForm(job, request.POST), MappingForm(job, request.POST)
    _keep(job, mapping)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            made = defining.define(
                asked["label"], asked["kind"], by=_user(request), now=timezone.now()
            )
        except defining.Refused as error:
            form.add_error("label", str(error))
        else:
            chosen = job.mapping | {asked["column"]: fields.of_custom(made).name}
            receiving.choose(job, mapping=chosen, options={}, static_list=job.static_list)
            return redirect("people:import", pk)
    return _mapping(request, job, mapping, new_field=form, status=422)


@who_may(IMPORT)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the rows, now that everybody saw what that does."""
    job = _job(request, pk)
    if importing.start(job, now=timezone.now()):
        _ring(pk)
    return redirect("people:import", pk)


@who_may(IMPORT)
@require_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """To the mapping again."""
    checking.back(_job(request, pk))
    return redirect("people:import", pk)


@who_may(IMPORT)
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the import is; a finished one brings its rejects along."""
    job = _job(request, pk)
    return render(request, "people/_import_progress.html", _progress(request, job))


@who_may(IMPORT)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if importing.cancel(job, now=timezone.now()):
        messages.success(request, _("Cancelled. What was taken already stays."))
    return redirect("people:import", pk)


@who_may(IMPORT)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    if importing.retry(_job(request, pk)):
        _ring(pk)
    return redirect("people:import", pk)


@who_may(IMPORT)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo what the import did, where nothing else happened since."""
    job = _job(request, pk)
    if undoing.begin(job, now=timezone.now()):
        _ring(pk)
    else:
        messages.error(request, _("This import cannot be undone any more."))
    return redirect("people:import", pk)


@who_may(IMPORT)
@require_safe
def rejects(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rejected rows as they stood in the file, with their reasons, to mend and import again."""
    job = _job(request, pk)
    rows = _with_reasons(job, job.rejects.order_by("number"))
    response = StreamingHttpResponse(
        spreadsheet.lines(rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="rejected-rows-{job.pk}.csv"'
    return response


def _refuse_lifting(request: HttpRequest, form: MappingForm) -> None:
    """A “no” in a column of a restriction lifts it; that takes the right to lift one by hand."""
    if set(groups.FLAGS) & set(form.mapping().values()) and not request.user.has_perm(LIFT):
        form.full_clean()
        form.add_error(None, lacks(LIFT))


def _job(request: HttpRequest, pk: int, **more: str) -> ImportJob:
    """The import, of whoever began it. Raises PermissionDenied for all others who may not see all."""
    job = get_object_or_404(ImportJob, pk=pk, **more)
    if not rights.is_mine(request, job):
        refuse_unless_may(request, SEE_ALL)
    return job


def _with_reasons(job: ImportJob, rejected: QuerySet[ImportReject]) -> Iterator[list[str]]:
    yield [*job.columns, _("Row"), _("Reason")]
    for reject in rejected.iterator(chunk_size=1_000):
        cells = [*reject.cells, *[""] * len(job.columns)][: len(job.columns)]
        yield [*cells, str(reject.number), reject.reason]


def _ring(pk: int) -> None:
    tasks.ring_for(ImportJob.objects.get(pk=pk))


def _keep(job: ImportJob, form: MappingForm) -> None:
    """What is chosen is kept at once: nobody chooses the columns of a wide file twice."""
    if form.is_bound:
        receiving.choose(
            job, mapping=form.mapping(), options=form.options(), static_list=form.chosen_list()
        )


def _progress(request: HttpRequest, job: ImportJob) -> dict[str, object]:
    after = paging.number(request.GET.get("after", "")) or 0
    rejected = list(job.rejects.filter(number__gt=after).order_by("number")[:51])
    return {
        "job": job,
        "is_open": job.state in BUSY,
        "taken": job.created_count + job.updated_count,
        "rejects": rejected[:50],
        "more_rejects": rejected[49].number if len(rejected) > 50 else None,
        "after": after,
        **_before_and_after(job, timezone.now()),
    }


def _before_and_after(job: ImportJob, now: datetime) -> dict[str, object]:
    """What has to be known before a start, and of undoing after it."""
    if job.state == State.CHECKED:
        return {"earlier": receiving.earlier(job)[:3], "reasons": _reasons(job)}
    if job.state in (State.UNDOING, State.UNDONE):
        kept = job.traces.exclude(kept="").order_by("pk")
        done, total = undoing.progress(job)
        return {"undone": done, "to_undo": total, "kept": kept[:50], "kept_count": kept.count()}
    may_be = undoing.may_be(job, now=now)
    return {"until": job.finished_at + tracing.DAY if may_be and job.finished_at else None}


def _reasons(job: ImportJob) -> list[tuple[str, int]]:
    reasons: dict[str, int] = job.forecast.get("reasons", {})
    return sorted(reasons.items(), key=lambda pair: -pair[1])


def _mapping(
    request: HttpRequest,
    job: ImportJob,
    form: MappingForm,
    *,
    reading: ReadingForm | None = None,
    new_field: NewFieldForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _mapped(job, form) | {
        "reading": reading or ReadingForm(job),
        "new_field": new_field or NewFieldForm(job),
        "may_define": request.user.has_perm(DEFINE),
        "earlier": receiving.earlier(job)[:3],
        "remembered": ImportJob.objects.filter(pk=job.options.get("remembered") or 0).first(),
    }
    status = 422 if form.errors else status
    return render(request, "people/import_mapping.html", context, status=status)


def _mapped(job: ImportJob, form: MappingForm) -> dict[str, Any]:
    """How the first rows would be taken, as the form stands."""
    plan = receiving.plan(job, now=timezone.now())
    try:
        readings = receiving.preview(job, plan)
    except csv_file.NotTaken as error:
        readings, job.error = [], str(error)
    names = list(dict.fromkeys(plan.mapping.values()))
    return {
        "job": job,
        "form": form,
        "columns": list(zip(form.column_fields(), _samples(job, readings), strict=True)),
        "headings": [plan.known[name].label for name in names],
        "rows": [(reading, _shown(reading, names)) for reading in readings],
        "makes_doubles": not plan.key.name,
        "key": label(plan.key.name) if plan.key.name else "",
    }


def _samples(job: ImportJob, readings: list[Reading]) -> list[list[str]]:
    """For each column its first three values that say something."""
    cells = [
        [each.row.cells[index] for each in readings if len(each.row.cells) > index]
        for index in range(len(job.columns))
    ]
    return [[cell[:40] for cell in column if cell.strip()][:3] for column in cells]


def _shown(reading: Reading, names: list[str]) -> list[object]:
    """The values as they would be kept; of a number the E.164 number, of a time its zone too."""
    kept = reading.values | {"mobile_typed": reading.values.get("mobile", "")}
    return [_cell(kept.get(name, "")) for name in names]


def _cell(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    return f"{TYPES['datetime'].typed(value)} ({timezone.get_default_timezone_name()})"
