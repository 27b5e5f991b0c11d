"""Exports: choose columns of what was found, watch the file grow, take it with you within a day."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import exporting, paging, tasks
from people.exporting import NothingThere, Source
from people.forms import ExportForm
from people.models import ExportJob, StaticList
from people.rights import EXPORT, lacks

from . import rights
from .rights import who_may

State = ExportJob.State


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What was exported, newest first (others' only for who may see them), and what can be."""
    if not request.user.has_perm(EXPORT):
        context: dict[str, Any] = {"may_export": False, "lacks": lacks(EXPORT)}
        return render(request, "people/exports.html", context, status=403)
    context = {
        "may_export": True,
        "lists": StaticList.objects.order_by("name")[:200],
        "page": paging.page(
            rights.exports(request).select_related("created_by"),
            before=paging.number(request.GET.get("before", "")),
            after=paging.number(request.GET.get("after", "")),
            size=20,
        ),
    }
    return render(request, "people/exports.html", context)


@who_may(EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose the columns of what the address names (`?source=static_list&list=3`); a POST begins."""
    try:
        source, params = _asked(request)
        labels, title = source.columns(params), source.title(params)
    except NothingThere as error:
        raise Http404(str(error)) from error
    form = ExportForm(
        labels, request.POST if request.method == "POST" else None, usual=source.usual
    )
    if request.method == "POST" and form.is_valid():
        job = _begin(request, source, params, form.cleaned_data["columns"])
        return redirect("people:export", job.pk)
    context = {
        "title": title,
        "form": form,
        "count": paging.count_in_words(source.rows(params, timezone.now())),
        "query": urlencode({"source": source.word, **params}),
    }
    status = 422 if form.errors else 200
    return render(request, "people/export_columns.html", context, status=status)


@who_may(EXPORT)
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "people/export.html", _context(_job(request, pk)))


@who_may(EXPORT)
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the file is; it asks again until it is done."""
    return render(request, "people/_export_progress.html", _context(_job(request, pk)))


@who_may(EXPORT)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    exporting.cancel(_job(request, pk), now=timezone.now())
    return redirect("people:export", pk)


@who_may(EXPORT)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    if exporting.retry(_job(request, pk)):
        tasks.write_export.delay_on_commit(job_id=pk)  # type: ignore[attr-defined]
    return redirect("people:export", pk)


@who_may(EXPORT)
@require_safe
def download(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The file, streamed; who took it is written down."""
    job = _job(request, pk)
    if job.state != State.DONE:
        raise Http404
    exporting.took(job, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    response = StreamingHttpResponse(exporting.content(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="export-{job.pk}.csv"'
    response["Content-Length"] = str(job.size)
    return response


def _job(request: HttpRequest, pk: int) -> ExportJob:
    return get_object_or_404(rights.exports(request), pk=pk)


def _asked(request: HttpRequest) -> tuple[Source, dict[str, Any]]:
    """The source that the address names, and its parameters."""
    params = {name: value[:255] for name, value in request.GET.items() if name != "source"}
    return exporting.sources.get(request.GET.get("source", "")), params


def _begin(
    request: HttpRequest, source: Source, params: dict[str, Any], columns: list[str]
) -> ExportJob:
    now = timezone.now()
    job = exporting.begin(source, params, columns=columns, user=request.user, now=now)  # type: ignore[arg-type]
    tasks.write_export.delay_on_commit(job_id=job.pk)  # type: ignore[attr-defined]
    return job


def _context(job: ExportJob) -> dict[str, Any]:
    ended = job.finished_at
    return {
        "job": job,
        "is_open": job.state in (State.WAITING, State.RUNNING),
        "until": ended + exporting.KEPT if ended else None,
    }
