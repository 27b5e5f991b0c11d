"""Retry the missed: a new run, related to the old one, of the one step that some people missed in it.

Never a second send inside the old run: its ledger stays as it is. The gate asks anew, with what holds today.
Why one step and not the rest of the flow: docs/decisions/0020.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from . import limits, missed, standing, versions
from .missed import Which
from .models import Campaign, Intervention, Run, Verdict
from .problems import Problem


class NoReason(Exception):
    """Whoever retries what may have arrived has to say why."""


def token(run: Run) -> str:
    """The start token of a run's next retry, for a form: the same in every tab and for everybody."""
    newest = run.retries.order_by("-pk").values_list("pk", flat=True).first()
    return f"retry-{run.pk}-after-{newest or 0}"


@transaction.atomic
def begin(
    run: Run, *, step_id: int, which: Sequence[Which], why: str, token: str, by: Any, now: datetime
) -> tuple[Run, bool]:
    """Start a retry of one step for those whose verdict there is one of `which`; say whether it is new.

    It finds its people when it is prepared, soon after: whoever has been retried meanwhile is not among
    them. The step is done as the newest version has it that people in the run went through. Raises NoReason
    where an outcome is unknown and nobody says why it is done again, and versions.NotReady when the step
    cannot work today or too many people would enter.
    """
    if existing := run.retries.filter(token=token).first():
        return existing, False
    if needs_reason(which) and not why.strip():
        raise NoReason
    # Whoever deletes the campaign waits for this, and then finds a run that is not over.
    Campaign.objects.select_for_update(no_key=True).get(pk=run.campaign_id)
    people = missed.verdicts(run, step_id, which).count()
    if problems := _problems(run, step_id, people):
        raise versions.NotReady(problems)
    retry, is_new = run.retries.get_or_create(
        token=token,
        defaults={
            "campaign": run.campaign,
            "version": versions.newest_with(run, step_id),
            "chosen": run.chosen,
            "retry_step_id": step_id,
            "retry_verdicts": [list(each) for each in which],
            "retry_reason": why.strip()[:255],
            "started_by": by,
            "started_at": now,
        },
    )
    if is_new:
        _record(run, retry, people, now)
    return retry, is_new


def needs_reason(which: Sequence[Which]) -> bool:
    """Whether a text may have arrived for which nobody can vouch: only a person may dare to repeat it."""
    return any(state == Verdict.State.UNKNOWN for state, _ in which)


def _problems(run: Run, step_id: int, people: int) -> list[Problem]:
    if words := limits.refusal(run.campaign, people):
        return [Problem(words, "schedule", "person-limit")]
    return versions.obstacles(versions.newest_with(run, step_id), step_id=step_id)


def _record(run: Run, retry: Run, people: int, now: datetime) -> None:
    figures = {**standing.of([run.pk]).as_json(), "retry": retry.pk, "people": people}
    Intervention.objects.create(
        run=run,
        deed=Intervention.Deed.RETRY,
        by=retry.started_by,
        at=now,
        reason=retry.retry_reason,
        figures=figures,
    )
