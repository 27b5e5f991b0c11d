"""May this run? Publish, pin the version, find the people, ask Vibes about unknown numbers, let go."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from people.crashpoint import crashpoint
from people.models import Person, PersonQuerySet
from people.models.setting import declare
from vibes import census, gate, holding, mirror, senders
from vibes.client import Client, LoginRefused, VibesError
from vibes.models import Account, OutboxRange, OutboxRow, VibesList

from . import audience, enrolling, limits, missed, sources, versions
from .content import FlowSpec, StepSpec
from .drafts import Problem
from .models import Campaign, Cohort, Entry, FlowVersion, Request, Run, Verdict
from .registry import steps

log = structlog.get_logger(__name__)
SLICE = 400  # numbers asked between two looks at the clock, some seconds at Vibes' rate
LEASE = timedelta(seconds=60)
GIVE_UP = timedelta(minutes=2)  # of no answer about a number, while Vibes is there
CONFIRM_ABOVE = declare(
    "confirm_above",
    default=1_000,
    help="Before a run of more people than this, their number must be typed.",
)
Clock = Callable[[], datetime]


def new_token() -> str:
    """A start token that nobody else has: the same token is the same run, however often it is used."""
    return secrets.token_urlsafe(24)


def start_token(campaign: Campaign) -> str:
    """The start token of a campaign's next run, for a form: the same in every tab and for everybody."""
    newest = campaign.runs.order_by("-pk").values_list("pk", flat=True).first()
    return f"campaign-{campaign.pk}-after-{newest or 0}"


def start(
    campaign: Campaign, *, token: str, by: Any, now: datetime, version: FlowVersion | None = None
) -> Run:
    """As `begin`: the run of this token, whether it was begun now or before."""
    run, _ = begin(campaign, token=token, by=by, now=now, version=version)
    return run


@transaction.atomic
def begin(
    campaign: Campaign, *, token: str, by: Any, now: datetime, version: FlowVersion | None = None
) -> tuple[Run, bool]:
    """Start one run of a version, the one that was pinned before, or the draft, which is published; say
    whether it is new.

    The same token again, by whomever and however often at once, gives the run it started. Raises
    versions.NotReady on the first red step, when something that is published stands against what
    Vibes offers today, and when more people would enter than may. The run finds its people when
    `prepare` is called, soon after.
    """
    if existing := campaign.runs.filter(token=token).first():
        return existing, False
    if version is None:
        version = pin(campaign, by=by, now=now)
    else:
        _check(version)
    if campaign.runs.active().exists():
        raise versions.NotReady([_active_still()])
    _refuse_too_many(campaign, version, now)
    return campaign.runs.get_or_create(
        token=token,
        defaults={"version": version, "started_by": by, "started_at": now},
    )


def not_run(campaign: Campaign) -> list[Problem]:
    """Why a campaign is not run as a batch, by what it is now: it has a trigger, or people enter still."""
    if campaign.smart_list.triggers.exists():
        return [_activated_instead()]
    if campaign.runs.active().exists():
        return [_active_still()]
    return []


def _active_still() -> Problem:
    words = _("It is active: people enter by its trigger. Deactivate it before you run it.")
    return Problem(words, "schedule", "activation")


def _activated_instead() -> Problem:
    words = _("It has a trigger, so it is not run but activated: people enter one by one.")
    return Problem(words, "schedule", "activation")


def _refuse_too_many(campaign: Campaign, version: FlowVersion, now: datetime) -> None:
    people = audience.people(versions.flow_of(version).smart_list, now=now)
    if words := limits.refusal(campaign, people.count()):
        raise versions.NotReady([Problem(words, "schedule", "person-limit")])


def pin(campaign: Campaign, *, by: Any, now: datetime) -> FlowVersion:
    """The version that a run of the draft would have: published where it is not yet. Raises NotReady, of a
    triggered one before it is published."""
    if problems := not_run(campaign):
        raise versions.NotReady(problems)
    version = versions.publish(campaign, by=by, now=now)
    _check(version)
    return version


def _check(version: FlowVersion) -> None:
    if versions.flow_of(version).is_triggered:
        raise versions.NotReady([_activated_instead()])
    if obstacles := versions.obstacles(version):
        raise versions.NotReady(obstacles)


