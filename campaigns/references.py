"""Who uses what: real foreign keys, derived from the forms' dropdowns, at no cost to a step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.forms import ModelChoiceField

from . import content
from .drafts import BranchCard, Draft, StepCard
from .models import (
    Campaign,
    FlowStep,
    FlowVersion,
    Run,
    SmartListFilter,
    SmsMessage,
    StepReference,
)
from .registry import filters

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
        .filter(version__runs__state__in=Run.OPEN)
        .values("version__campaign")
    )
    found = Campaign.objects.filter(drafted | Q(pk__in=published)).select_related("node")
    return list(found.distinct().order_by("node__name", "pk"))


# --- In filters -----------------------------------------------------------------------------------


def is_named_in_a_filter(thing: models.Model) -> bool:
    """Whether a filter names it, in a draft or in a published version: no foreign key would say so."""
    names = _names_in_filters(type(thing))
    drafted = SmartListFilter.objects.filter(kind__in=names)
    if any(str(each.config.get(names[each.kind])) == str(thing.pk) for each in drafted):
        return True
    return any(_names_it(each, names, thing) for each in FlowVersion.objects.iterator())


def _names_in_filters(model: type[models.Model]) -> dict[str, str]:
    """Of each kind of filter that offers things of this model: the field that holds the chosen one."""
    return {
        each.kind: name
        for each in filters.all()
        for name, field in each.Form.base_fields.items()
        if isinstance(field, ModelChoiceField) and getattr(field.queryset, "model", None) is model
    }


def _names_it(version: FlowVersion, names: dict[str, str], thing: models.Model) -> bool:
    flow = content.from_json(version.content)
    conditions = [branch.condition for step in flow.steps for branch in step.branches]
    asked = [
        each for one in [flow.smart_list, *conditions] if one is not None for each in one.filters
    ]
    return any(
        each.kind in names and each.config.get(names[each.kind]) == thing.pk for each in asked
    )


# --------------------------------------------------------------------------------------------------


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
