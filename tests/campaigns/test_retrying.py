"""Retry the missed: a run of its own, of the one step, for those who missed it, each of them once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from campaigns import asking, launch, missed, results, retrying, runner, versions
from campaigns.missed import Missed, Which
from campaigns.models import Intervention, Run, SmsMessage, Verdict
from people.models import Person
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes.models import OutboxRow, VibesList

pytestmark = pytest.mark.django_db
NOON = runs.NOON
FAILED: Which = ("failed", "vibes-not-reachable")
UNKNOWN: Which = ("unknown", "answer-lost")


@pytest.fixture
def run() -> Run:
    """Ana got her text, Ben's failed, nobody knows about Eve's; all three live in Boston by now."""
    offers = make.vibes_list()
    for place, name in enumerate(("Ana", "Ben", "Eve")):
        make.subscriber(offers, mobile=f"(312) 555-000{place}", first_name=name, city="Chicago")
    steps = [make.send(make.approved_message(), offers), make.change()]
    found = runs.running(make.campaign(filters=[make.in_city()], steps=steps))
    runs.settle(found, "accepted", number=1)
    runs.settle(found, "rejected", number=1, reason=FAILED[1])
    runs.settle(found, "unknown", number=1, reason=UNKNOWN[1])
    launch.finish_runs(now=NOON)
    found.refresh_from_db()
    return found


def step(run: Run) -> int:
    return versions.flow_of(run.version).steps[0].id


def retry(run: Run, *which: Which, why: str = "", token: str = "") -> Run:
    found, _ = retrying.begin(
        run,
        step_id=step(run),
        which=which,
        why=why,
        token=token or retrying.token(run),
        by=make.user(),
        now=NOON,
    )
    return found


def go(found: Run) -> Run:
    """Find its people and take them through, as workers would; Vibes is asked nothing."""
    launch.prepare(found.pk, clock=lambda: NOON)
    Run.objects.filter(pk=found.pk, state=Run.State.ASKING).update(state=Run.State.RUNNING)
    while cohorts := runner.due(now=NOON):
        for cohort in cohorts:
            runner.advance(cohort, now=NOON)
    found.refresh_from_db()
    return found


@pytest.fixture(autouse=True)
def _nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ask", lambda *_, **__: True)


def names(found: Run) -> list[str]:
    return sorted(found.entries.values_list("person__first_name", flat=True))


def test_lists_who_missed_what(run: Run) -> None:
    assert missed.of(run) == [Missed(step(run), *FAILED, 1), Missed(step(run), *UNKNOWN, 1)]


def test_takes_those_who_missed_the_step_through_it_and_through_no_other(run: Run) -> None:
    found = go(retry(run, FAILED))

    assert (names(found), found.entered, found.version) == (["Ben"], 1, run.version)
    assert list(found.verdicts.values_list("step_id", "state")) == [(step(run), "queued")]
    assert found.cohorts.get().state == "done"
    assert OutboxRow.objects.filter(run_id=found.pk).count() == 1


def test_leaves_the_old_run_as_it_was(run: Run) -> None:
    before = results.recount(run)

    go(retry(run, FAILED))

    assert results.recount(Run.objects.get(pk=run.pk)) == before
    assert OutboxRow.objects.filter(run_id=run.pk).count() == 3


def test_asks_the_gate_anew(run: Run) -> None:
    Person.objects.filter(first_name="Ben").update(block_listed=True)

    found = go(retry(run, FAILED))

    assert list(found.verdicts.values_list("state", "reason")) == [("skipped", "block-listed")]


def test_runs_the_version_of_the_old_run_whatever_is_drafted_since(run: Run) -> None:
    make.rewrite(SmsMessage.objects.get(), "Something else")

    found = go(retry(run, FAILED))

    assert OutboxRow.objects.get(run_id=found.pk).text == "Hi Ben"


def test_what_may_have_arrived_needs_a_reason_which_is_kept_with_whom_it_concerns(run: Run) -> None:
    with pytest.raises(retrying.NoReason):
        retry(run, FAILED, UNKNOWN, why="  ")
    assert not run.retries.exists()

    found = go(retry(run, FAILED, UNKNOWN, why="They say nothing came"))

    eve = found.entries.get(person__first_name="Eve")
    assert (found.retry_reason, found.started_by) == ("They say nothing came", make.user())
    assert eve.retry_of == run.verdicts.get(person=eve.person, step_id=step(run))
    line = Intervention.objects.get(deed="retry")
    assert (line.run, line.reason, line.figures["people"]) == (run, "They say nothing came", 2)


def test_nobody_is_retried_twice(run: Run) -> None:
    go(retry(run, FAILED))

    assert missed.of(run) == [Missed(step(run), *UNKNOWN, 1)]
    assert names(go(retry(run, FAILED))) == []


def test_what_fails_again_is_retried_from_the_retry(run: Run) -> None:
    first = go(retry(run, FAILED))
    runs.settle(first, "rejected", reason=FAILED[1])

    again = go(retry(first, FAILED))

    assert (names(again), again.retry_of) == (["Ben"], first)


def test_the_same_token_is_the_same_retry(run: Run) -> None:
    token = retrying.token(run)

    assert retry(run, FAILED, token=token) == retry(run, FAILED, token=token)
    assert retrying.token(run) != token


def test_does_not_start_where_the_step_cannot_work_today(run: Run) -> None:
    VibesList.objects.update(gone_at=NOON)

    with pytest.raises(versions.NotReady):
        retry(run, FAILED)


def test_does_not_start_above_the_person_limit(run: Run) -> None:
    run.campaign.person_limit = 1
    run.campaign.save()

    with pytest.raises(versions.NotReady, match="2 people would enter"):
        retry(run, FAILED, UNKNOWN, why="Dared")


def test_members_are_counted_once(run: Run) -> None:
    go(retry(run, FAILED))

    assert Verdict.objects.filter(person__first_name="Ben", step_id=step(run)).count() == 2
    assert Person.objects.filter(entries__run__campaign=run.campaign).distinct().count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_retries_at_once_share_the_people_between_them(run: Run) -> None:
    both = [retry(run, FAILED), retry(run, FAILED, token="another")]
    ready = threading.Barrier(2)

    def prepare(found: Run) -> None:
        try:
            ready.wait()
            launch.prepare(found.pk, clock=lambda: NOON + timedelta(seconds=1))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(prepare, both))

    assert sorted(names(found) for found in both) == [[], ["Ben"]]
