"""Who uses what: real foreign keys, derived from the forms' dropdowns, at no cost to a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.forms import ModelChoiceField
from django.urls import reverse
from django.utils.translation import gettext as _

from . import content, nesting
from .drafts import BranchCard, Draft, StepCard
from .models import (
    Campaign,
    FlowStep,
    FlowVersion,
    NamedList,
    Run,
    SmartList,
    SmartListFilter,
    SmsMessage,
    StepReference,
)
from .registry import ConfigForm, filters

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
        each
        for one in [flow.smart_list, *conditions]
        if one is not None
        for each in nesting.every_filter(one)
    ]
    return any(
        each.kind in names and each.config.get(names[each.kind]) == thing.pk for each in asked
    )


# --- Where a thing is used, for people ---------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """Where something is used, in words, and the page on which that can be changed."""

    words: str
    url: str


def uses(thing: models.Model) -> list[Use]:
    """Every draft and version that names a thing, in a filter or in a step; each once.

    A version keeps the rules of smart lists whole, so that only drafts use those.
    """
    found = [*_in_drafts(thing), *_in_versions(thing)]
    if type(thing) in COLUMNS:
        found += [_step_use(each) for each in _naming_steps(thing)]
    return list(dict.fromkeys(found))


def _in_drafts(thing: models.Model) -> Iterator[Use]:
    names = _names_in_filters(type(thing))
    owners = ("campaign__node", "named__node", "choice__step__campaign__node")
    rows = SmartListFilter.objects.filter(kind__in=names).order_by("smart_list")
    for each in rows.select_related(*(f"smart_list__{owner}" for owner in owners)):
        if str(each.config.get(names[each.kind])) == str(thing.pk):
            yield _owner_use(each.smart_list)


def _owner_use(of: SmartList) -> Use:
    if choice := getattr(of, "choice", None):
        return _flow_use(choice.step.campaign)
    if campaign := getattr(of, "campaign", None):
        words = _("Smart list of the campaign “%s”") % campaign
        return Use(words, reverse("campaigns:smart-list", args=[campaign.pk]))
    return Use(_("Smart list “%s”") % of.named, of.named.get_absolute_url())


def _flow_use(campaign: Campaign) -> Use:
    url = reverse("campaigns:flow", args=[campaign.pk])
    return Use(_("Flow of the campaign “%s”") % campaign, url)


def _in_versions(thing: models.Model) -> Iterator[Use]:
    names = _names_in_filters(type(thing))
    if isinstance(thing, NamedList) or not names:
        return
    for each in FlowVersion.objects.select_related("campaign__node").iterator():
        if _names_it(each, names, thing):
            yield _version_use(each)


def _version_use(version: FlowVersion) -> Use:
    words = _("Version %(number)d of the campaign “%(campaign)s”")
    said = words % {"number": version.number, "campaign": version.campaign}
    return Use(said, reverse("campaigns:results", args=[version.campaign_id]))


def _naming_steps(thing: models.Model) -> models.QuerySet[StepReference]:
    return used_by(thing).select_related("step__campaign__node", "version__campaign__node")


def _step_use(reference: StepReference) -> Use:
    if reference.version:
        return _version_use(reference.version)
    assert reference.step is not None  # a reference is of the one or of the other
    return _flow_use(reference.step.campaign)


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
