"""Who uses what: real foreign keys, derived from the forms' dropdowns, at no cost to a step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.forms import ModelChoiceField

from .drafts import BranchCard, Draft, StepCard
from .models import FlowStep, FlowVersion, StepReference

# Which column of StepReference points at which model.
COLUMNS: dict[type[models.Model], str] = {
    field.related_model: field.name  # type: ignore[misc]
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


def used_by(thing: models.Model) -> models.QuerySet[StepReference]:
    """The draft steps and versions that use a thing."""
    return StepReference.objects.filter(**{COLUMNS[type(thing)]: thing})


def _used(branches: Iterable[BranchCard]) -> set[tuple[str, Any]]:
    """(column, id) of everything chosen in the dropdowns of these branches."""
    found = set()
    for branch in branches:
        form = branch.form
        if form is None or branch.does_nothing:
            continue
        form.is_valid()
        for name, field in form.fields.items():
            value = form.cleaned_data.get(name)
            if isinstance(field, ModelChoiceField) and value is not None:
                found.add((COLUMNS[type(value)], value.pk))
    return found


def _write(
    used: set[tuple[str, Any]],
    *,
    step: FlowStep | None = None,
    version: FlowVersion | None = None,
) -> None:
    StepReference.objects.bulk_create(
        StepReference(step=step, version=version, **{f"{column}_id": pk}) for column, pk in used
    )
