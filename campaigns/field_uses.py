"""Which campaigns and messages use a field of people: the answers for `people.field_uses`.

Settings of steps and filters name a field by `people.fields.Field.name`, as a value or as their kind,
whatever their forms are called; a text names it by what it is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from people.field_uses import Use, Uses
from people.fields import CUSTOM, Field

from .models import (
    Campaign,
    Choice,
    FlowStep,
    FlowVersion,
    MessageVersion,
    Run,
    Slot,
    SmartListFilter,
    SmsMessage,
)
from .tokens import compile_text

AT_WORK = (
    Q(runs__state__in=Run.OPEN)
    | Q(moves__run__state__in=Run.OPEN)
    | Q(slots__state=Slot.State.PLANNED)
)


def in_campaigns(fields: Sequence[Field]) -> Uses:
    """Drafts, and what runs that are not over or planned were pinned to. As many queries for many."""
    names = {each.name for each in fields}
    found: dict[str, dict[str, Use]] = {name: {} for name in names}
    for used, use in _all_uses():
        for name in names & used:
            found[name][use.words] = use
    return {name: [*uses.values()] for name, uses in found.items()}


def in_messages(fields: Sequence[Field]) -> Uses:
    """Drafts, what is approved, and older texts that runs not yet over still send."""
    found: dict[str, list[Use]] = {each.name: [] for each in fields}
    for message, texts in _texts().items():
        used = {token.field for text in texts for token in compile_text(text).tokens}
        for name in found.keys() & used:
            found[name].append(_use(_("Message “%(name)s”"), message, message.get_absolute_url()))
    return found


# --- Campaigns ------------------------------------------------------------------------------------


def _all_uses() -> Iterator[tuple[set[str], Use]]:
    """For each card, and each version at work, the words in its settings and where it is."""
    yield from _filters()
    for step in _holding(FlowStep.objects.select_related("campaign__node"), "config"):
        yield _strings(step.config), _flow(step.campaign)
    for choice in _holding(Choice.objects.select_related("step__campaign__node"), "config"):
        yield _strings(choice.config), _flow(choice.step.campaign)
    pinned = FlowVersion.objects.filter(AT_WORK).select_related("campaign__node").distinct()
    for version in _holding(pinned, "content"):
        said = _("What a run of “%(name)s” is at work on")
        where = reverse("campaigns:results", args=[version.campaign_id])
        yield _strings(version.content), _use(said, version.campaign, where)


def _filters() -> Iterator[tuple[set[str], Use]]:
    """Of a campaign's smart list, or of a choice in its flow."""
    rows = SmartListFilter.objects.select_related(
        "smart_list__campaign__node", "smart_list__choice__step__campaign__node"
    )
    for row in _holding(rows, "config", also=Q(kind__startswith=CUSTOM)):
        used = _strings(row.config) | {row.kind}
        if campaign := getattr(row.smart_list, "campaign", None):
            yield used, _list(campaign)
        elif choice := getattr(row.smart_list, "choice", None):
            yield used, _flow(choice.step.campaign)
        else:
            yield used, Use(_("A smart list"))


def _holding(
    rows: models.QuerySet[Any], column: str, *, also: Q | None = None
) -> models.QuerySet[Any]:
    """Those in whose JSON a custom field may be named at all."""
    named = Q(in_words__contains=CUSTOM) | (also or Q(pk=None))
    held: models.QuerySet[Any] = rows.annotate(in_words=Cast(column, TextField())).filter(named)
    return held


def _strings(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {word for each in value.values() for word in _strings(each)}
    if isinstance(value, list):
        return {word for each in value for word in _strings(each)}
    return {value} if isinstance(value, str) else set()


def _list(campaign: Campaign) -> Use:
    return _use(_("Smart list of “%(name)s”"), campaign, campaign.get_absolute_url())


def _flow(campaign: Campaign) -> Use:
    return _use(_("Flow of “%(name)s”"), campaign, reverse("campaigns:flow", args=[campaign.pk]))


def _use(said: str, what: models.Model, url: str) -> Use:
    return Use(said % {"name": what}, url)


# --- Messages -------------------------------------------------------------------------------------


def _texts() -> dict[SmsMessage, list[str]]:
    """Every text with a token in it that is written, approved, or may still be sent, by message.

    Of a message that a run still sends, each approved text counts: which one is the run's affair.
    """
    found: dict[SmsMessage, list[str]] = {}
    for message in SmsMessage.objects.select_related("node").filter(text__contains="{{"):
        found.setdefault(message, []).append(message.text)
    at_work = FlowVersion.objects.filter(AT_WORK).values("pk")
    sent = SmsMessage.objects.filter(used_by__version__in=at_work).values("pk")
    current = SmsMessage.objects.exclude(approved=None).values("approved")
    texts = MessageVersion.objects.filter(Q(message__in=sent) | Q(pk__in=current))
    for version in texts.filter(text__contains="{{").select_related("message__node"):
        found.setdefault(version.message, []).append(version.text)
    return found