def to_prepare(*, now: datetime) -> list[int]:
    """Runs that nobody is preparing just now."""
    early = [Run.State.ENROLLING, Run.State.ASKING]
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return list(Run.objects.filter(free, state__in=early).values_list("pk", flat=True))


def prepare(run_id: int, *, clock: Clock, budget: float = 20.0) -> Run.State:
    """Bring a run from its launch to running, as far as `budget` seconds reach; say where it stands.

    One at a time a run: whoever holds its lease. Interrupted anywhere, the next call goes on.
    """
    if not _take(run_id, clock()):
        return Run.State(Run.objects.values_list("state", flat=True).get(pk=run_id))
    run = Run.objects.select_related("version", "campaign", "retry_of").get(pk=run_id)
    try:
        if run.state == Run.State.ENROLLING:
            _enrol(run, clock())
        if run.state == Run.State.ASKING and _ask(run, clock, clock() + timedelta(seconds=budget)):
            _let_go(run)
    finally:
        Run.objects.filter(pk=run_id).update(lease_until=None)
    run.refresh_from_db(fields=["state"])
    return Run.State(run.state)


def _take(run_id: int, now: datetime) -> bool:
    free = Run.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=run_id)
    early = free.filter(state__in=[Run.State.ENROLLING, Run.State.ASKING])
    return bool(early.update(lease_until=now + LEASE))


def _enrol(run: Run, now: datetime) -> None:
    """Freeze the audience. Where it has grown beyond what may enter, nobody does, and the run says so."""
    try:
        _freeze(run, now)
    except _MayNotEnter as found:
        refused = Run.objects.filter(pk=run.pk, state=Run.State.ENROLLING)
        over = {"chosen": sources.forgotten(run.chosen), "finished_at": now}
        refused.update(state=Run.State.REFUSED, fault=found.words[:255], **over)


class _MayNotEnter(Exception):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@transaction.atomic
def _freeze(run: Run, now: datetime) -> None:
    here = Run.objects.filter(pk=run.pk, state=Run.State.ENROLLING)
    if not here.update(state=Run.State.ASKING):
        return
    flow = versions.flow_of_run(run)
    with census.gathered(_who(run, flow, now)) as gathered:
        if words := limits.refusal(run.campaign, gathered.count):
            raise _MayNotEnter(words)
        run.entered = enrolling.enter(run, gathered, now=now)
        run.to_ask = sum(gathered.unknown(each) for each in lists_to_ask(flow))
    if run.retry_of_id:
        missed.remember(run)
    run.state, run.asked_at = Run.State.ASKING, now
    run.chosen = sources.forgotten(
        run.chosen
    )  # they are in: what they were found by may name somebody
    run.save(update_fields=["entered", "to_ask", "asked_at", "chosen"])
    crashpoint("run-frozen")


def _who(run: Run, flow: FlowSpec, now: datetime) -> PersonQuerySet:
    """Everybody who belongs in it. Raises _MayNotEnter."""
    if not run.retry_of_id:
        return _people(run, flow, now)
    # Two retries of one run at once: the second finds whom the first has taken.
    Run.objects.select_for_update(no_key=True).get(pk=run.retry_of_id)
    return missed.people_of(run)


def _people(run: Run, flow: FlowSpec, now: datetime) -> PersonQuerySet:
    """Whom the smart list finds, or whom somebody chose for a single flow action."""
    if not run.chosen:
        return audience.people(flow.smart_list, now=now)
    try:
        return sources.from_json(run.chosen).people(now=now)
    except sources.NoSuchPeople as gone:
        raise _MayNotEnter(str(gone)) from gone


def lists_to_ask(flow: FlowSpec) -> list[VibesList]:
    """The Vibes lists on which the flow's steps need to know who is a member."""
    return _lists(step for step in flow.steps if steps.get(step.kind).asks_membership)


def lists_of_run(run: Run) -> list[VibesList]:
    """The same of a run: of its version, and of those that people were moved to."""
    flows = [versions.flow_in(run, each) for each in versions.of_run(run)]
    return list({each.pk: each for flow in flows for each in lists_to_ask(flow)}.values())


