"""What the steps that owe Vibes something have in common."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import Person
from vibes import gate
from vibes.gate import Judgement, Reason
from vibes.models import AcquisitionCampaign, VibesList
from vibes.outbox import Order, Queued, Visit

from .registry import Outcome, StepContext

LIST_GONE = gettext_lazy("The list is gone at Vibes. Choose another one.")


def visit_of(context: StepContext) -> Visit:
    """The step visit, as the outbox keeps it."""
    return Visit(
        campaign_id=context.campaign_id,
        run_id=context.run_id,
        step_id=context.step_id,
        wave=context.wave,
        now=context.now,
    )


def same_number(queued: Queued) -> tuple[dict[str, set[int]], dict[int, str]]:
    """Those whose number somebody else holds: as skipped by reason, and per person who it is.

    One statement, whether anybody shares a number or not.
    """
    names = {
        each.pk: str(each) for each in Person.objects.filter(pk__in=set(queued.holders.values()))
    }
    details = {
        person: _("%(name)s (person %(id)s) holds it") % {"name": names.get(who, ""), "id": who}
        for person, who in queued.holders.items()
    }
    return ({Reason.SAME_NUMBER: set(details)} if details else {}), details


def obstacle(
    action: str, vibes_list: VibesList, campaign: AcquisitionCampaign | None = None
) -> str:
    """What the catalogue says today against a step on this list, in words; empty when nothing."""
    why = gate.obstacle(action=action, vibes_list=vibes_list, campaign=campaign)
    return f"{Reason(why).label}." if why else ""


def orders(judged: Judgement, context: StepContext) -> list[Order]:
    """One call without a text for everybody admitted; in a dry run there are no entries yet."""
    return [
        Order(person.pk, context.entries.get(person.pk, 0), person.mobile)
        for person in judged.admitted
    ]


def outcome(judged: Judgement, queued: Queued) -> Outcome:
    """What the gate and the outbox made of everybody."""
    skipped, details = same_number(queued)
    return Outcome(queued=queued.people, skipped={**judged.refused, **skipped}, details=details)
