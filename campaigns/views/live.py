"""What a page that follows a run shows, and shows again every two seconds while the run is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from campaigns import asking, outlook, results
from campaigns.models import Run, Verdict
from campaigns.results import StepSum
from vibes import pausing

from .rights import may_control

LISTENING = timedelta(minutes=10)  # after the end of a run, for receipts of its texts
JUST_OVER = timedelta(seconds=15)
IDLE = timedelta(seconds=30)  # after which it is said that nobody takes up a run
RECORD = 20  # lines of what people did to a run
MISSED = (Verdict.State.FAILED, Verdict.State.UNKNOWN, Verdict.State.CANCELLED)


@require_safe
def live(request: HttpRequest, run_id: int) -> HttpResponse:
    """The sums as they stand, and what the frame says of the services' health by now.

    Nothing (204) while the page shows just that already (`seen`): what does not change is not redrawn,
    and keeps focus and selection. Every tenth of the way is read out, once (`said`).
    """
    run, now = _run(run_id), timezone.now()
    found = news(request, run, now)
    if request.GET.get("seen") == found.mark:
        return HttpResponse(status=204)
    if found.said != request.GET.get("said", found.said):
        trigger_client_event(found.response, "announce", {"text": found.said})
    if run.finished_at is not None and now - run.finished_at < JUST_OVER:
        trigger_client_event(found.response, "run-over", {})
    return found.response


class News(NamedTuple):
    """The answer; a mark of what it shows; and what is read out when that changes."""

    response: HttpResponse
    mark: str
    said: str


def news(request: HttpRequest, run: Run, now: datetime) -> News:
    """The part of the page that follows a run, with the frame's strips and health."""
    shown = following(request, run, now)
    response = render(request, "campaigns/results/_news.html", shown)
    mark = blake2b(response.content, digest_size=8).hexdigest()
    response.content = response.content.replace(UNSEEN, mark.encode())
    return News(response, mark, shown["said"])


UNSEEN = b"not-seen-yet"  # stands in the page where the mark of what it shows will stand


def following(request: HttpRequest, run: Run, now: datetime) -> dict[str, Any]:
    """All that is shown of a run above the table of people."""
    steps = results.sums(run)
    waits_for = asking.waits_for(run) if run.is_open else []
    is_free = not waits_for and not run.is_paused and not pausing.paused()
    context = {
        "run": run,
        "campaign": run.campaign,
        "steps": steps,
        "progress": results.progress(run, steps),
        "outlook": outlook.of(run, steps, is_free=is_free, now=now) if run.is_open else None,
        "waits_for": waits_for,
        "nobody_works": run.state == Run.State.ENROLLING and now - run.started_at > IDLE,
        "listening": _listening(run, steps, now),
        "record": run.interventions.select_related("by")[:RECORD],
        "retries": run.retries.all(),
        "may_control": may_control(request, run),
        "may_retry": any(each.counts[state] for each in steps for state in _missed(run)),
        "now": now,
    }
    return context | {"said": _milestone(run, context)}


def _run(pk: int) -> Run:
    found = Run.objects.select_related("version", "campaign__node", "started_by", "retry_of")
    return get_object_or_404(found, pk=pk)


def _missed(run: Run) -> tuple[str, ...]:
    """Whoever was skipped may be retried as well, once nobody waits for them any more."""
    return MISSED if run.is_open else (*MISSED, Verdict.State.SKIPPED)


def _listening(run: Run, steps: list[StepSum], now: datetime) -> bool:
    """Whether a run just over still waits for words from carriers, or a stopped one for what was in flight."""
    waits = any(each.texts and each.texts.without_word for each in steps)
    if run.state == Run.State.CANCELLED:
        waits = waits or any(each.counts[state] for each in steps for state in Verdict.OPEN)
    return waits and run.finished_at is not None and now - run.finished_at < LISTENING


def _milestone(run: Run, shown: dict[str, Any]) -> str:
    """What is read out when it changes: the state, and how many tenths are behind us."""
    if run.state != Run.State.RUNNING or run.is_triggered:
        return str(run.get_state_display())
    tenths = shown["progress"].percent // 10 * 10
    return _("%(state)s, %(percent)d%% done") % {
        "state": run.get_state_display(),
        "percent": tenths,
    }
