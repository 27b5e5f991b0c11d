"""Who may do what to people and their lists: whoever holds the right. All others may look, and are
told which right they lack."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from people.models import ExportJob, ImportJob
from people.rights import SEE_ALL, lacks

View = Callable[..., HttpResponseBase]


def who_may(right: str) -> Callable[[View], View]:
    """Decorator: refuse everybody else (403)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refuse_unless_may(request, right)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def refuse_unless_may(request: HttpRequest, right: str) -> None:
    """Raises PermissionDenied (403), which says what is missing."""
    if not request.user.has_perm(right):
        refuse(request, right)


def refuse(request: HttpRequest, right: str) -> None:
    """Raises PermissionDenied. htmx shows no page that was refused, so there it comes as a toast."""
    said = lacks(right)
    if request.htmx:  # type: ignore[attr-defined]
        messages.error(request, said)
    raise PermissionDenied(said)


def is_mine(request: HttpRequest, job: ImportJob) -> bool:
    """Whether this person began the import, or may open those of others."""
    mine = job.created_by_id is not None and job.created_by_id == request.user.pk
    return mine or may_see_all(request)


def may_see_all(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(SEE_ALL))


def exports(request: HttpRequest) -> QuerySet[ExportJob]:
    """The exports this person may see."""
    mine = ExportJob.objects.filter(created_by=request.user.pk)
    return ExportJob.objects.all() if may_see_all(request) else mine
