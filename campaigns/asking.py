"""Vibes is asked about the numbers whose membership a run's texts need to know, before anybody comes to them; and
why a run waits for Vibes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

import structlog
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from people.models import Person
from vibes import gate, holding, mirror, senders
from vibes.client import Client, LoginRefused, VibesError
from vibes.models import Account, OutboxRange, OutboxRow, VibesList

from . import versions
from .content import FlowSpec, StepSpec
from .models import Cohort, Entry, Request, Run
from .registry import steps

log = structlog.get_logger(__name__)
SLICE = 400  # numbers asked between two looks at the clock, some seconds at Vibes' rate
LEASE = timedelta(seconds=60)  # of a run that somebody brings on
GIVE_UP = timedelta(minutes=2)  # of no answer about a number, while Vibes is there
Clock = Callable[[], datetime]


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
    return ask(run, clock=clock, ends=ends)


def _oldest(requests: QuerySet[Request]) -> list[datetime]:
    return list(requests.order_by("pk").values_list("created_at", flat=True)[:1])


def ask(run: Run, *, clock: Clock, ends: datetime) -> bool:
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
