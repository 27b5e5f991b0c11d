"""Who may take a run in hand: whoever started it, and whoever holds Django's permission for all."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from campaigns.models import Run

CONTROL_ANY = "campaigns.control_any_run"
RETRY_UNKNOWN = "campaigns.retry_unknown"


def may_control(request: HttpRequest, run: Run) -> bool:
    """Whether this person may pause, resume and stop this run."""
    mine = run.started_by_id is not None and run.started_by_id == request.user.pk
    return mine or may_control_all(request)


def may_control_all(request: HttpRequest) -> bool:
    """Whether this person may pause and resume everything, and the runs of others."""
    return bool(request.user.has_perm(CONTROL_ANY))


def refuse_unless(*, allowed: bool) -> None:
    """Raises PermissionDenied (403)."""
    if not allowed:
        raise PermissionDenied
