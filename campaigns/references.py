"""Who uses what: real foreign keys, derived from the forms' dropdowns, at no cost to a step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.forms import ModelChoiceField

from .drafts import BranchCard, Draft, StepCard
from .models import (
    Campaign,
    FlowStep,
    FlowVersion,
    Run,
    SmsMessage,
    StepReference,
)
from .registry import ConfigForm

# Which column of StepReference points at which model.
COLUMNS: dict[type[models.Model], str] = {
    field.related_model: field.name
    for field in StepReference._meta.get_fields()
    if isinstance(field, models.ForeignKey) and field.name not in {"step", "version"}
}


def write_for_step(card: StepCard) -> None:
    """Note what a draft step uses now."""
    StepReference.objects.filter(step=card.row).delete()
    _write(_used(card.branches), step=card.row)


def write_for_version(version: FlowVersion, draft: Draft) -> None:
    """Note what a published version uses."""
    used = {each for card in draft.steps for each in _used(card.branches)}
    _write(used, version=version)


def write_for_form(version: FlowVersion, form: ConfigForm) -> None:
    """Note what a version of one step uses, by that step's valid form."""
    _write(_chosen(form), version=version)


def used_by(thing: models.Model) -> models.QuerySet[StepReference]:
    """The draft steps and versions that use a thing."""
    return StepReference.objects.filter(**{COLUMNS[type(thing)]: thing})


def messages_with_newer_draft(campaign: Campaign) -> list[SmsMessage]:
    """The messages of a campaign's draft whose approved text, which goes out, is not their newest."""
    used = SmsMessage.objects.filter(used_by__step__campaign=campaign, approved__isnull=False)
    return list(used.exclude(approved__text=F("text")).select_related("node").distinct())


def campaigns_using(message: SmsMessage) -> list[Campaign]:
    """The campaigns that use a message: in their draft, or in a run that is not over."""
    drafted = Q(steps__references__message=message)
    published = Campaign.objects.filter(
        pk__in=used_by(message)
        .filter(Q(version__runs__state__in=Run.OPEN) | Q(version__moves__run__state__in=Run.OPEN))
        .values("version__campaign")
    )
    found = Campaign.objects.present().filter(drafted | Q(pk__in=published)).select_related("node")
    return list(found.distinct().order_by("node__name", "pk"))


# --------------------------------------------------------------------------------------------------


def _used(branches: Iterable[BranchCard]) -> set[tuple[str, Any]]:
    """(column, id) of everything chosen in the dropdowns of these branches."""
    found: set[tuple[str, Any]] = set()
    for branch in branches:
        if branch.form is not None and not branch.does_nothing:
            found |= _chosen(branch.form)
    return found


def _chosen(form: ConfigForm) -> set[tuple[str, Any]]:
    form.is_valid()
    values = {name: form.cleaned_data.get(name) for name in form.fields}
    return {
        (COLUMNS[type(value)], value.pk)
        for name, value in values.items()
        if isinstance(form.fields[name], ModelChoiceField) and value is not None
    }


def _write(
    used: set[tuple[str, Any]],
    *,
    step: FlowStep | None = None,
    version: FlowVersion | None = None,
) -> None:
    StepReference.objects.bulk_create(
        StepReference(step=step, version=version, **{f"{column}_id": pk}) for column, pk in used
    )
