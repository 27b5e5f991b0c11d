"""A run, the people in it, how they move, and the ledger of what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Person

from .campaign import Campaign
from .flow import FlowVersion


class RunQuerySet(models.QuerySet["Run"]):
    def moving(self) -> RunQuerySet:
        """Runs that go on by themselves: neither over nor paused."""
        return self.filter(state__in=Run.MOVING)

    def active(self) -> RunQuerySet:
        """Activations that take people in: of a paused one whoever comes waits at the door."""
        return self.filter(is_triggered=True, deactivated_at=None, state__in=Run.OPEN)


class Run(models.Model):
    """One launch, or one activation, pinned to the version it started with. `token` makes a double click
    one run (P7).

    A triggered one runs from the first, and takes people in until it is deactivated; then those inside
    go on to the end.
    """

    class State(models.TextChoices):
        ENROLLING = "enrolling", _("Finding people")
        ASKING = "asking", _("Asking Vibes about memberships")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", _("Stopped")
        REFUSED = "refused", _("Refused")

    MOVING = (State.ENROLLING, State.ASKING, State.RUNNING)
    OPEN = (*MOVING, State.PAUSED)

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="runs")
    version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=12, choices=State, default=State.ENROLLING)
    token = models.CharField(max_length=64, unique=True)
    entered = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    to_ask = models.PositiveIntegerField(default=0)
    # When Vibes last answered about a number, and what it said or did not say since.
    asked_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=255, blank=True)
    # Where a paused run goes on, since when it is paused, and why in somebody's words.
    paused_from = models.CharField(max_length=12, choices=State, blank=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=255, blank=True)
    # Somebody resumed it: first what was owed or due before this moment is cancelled, as they chose.
    late_before = models.DateTimeField(null=True)
    # A single flow action: for whom, as `campaigns.sources` reads it; a campaign's run asks its smart list.
    chosen: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # A retry: for whom a step of another run is done again, and why where the outcome was unknown.
    retry_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="retries")
    retry_step_id = models.BigIntegerField(null=True)
    retry_verdicts: models.JSONField[list[list[str]], list[list[str]]] = models.JSONField(
        default=list
    )
    retry_reason = models.CharField(max_length=255, blank=True)
    lease_until = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    started_at = models.DateTimeField()
    is_triggered = models.BooleanField(default=False)
    deactivated_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        permissions = [
            ("control_any_run", _("Can pause, resume and stop runs of others, and everything")),
            ("retry_unknown", _("Can retry texts of which nobody knows whether they arrived")),
            ("act_on_people", _("Can do single flow actions with people of any list")),
        ]
        indexes = [
            models.Index(
                fields=["state"],
                condition=Q(state__in=["enrolling", "asking", "running", "paused"]),
                name="open_runs",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(
                    is_triggered=True,
                    deactivated_at=None,
                    state__in=["enrolling", "asking", "running", "paused"],
                ),
                name="active_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign}, run {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_active(self) -> bool:
        """Whether it takes people in, as soon as it is not paused."""
        return self.is_triggered and self.deactivated_at is None and self.is_open

    @property
    def is_paused(self) -> bool:
        return self.state == self.State.PAUSED


class CohortQuerySet(models.QuerySet["Cohort"]):
    def inside(self, version: FlowVersion) -> CohortQuerySet:
        """Cohorts whose people go through this version: their run's, where they were not moved."""
        return self.filter(Q(version=version) | Q(version=None, run__version=version))

    def due(self, now: datetime) -> CohortQuerySet:
        """Cohorts that have a step to take, and may take it now."""
        moving = self.exclude(state=Cohort.State.DONE)
        return moving.filter(Q(due_at=None) | Q(due_at__lte=now))


class Cohort(models.Model):
    """Entries moving together. `position` is the index of the step they take next (0-based).

    `attempts` at it have begun; while one is under way, `due_at` keeps others off for a moment. `version`
    is set where its people were moved to another than their run's (`campaigns.moving`). `wave` is the
    occasion on which its people entered a triggered run (0 in any other run), `depth` how many campaigns
    requested one another until they did.
    """

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")

    # Found by `cohort_by_number`, also where a million people look for theirs.
    run = models.ForeignKey(Run, models.CASCADE, related_name="cohorts", db_index=False)
    number = models.PositiveIntegerField()
    version = models.ForeignKey(
        FlowVersion, models.PROTECT, null=True, related_name="cohorts", db_index=False
    )
    position = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    wave = models.BigIntegerField(default=0)
    depth = models.PositiveSmallIntegerField(default=0)

    objects = CohortQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["ready", "waiting"]),
                name="cohort_due",
            ),
            models.Index(fields=["run", "number"], name="cohort_by_number"),
        ]

    def __str__(self) -> str:
        return f"cohort {self.number} of run {self.run_id}"

    def is_due(self, now: datetime) -> bool:
        """Whether it may take its step now, as it was read."""
        return self.state != self.State.DONE and (self.due_at is None or self.due_at <= now)


class Entry(models.Model):
    """One passage of one person. A person enters a run once, a triggered one once an occasion (`wave`).

    In a retry, `retry_of` is the verdict that is tried again; that verdict stays as it is.
    """

    # As few indexes as can be, and no foreign keys in the database, each of which costs as much as the row
    # (0031): a person's entries are found by `enter_once`, a run's by its cohorts.
    run = models.ForeignKey(
        Run, models.CASCADE, related_name="entries", db_index=False, db_constraint=False
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="entries", db_index=False, db_constraint=False
    )
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="entries", db_constraint=False)
    retry_of = models.ForeignKey(
        "Verdict",
        models.SET_NULL,
        null=True,
        related_name="retried_as",
        db_index=False,
        db_constraint=False,
    )
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    wave = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["person", "run", "wave"], name="enter_once")]
        indexes = [
            models.Index(
                fields=["retry_of"], condition=Q(retry_of__isnull=False), name="entries_that_retry"
            )
        ]

    def __str__(self) -> str:
        return f"person {self.person_id} in run {self.run_id}"


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def open(self) -> VerdictQuerySet:
        """Verdicts that delivery or time will still move."""
        return self.filter(state__in=Verdict.OPEN)


class Verdict(models.Model):
    """The ledger: what became of one entry at one step visit (step id, wave), and why.

    Written in the transaction that advances the cohort, later moved only by delivery.
    """

    class State(models.TextChoices):
        DONE = "done", _("Done")
        QUEUED = "queued", _("Queued")
        DEFERRED = "deferred", _("Deferred")
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        CANCELLED = "cancelled", _("Cancelled")
        LEFT = "left", _("Left")

    OPEN = (State.QUEUED, State.DEFERRED, State.WAITING)

    # Three a person at least, so no index but those below: a run's verdicts are found by the counts,
    # an entry's by the constraint, a person's by their entries (docs/decisions/0017).
    run = models.ForeignKey(Run, models.CASCADE, related_name="verdicts", db_index=False)
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="verdicts", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    step_id = models.BigIntegerField()
    wave = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()

    objects = VerdictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "step_id", "wave"], name="one_verdict_a_step_visit"
            )
        ]
        indexes = [
            models.Index(fields=["run", "step_id", "state", "reason"], name="verdict_counts")
        ]

    def __str__(self) -> str:
        return self.state
