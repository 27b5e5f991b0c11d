"""Where a thing is used, for people: every draft and version that names it, in a filter or in a step."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from . import content, naming, nesting
from .models import (
    Campaign,
    FlowVersion,
    NamedList,
    Node,
    SmartList,
    SmartListFilter,
    StepReference,
)
from .naming import Thing
from .references import COLUMNS
from .registry import filters


@dataclass(frozen=True)
class Use:
    """Where something is used, in words, and the page on which that can be changed."""

    words: str
    url: str


def of(*things: models.Model, but: Collection[int] = (), binned: bool = True) -> list[Use]:
    """Each use once, except by the nodes of `but`; with or without what is in the recycle bin itself.

    A version keeps the rules of smart lists whole, so that only drafts use those. As many queries for
    one thing as for many.
    """
    wanted = {(type(each), each.pk) for each in things}
    found = [*_in_drafts(wanted), *_in_versions(wanted), *_in_steps(wanted)]
    return list(
        dict.fromkeys(
            _said(node, use)
            for node, use in found
            if node.pk not in but and (binned or node.binned_at is None)
        )
    )


def is_named_in_a_filter(thing: models.Model) -> bool:
    """Whether a filter names it, in a draft or in a published version: no foreign key would say so."""
    wanted = {(type(thing), thing.pk)}
    return any(True for _use in _in_drafts(wanted)) or any(True for _use in _in_versions(wanted))


def _said(node: Node, use: Use) -> Use:
    if node.binned_at is None:
        return use
    return Use(_("%s (in the recycle bin)") % use.words, reverse("campaigns:bin"))


# --- In filters -------------------------------------------------------------------------------------


def _in_drafts(wanted: set[Thing]) -> Iterator[tuple[Node, Use]]:
    kinds = naming.kinds_naming(filters, {model for model, _pk in wanted})
    owners = ("campaign__node", "named__node", "choice__step__campaign__node")
    rows = SmartListFilter.objects.filter(kind__in=kinds).order_by("smart_list")
    for each in rows.select_related(*(f"smart_list__{owner}" for owner in owners)):
        if wanted & {*naming.things(naming.filter_(each.kind, each.config))}:
            yield _owner_use(each.smart_list)


def _owner_use(of: SmartList) -> tuple[Node, Use]:
    if choice := getattr(of, "choice", None):
        return _flow_use(choice.step.campaign)
    if campaign := getattr(of, "campaign", None):
        words = _("Smart list of the campaign “%s”") % campaign
        return campaign.node, Use(words, reverse("campaigns:smart-list", args=[campaign.pk]))
    named: NamedList = of.named
    return named.node, Use(_("Smart list “%s”") % named, named.get_absolute_url())


def _in_versions(wanted: set[Thing]) -> Iterator[tuple[Node, Use]]:
    wanted = {(model, pk) for model, pk in wanted if model is not NamedList}
    if not naming.kinds_naming(filters, {model for model, _pk in wanted}):
        return
    for each in FlowVersion.objects.select_related("campaign__node").iterator():
        if wanted & {*_named_in(each)}:
            yield _version_use(each)


def _named_in(version: FlowVersion) -> Iterator[Thing]:
    flow = content.from_json(version.content)
    conditions = [branch.condition for step in flow.steps for branch in step.branches]
    for rule in [flow.smart_list, *conditions]:
        for each in nesting.every_filter(rule) if rule is not None else ():
            yield from naming.things(naming.filter_(each.kind, each.config))


# --- In steps ---------------------------------------------------------------------------------------


def _in_steps(wanted: set[Thing]) -> Iterator[tuple[Node, Use]]:
    named = Q(pk=None)
    for model, column in COLUMNS.items():
        named |= Q(**{f"{column}__in": [pk for kind, pk in wanted if kind is model]})
    rows = StepReference.objects.filter(named).order_by(F("version").asc(nulls_first=True), "pk")
    for each in rows.select_related("step__campaign__node", "version__campaign__node"):
        if each.version:
            yield _version_use(each.version)
        else:
            assert each.step is not None  # a reference is of the one or of the other
            yield _flow_use(each.step.campaign)


def _flow_use(campaign: Campaign) -> tuple[Node, Use]:
    url = reverse("campaigns:flow", args=[campaign.pk])
    return campaign.node, Use(_("Flow of the campaign “%s”") % campaign, url)


def _version_use(version: FlowVersion) -> tuple[Node, Use]:
    words = _("Version %(number)d of the campaign “%(campaign)s”")
    said = words % {"number": version.number, "campaign": version.campaign}
    url = reverse("campaigns:results", args=[version.campaign_id])
    return version.campaign.node, Use(said, url)
