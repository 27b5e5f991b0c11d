"""Imports: upload a file, say which column is what, watch it being taken, read what was not."""

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import csv_file, importing, lists, paging, spreadsheet, tasks, uploads
from people.columns import Reading
from people.fields import label
from people.forms import MappingForm, UploadForm
from people.models import ImportJob, ImportReject, StaticList

State = ImportJob.State


@csrf_exempt  # the limit must be set before the form is read for its token, which _index does
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All imports, newest first, and the form for another one."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > uploads.WAY_TOO_MUCH:
        return HttpResponse(_("The file is larger than 20 MB."), status=413)
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
    status = 422 if form.errors else 200
    return render(request, "people/imports.html", {"form": form, "page": jobs}, status=status)


def _upload(request: HttpRequest, form: UploadForm) -> ImportJob | None:
    limit = request.upload_handlers[0]
    if isinstance(limit, uploads.Limit) and limit.is_over:
        form.errors.clear()
        form.add_error("file", _("The file is larger than 20 MB. Split it and import the parts."))
    if not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    try:
        return importing.upload(file.name, file.read(), user=_user(request), now=timezone.now())
    except csv_file.NotTaken as error:
        form.add_error("file", str(error))
        return None


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file needs next: a mapping, patience, or a look at its rejects. A POST starts it."""
    job = get_object_or_404(ImportJob, pk=pk)
    if job.state != State.MAPPING:
        return _followed(request, job)
    form = MappingForm(job, request.POST or None)
    if request.method == "POST" and form.is_valid():
        _start(job, form)
        return redirect("people:import", pk)
    status = 422 if form.errors else 200
    return render(request, "people/import_mapping.html", _mapped(job, form), status=status)


def _start(job: ImportJob, form: MappingForm) -> None:
    chosen: StaticList | None = form.cleaned_data["static_list"]
    if name := form.cleaned_data["new_list"]:
        chosen = lists.create(name, now=timezone.now())
    region = form.cleaned_data["region"]
    if importing.start(job, mapping=form.mapping(), region=region, static_list=chosen):
        tasks.import_slice.delay_on_commit(job_id=job.pk)  # type: ignore[attr-defined]


@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The first rows as the dropdowns now say they would be taken; nothing is kept."""
    job = get_object_or_404(ImportJob, pk=pk, state=State.MAPPING)
    form = MappingForm(job, request.POST)
    form.is_valid()
    return render(request, "people/_import_preview.html", _mapped(job, form))


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the import is; a finished one brings its rejects along."""
    job = get_object_or_404(ImportJob, pk=pk)
    return render(request, "people/_import_progress.html", _progress(request, job))


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(ImportJob, pk=pk)
    if importing.cancel(job, now=timezone.now()):
        messages.success(request, _("Cancelled. What was taken already stays."))
    return redirect("people:import", pk)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(ImportJob, pk=pk)
    if importing.retry(job):
        tasks.import_slice.delay_on_commit(job_id=job.pk)  # type: ignore[attr-defined]
    return redirect("people:import", pk)


@require_safe
def rejects(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rejected rows as they stood in the file, with their reasons, to mend and import again."""
    job = get_object_or_404(ImportJob, pk=pk)
    rows = _with_reasons(job, job.rejects.order_by("number"))
    response = StreamingHttpResponse(
        spreadsheet.lines(rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="rejected-rows-{job.pk}.csv"'
    return response


def _with_reasons(job: ImportJob, rejected: QuerySet[ImportReject]) -> Iterator[list[str]]:
    yield [*job.columns, _("Row"), _("Reason")]
    for reject in rejected.iterator(chunk_size=1_000):
        cells = [*reject.cells, *[""] * len(job.columns)][: len(job.columns)]
        yield [*cells, str(reject.number), reject.reason]


def _followed(request: HttpRequest, job: ImportJob) -> HttpResponse:
    return render(request, "people/import.html", _progress(request, job))


def _progress(request: HttpRequest, job: ImportJob) -> dict[str, object]:
    after = paging.number(request.GET.get("after", "")) or 0
    rejected = list(job.rejects.filter(number__gt=after).order_by("number")[:51])
    return {
        "job": job,
        "is_open": job.state in importing.UNFINISHED,
        "taken": job.created_count + job.updated_count,
        "rejects": rejected[:50],
        "more_rejects": rejected[49].number if len(rejected) > 50 else None,
        "after": after,
    }


def _mapped(job: ImportJob, form: MappingForm) -> dict[str, object]:
    mapping = form.mapping()
    readings = importing.preview(job, mapping, region=form.region_now())
    names = list(dict.fromkeys(mapping.values()))
    return {
        "job": job,
        "form": form,
        "columns": list(zip(form.column_fields(), _samples(job, readings), strict=True)),
        "headings": [label(name) for name in names],
        "rows": [(reading, _shown(reading, names)) for reading in readings],
        "makes_doubles": "email" not in names,
    }


def _samples(job: ImportJob, readings: list[Reading]) -> list[list[str]]:
    """For each column its first three values that say something."""
    cells = [
        [each.row.cells[index] for each in readings if len(each.row.cells) > index]
        for index in range(len(job.columns))
    ]
    return [[cell[:40] for cell in column if cell.strip()][:3] for column in cells]


def _shown(reading: Reading, names: list[str]) -> list[object]:
    """The values as they would be kept; of a number the E.164 number."""
    kept = reading.values | {"mobile_typed": reading.values.get("mobile", "")}
    return [kept.get(name, "") for name in names]
