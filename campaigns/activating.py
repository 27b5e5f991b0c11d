"""A triggered campaign is activated, follows what is published, and is deactivated (docs/decisions/0041)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from people.crashpoint import crashpoint

from . import launch, standing, versions
from .models import Campaign, FlowVersion, Intervention, Run
from .problems import Problem

TAKES_OVER = "-as-version-"  # in the token of a run that follows another of the same activation


@transaction.atomic
def activate(campaign: Campaign, *, by: Any, now: datetime) -> tuple[Run, bool]:
    """Publish the draft and take people in from now on; say whether that is new.

    Active already, it is the same run. Raises versions.NotReady where the draft is not complete, has no trigger,
    or stands against what there is today.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if active := campaign.runs.active().first():
        return active, False
    if not campaign.smart_list.triggers.exists():
        words = _("It has no trigger: add one, or run it as a batch.")
        raise versions.NotReady([Problem(words, "smart-list")])
    version = versions.publish(campaign, by=by, now=now)
    if obstacles := versions.obstacles(version):
        raise versions.NotReady(obstacles)
    return _open(campaign, version, launch.new_token(), by=by, now=now), True


def _open(campaign: Campaign, version: FlowVersion, token: str, *, by: Any, now: datetime) -> Run:
    return campaign.runs.create(
        version=version,
        token=token,
        state=Run.State.RUNNING,
        is_triggered=True,
        started_by=by,
        started_at=now,
    )


@transaction.atomic
def deactivate(run_id: int, *, by: Any, now: datetime, why: str = "") -> tuple[Run, bool]:
    """Let nobody in any more; who is inside goes on to the end. Say whether that is new."""
    run = Run.objects.select_for_update(no_key=True).get(pk=run_id)
    if not run.is_active:
        return run, False
    _shut(run, by=by, now=now, why=why)
    return run, True


def _shut(run: Run, *, by: Any, now: datetime, why: str) -> None:
    run.deactivated_at, run.fault = now, ""
    run.save(update_fields=["deactivated_at", "fault"])
    Intervention.objects.create(
        run=run,
        deed=Intervention.Deed.DEACTIVATE,
        by=by,
        at=now,
        reason=why[:255],
        figures=standing.of([run.pk]).as_json(),
    )


def entered(run: Run) -> int:
    """How many people have come in since it was activated, by all the runs that took over from one another."""
    total = run.entered
    if TAKES_OVER not in run.token:
        return total
    its = Run.objects.filter(campaign=run.campaign_id, is_triggered=True, pk__lt=run.pk)
    for token, people in its.order_by("-pk").values_list("token", "entered"):
        total += people
        if TAKES_OVER not in token:
            break
    return total


def current(campaign_id: int, *, now: datetime) -> Run | None:
    """The activation into which people come now, of the newest published version; None while there is none.

    Where something newer was published, a run of that version takes over: each run is of one version, and
    those inside the older ones finish theirs. A version without a trigger lets nobody in.
    """
    runs = Run.objects.active().filter(campaign=campaign_id)
    run = runs.select_related("version", "campaign__node").first()
    if run is None or run.is_paused or run.version_id == _newest(campaign_id).pk:
        return run
    return _follow(run.pk, now)


def _newest(campaign_id: int) -> FlowVersion:
    return FlowVersion.objects.filter(campaign=campaign_id).order_by("-number")[0]


@transaction.atomic
def _follow(run_id: int, now: datetime) -> Run | None:
    # The campaign before the run, as whoever publishes and activates does.
    campaign = Campaign.objects.select_for_update(of=("self",)).get(runs=run_id)
    run = Run.objects.select_for_update(no_key=True).get(pk=run_id)
    newest = _newest(campaign.pk)
    if not run.is_active or run.is_paused or run.version_id == newest.pk:
        return run if run.is_active else None
    told = {"number": newest.number}
    if not versions.flow_of(newest).is_triggered:
        words = _("Version %(number)d has no trigger: nobody enters any more.")
        _shut(run, by=None, now=now, why=words % told)
        return None
    _shut(run, by=None, now=now, why=_("Version %(number)d takes over.") % told)
    crashpoint("inside-takeover")
    token = f"run-{run.pk}{TAKES_OVER}{newest.number}"
    return _open(campaign, newest, token, by=run.started_by, now=now)
