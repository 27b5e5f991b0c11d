"""What happened to people → into which active campaigns they come. So far one thing happens: a request.

People come in sets, and one set at a time into a campaign, so that its qualification rule and its limit hold.
Any call may be lost, repeated or late: what is not answered stands in the database, and `due` finds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from people import activity, bulk
from people.activity import Happening, Kind
from people.crashpoint import crashpoint
from people.models import Person, PersonQuerySet
from people.models.setting import declare
from vibes.gate import Reason

from . import activating, asking, audience, enrolling, limits, owed, qualifying, skips, versions
from .asking import LEASE, Clock
from .models import Campaign, Cohort, Entry, FlowVersion, Request, Run, Verdict

REQUESTED = activity.register(
    Kind(
        "request_campaign",
        "Request Campaign",
        "“{campaign}” was requested by smart campaign “{by}”: {came}",
    )
)
DEEPEST = declare(
    "requests_in_a_row",
    default=10,
    help="Nobody comes through more campaigns that request one another than this: a ring ends here.",
)


def due(*, now: datetime) -> list[int]:
    """The campaigns (ids) of which requests are to be answered, or a newer version is to take over."""
    newer = FlowVersion.objects.filter(
        campaign=OuterRef("campaign"), number__gt=OuterRef("version__number")
    )
    active = Run.objects.active()
    behind = active.filter(Exists(newer), state=Run.State.RUNNING).values("campaign")
    asked = Request.objects.waiting().filter(campaign=OuterRef("pk"))
    busy = active.filter(Q(state=Run.State.PAUSED) | Q(lease_until__gte=now)).values("campaign")
    found = Campaign.objects.filter(Q(Exists(asked)) | Q(pk__in=behind)).exclude(pk__in=busy)
    return list(found.order_by("pk").values_list("pk", flat=True))


def listen(campaign_id: int, *, clock: Clock, budget: float = 20.0) -> bool:
    """Let those in who were requested, or say why not; whether there are more to see to at once."""
    run = activating.current(campaign_id, now=clock())
    if run is None:
        return _refuse_some(campaign_id, clock())
    if run.is_paused or not _hold(run, clock()):
        return False
    crashpoint("listener-held")
    try:
        if why := audience.obstacle(versions.flow_of(run.version).smart_list, now=clock()):
            return _wait(run, why)
        ends = clock() + timedelta(seconds=budget)
        if not asking.ask_before_entering(run, clock=clock, ends=ends):
            return False
        if run.fault:  # it stood in the way until now
            Run.objects.filter(pk=run.pk).update(fault="")
        came = _let_in(run.pk, clock())
        crashpoint("entry-committed")
        return came
    finally:
        Run.objects.filter(pk=run.pk).update(lease_until=None)


def _hold(run: Run, now: datetime) -> bool:
    free = Run.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=run.pk)
    return bool(free.update(lease_until=now + LEASE))


def _wait(run: Run, why: str) -> bool:
    """Nobody is let in or turned away while the smart list cannot be asked."""
    words = _("Nobody enters for now: %s") % why
    Run.objects.filter(pk=run.pk).update(fault=words[:255])
    return False


class _Asked(NamedTuple):
    """A request, as it is answered."""

    pk: int
    entry: int
    person: int
    step_id: int
    wave: int
    run: int
    by_campaign: int
    depth: int


Refused = Mapping[str, AbstractSet[int]]  # reason → people


@transaction.atomic
def _let_in(run_id: int, now: datetime) -> bool:
    # The run first: so nobody stops, pauses or deactivates it meanwhile, and one set comes in at a time.
    run = Run.objects.select_for_update(no_key=True).get(pk=run_id)
    if not run.is_active or run.is_paused:
        return False
    asked = _next(run.campaign_id)
    if not asked:
        return False
    refused = _judge(run, asked, now)
    out = {person for people in refused.values() for person in people}
    _enter(run, [each for each in asked if each.person not in out], now)
    crashpoint("inside-entry")
    _answer(run.campaign, asked, refused, now)
    crashpoint("requests-answered")
    return True


def _next(campaign_id: int) -> list[_Asked]:
    """The oldest requests, as many as a cohort holds: each person once, all as deep in a chain as the first."""
    rows = Request.objects.waiting().filter(campaign=campaign_id).order_by("pk")
    found = rows.select_for_update(of=("self",)).values_list(
        "pk", "entry", "entry__person", "step_id", "wave", "run", "run__campaign", "depth"
    )
    first: dict[int, _Asked] = {}
    for each in map(_Asked._make, found[: enrolling.SIZE]):
        if not first or each.depth == next(iter(first.values())).depth:
            first.setdefault(each.person, each)
    return [*first.values()]


def _judge(run: Run, asked: Sequence[_Asked], now: datetime) -> Refused:
    """Who does not enter, by the first reason that fits."""
    left = {each.person for each in asked}
    refused: dict[str, set[int]] = {}

    def refuse(reason: str, people: AbstractSet[int]) -> None:
        if gone := left & people:
            refused[reason] = gone
            left.difference_update(gone)

    if asked[0].depth > DEEPEST.get():
        refuse(Reason.REQUESTS_IN_A_RING, {*left})
    refuse(Reason.PERSON_DELETED, left - _ids(Person.objects.present(), left))
    rule = versions.flow_of(run.version).smart_list
    refuse(Reason.NOT_QUALIFIED, left - _ids(audience.entitled(rule, now=now), left))
    refuse(Reason.ENTERED_BEFORE, qualifying.barred(run.campaign, left, now=now))
    refuse(
        Reason.PERSON_LIMIT, _too_many(run, [each.person for each in asked if each.person in left])
    )
    return refused


def _ids(people: PersonQuerySet, among: AbstractSet[int]) -> set[int]:
    found = people.order_by().filter(pk__among=among)
    return set(found.values_list("pk", flat=True)) if among else set()


def _too_many(run: Run, people: Sequence[int]) -> set[int]:
    """Those for whom there is no room: the last who were requested. A newer version makes no room."""
    limit = limits.limit_of(run.campaign)
    return set() if limit is None else {*people[max(0, limit - activating.entered(run)) :]}


def _enter(run: Run, asked: Sequence[_Asked], now: datetime) -> None:
    """One cohort, whose id is the wave: the occasion on which they entered."""
    if not asked:
        return
    cohort = Cohort.objects.create(run=run, number=1, depth=asked[0].depth)
    Cohort.objects.filter(pk=cohort.pk).update(wave=cohort.pk)
    bulk.insert_rows(
        Entry,
        {"person": [each.person for each in asked]},
        same={"run": run.pk, "cohort": cohort.pk, "wave": cohort.pk, "entered_at": now},
    )
    Run.objects.filter(pk=run.pk).update(entered=F("entered") + len(asked))


@transaction.atomic
def _refuse_some(campaign_id: int, now: datetime) -> bool:
    """The campaign is not active (any more)."""
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    if Run.objects.active().filter(campaign=campaign).exists():
        return True
    asked = _next(campaign_id)
    people = {each.person for each in asked}
    _answer(campaign, asked, {Reason.REQUEST_NOT_ACTIVE: people} if people else {}, now)
    crashpoint("requests-refused")
    return bool(asked)


# --- Answered -------------------------------------------------------------------------------------


def _answer(campaign: Campaign, asked: Sequence[_Asked], refused: Refused, now: datetime) -> None:
    """Move the verdicts where it was requested, and write it into everybody's history."""
    why = {person: reason for reason, people in refused.items() for person in people}
    by_reason: dict[str, list[_Asked]] = defaultdict(list)
    for each in asked:
        by_reason[why.get(each.person, "")].append(each)
    for reason, some in by_reason.items():
        state = Request.State.REFUSED if reason else Request.State.ENTERED
        rows = Request.objects.filter(pk__among=[each.pk for each in some])
        rows.update(state=state, answered_at=now)
        visits = [(each.entry, each.step_id, each.wave) for each in some]
        if reason:
            skips.record_new(dict.fromkeys(visits, (reason, "")), now=now)
        owed.settle(
            visits,
            state=Verdict.State.SKIPPED if reason else Verdict.State.DONE,
            reason=reason,
            now=now,
        )
    _write_history(campaign, asked, why, now)


def _write_history(
    campaign: Campaign, asked: Sequence[_Asked], why: Mapping[int, str], now: datetime
) -> None:
    mine = Campaign.objects.select_related("node").in_bulk({each.by_campaign for each in asked})
    lines = [
        Happening(
            each.person,
            {
                "campaign": str(campaign),
                "by": str(mine[each.by_campaign]),
                "came": _came(why.get(each.person, "")),
            },
            campaign_id=each.by_campaign,
            run_id=each.run,
            step_id=each.step_id,
        )
        for each in asked
    ]
    activity.record(REQUESTED, lines, at=now)


def _came(reason: str) -> str:
    return str(Reason(reason).label) if reason else _("entered")
