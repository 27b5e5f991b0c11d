"""How many people may enter a run: the campaign's own limit, and the instance's above all."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from people.models.setting import declare

from .models import Campaign

PERSON_LIMIT = declare(
    "person_limit",
    default=250_000,
    help="No run starts with more people than this, whatever its campaign allows. 0: no limit.",
)


def limit_of(campaign: Campaign) -> int | None:
    """How many people may enter a run of a campaign; None where there is no limit."""
    kept = [
        each for each in (campaign.person_limit, PERSON_LIMIT.get() or None) if each is not None
    ]
    return min(kept, default=None)


def refusal(campaign: Campaign, people: int) -> str:
    """Why a run for so many people does not start, with the number, the limit and where it is changed;
    empty when it may."""
    limit = limit_of(campaign)
    if limit is None or people <= limit:
        return ""
    figures = {"people": _shown(people), "limit": _shown(limit)}
    if limit == campaign.person_limit:
        words = _(
            "%(people)s people would enter, and this campaign allows %(limit)s. Nothing is sent."
            " Narrow the smart list, or raise the person limit here on Schedule."
        )
    else:
        words = _(
            "%(people)s people would enter, and this instance allows %(limit)s. Nothing is sent."
            " Narrow the smart list, or have an operator raise “person_limit” in Admin › Settings."
        )
    return words % figures


def _shown(number: int) -> str:
    return number_format(number, force_grouping=True)
