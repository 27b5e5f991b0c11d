"""Who may take a run in hand: whoever started it, and whoever holds Django's permission for all."""

from __future__ import annotations

from django.http import HttpRequest

from campaigns.models import Run
from people.views.rights import refuse, refuse_unless_may

CONTROL_ANY = "campaigns.control_any_run"
ACT_ON_PEOPLE = "campaigns.act_on_people"
RETRY_UNKNOWN = "campaigns.retry_unknown"


def may_control(request: HttpRequest, run: Run) -> bool:
    """Whether this person may pause, resume and stop this run."""
    mine = run.started_by_id is not None and run.started_by_id == request.user.pk
    return mine or may_control_all(request)


def may_control_all(request: HttpRequest) -> bool:
    """Whether this person may pause and resume everything, and the runs of others."""
    return bool(request.user.has_perm(CONTROL_ANY))


def refuse_unless_mine(request: HttpRequest, run: Run) -> None:
    """Raises PermissionDenied (403) for whoever may not take this run in hand."""
    if not may_control(request, run):
        refuse(request, CONTROL_ANY)


def refuse_unless_all(request: HttpRequest) -> None:
    """Raises PermissionDenied (403) for whoever may not pause everything."""
    refuse_unless_may(request, CONTROL_ANY)