def expected_waits(flow: FlowSpec) -> list[str]:
    """Why a run of this flow would wait, as things stand, in words: as `waits_for` says it later."""
    accounts = {each.account_id: each.account for each in _lists(flow.steps)}
    held = [held_words(each) for each in accounts.values() if each.held_until]
    faulty = [each for each in lists_to_ask(flow) if each.sender_fault]
    return held + [senders.words(each) for each in faulty]


def _lists(of: Iterable[StepSpec]) -> list[VibesList]:
    """The Vibes lists in the settings of these steps, each once."""
    found = {
        value.pk: value
        for step in of
        for branch in step.branches
        if not branch.does_nothing
        for value in vars(steps.get(step.kind).thaw(branch.config)).values()
        if isinstance(value, VibesList)
    }
    return list(found.values())


def unknown(run: Run, vibes_list: VibesList, *, only_inside: bool = False) -> QuerySet[Person, str]:
    """The numbers of a run about which Vibes was never asked and nothing else stands against a text; all, or
    of those who are not through yet."""
    concerned = _concerned(run, only_inside=only_inside)
    why = gate.reason(action=OutboxRow.Action.TEXT, vibes_list=vibes_list)
    textable = Person.objects.filter(concerned).annotate(why=why)
    only_unknown = textable.filter(why=gate.Reason.MEMBERSHIP_UNKNOWN)
    return mirror.unknown_mobiles(only_unknown, vibes_list)


def _to_ask(run: Run, vibes_list: VibesList) -> QuerySet[Person, str]:
    """Where people were moved to another version, many may be through: of those nobody asks any more."""
    return unknown(run, vibes_list, only_inside=len(versions.of_run(run)) > 1)


def _concerned(run: Run, *, only_inside: bool) -> Exists:
    """Whoever is in a run, or not through it yet; of a triggered one who is to be, and is asked about before."""
    if only_inside:
        inside = run.entries.filter(left_at=None).exclude(cohort__state=Cohort.State.DONE)
        return Exists(inside.filter(person=OuterRef("pk")))
    if not run.is_triggered:
        return Exists(run.entries.filter(person=OuterRef("pk")))
    requested = Request.objects.waiting().filter(campaign=run.campaign_id).values("entry")
    return Exists(Entry.objects.filter(pk__in=requested, person=OuterRef("pk")))


def ask_before_entering(run: Run, *, clock: Clock, ends: datetime) -> bool:
    """Of a triggered run: ask Vibes about every unknown number of those who are to enter; whether all was
    answered, or nobody has been for a while. Makes no call where every number is known."""
    flow = versions.flow_of_run(run)
    if not any(unknown(run, each).exists() for each in lists_to_ask(flow)):
        return True
    # Vibes is silent about them since they were requested, at the longest.
    waiting = Request.objects.waiting().filter(campaign=run.campaign_id)
    since = [each for each in (run.asked_at, *_oldest(waiting)) if each is not None]
    run.asked_at = max(since, default=clock())
    run.save(update_fields=["asked_at"])
    return _ask(run, clock, ends)


def _oldest(requests: QuerySet[Request]) -> list[datetime]:
    return list(requests.order_by("pk").values_list("created_at", flat=True)[:1])


def _ask(run: Run, clock: Clock, ends: datetime) -> bool:
    """Look at every list's sender and ask Vibes about every unknown number; say whether all was answered.

    What Vibes said for another run, or in an earlier try, does not count for the senders: each try looks anew.
    """
    for vibes_list in lists_of_run(run):
        try:
            if not _ask_list(run, vibes_list, clock, ends):
                return False
        except LoginRefused as refused:
            holding.hold(vibes_list.account, str(refused), now=clock())
            return _wait(run, held_words(vibes_list.account), clock())
        except senders.SenderConflict as conflict:
            return _wait(run, str(conflict), clock())
        except VibesError as fault:
            words = _("Vibes does not answer as it should: %s") % fault
            return _wait(run, words, clock())
    return True


def _ask_list(run: Run, vibes_list: VibesList, clock: Clock, ends: datetime) -> bool:
    if holding.is_held(vibes_list.account):
        return _wait(run, held_words(vibes_list.account), clock())
    with Client(vibes_list.account, slots=40) as client:
        if not _is_there(vibes_list, client, clock()):
            return True  # everybody gets to read that; the other steps go on
        senders.ensure_sender(vibes_list, client, clock())
        for _asked in _ask_slices(run, vibes_list, client, clock):
            if clock() > ends:
                return False
        if not _is_asking(run):
            return False  # paused or stopped meanwhile
    return not _to_ask(run, vibes_list).exists() or _is_in_vain(run, clock())


def _is_there(vibes_list: VibesList, client: Client, now: datetime) -> bool:
    """Whether Vibes still offers the list; our copy is at most one sync old."""
    offered = vibes_list.vibes_id in {each.vibes_id for each in client.lists()}
    here = VibesList.objects.filter(pk=vibes_list.pk, gone_at__isnull=not offered)
    if here.update(gone_at=None if offered else now):
        log.warning("a list came or went", vibes_list=vibes_list.pk, offered=offered)
    return offered


def _wait(run: Run, words: str, now: datetime) -> Literal[False]:
    """The run stands still and says why; the next call tries again."""
    log.warning("a run waits", run=run.pk, why=words)
    Run.objects.filter(pk=run.pk).update(fault=words[:255], asked_at=now)
    return False


def held_words(account: Account) -> str:
    """Why nothing leaves for a service that is held."""
    if account.health == Account.Health.AWAY:
        return _("Held: Vibes cannot be reached (%s). Nothing is lost.") % account
    return _("Held: Vibes refuses our login (%s). Nothing is lost.") % account


def waits_for(run: Run) -> list[str]:
    """Why an open run stands still, in words: a held service, a list without a sound sender."""
    if run.is_paused:
        return []  # by somebody, who is named beside it
    if run.state == Run.State.ASKING:
        return [run.fault] if run.fault else []
    at_the_door = [run.fault] if run.is_active and run.fault else []
    owed = OutboxRange.objects.open().filter(run_id=run.pk)
    held = Account.objects.filter(pk__in=owed.values("account")).exclude(held_until=None)
    texts = owed.filter(action=OutboxRow.Action.TEXT)
    stopped = VibesList.objects.without_sender().filter(pk__in=texts.values("vibes_list"))
    leaving = [held_words(each) for each in held] + [senders.words(each) for each in stopped]
    return list(dict.fromkeys(at_the_door + leaving))


def _is_in_vain(run: Run, now: datetime) -> bool:
    """Whether Vibes is there, but has answered about nobody for a while: what is left gets no answer.

    Those go on with the verdict *membership-unknown*, rather than hold up all the others.
    """
    run.refresh_from_db(fields=["asked_at"])
    return run.asked_at is not None and now - run.asked_at > GIVE_UP


def _ask_slices(run: Run, vibes_list: VibesList, client: Client, clock: Clock) -> Iterator[int]:
    while _is_asking(run) and (mobiles := list(_to_ask(run, vibes_list)[:SLICE])):
        answered = mirror.ask(vibes_list, mobiles, client, clock())
        Run.objects.filter(pk=run.pk).update(lease_until=clock() + LEASE)
        if not answered:
            return
        Run.objects.filter(pk=run.pk).update(
            asked=F("asked") + answered, asked_at=clock(), fault=""
        )
        yield answered


def _is_asking(run: Run) -> bool:
    asks = Run.State.RUNNING if run.is_triggered else Run.State.ASKING
    return Run.objects.filter(pk=run.pk, state=asks).exists()


def _let_go(run: Run) -> None:
    Run.objects.filter(pk=run.pk, state=Run.State.ASKING).update(state=Run.State.RUNNING)


def finish_runs(*, now: datetime) -> int:
    """Call runs finished in which nobody moves any more and every verdict is final, and into which nobody
    comes; say how many."""
    moving = Cohort.objects.filter(run=OuterRef("pk")).exclude(state=Cohort.State.DONE)
    open_ = Verdict.objects.open().filter(run=OuterRef("pk"))
    shut = Q(is_triggered=False) | Q(deactivated_at__isnull=False)
    running = Run.objects.filter(shut, state=Run.State.RUNNING)
    return running.filter(~Exists(moving), ~Exists(open_)).update(
        state=Run.State.FINISHED, finished_at=now
    )


def open_runs(campaign: Campaign) -> QuerySet[Run]:
    """Runs of a campaign that are not over."""
    return campaign.runs.filter(state__in=Run.OPEN)
