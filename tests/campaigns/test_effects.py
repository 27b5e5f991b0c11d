"""What steps owe outside Vibes happens once, is held and called off with its run, and is never guessed at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection

from campaigns import brake, control, effects, late, launch, outward, tasks, webhooks
from campaigns.models import Campaign, Effect, Run, Verdict, Webhook
from campaigns.outward import Lost, NotDone, NotNow
from people import binning, erasing
from people.models import Activity
from tests.campaigns import make
from tests.campaigns.views.runs import running
from tests.people.make import person

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


class Outside:
    """Whom we call: keeps what it was told, and answers or raises as it is set."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Any, dict[str, str]]] = []
        self.error: Exception | None = None

    def call(self, method: str, url: str, *, body: Any, headers: dict[str, str]) -> dict[str, Any]:
        self.told.append((method, url, body, headers))
        if self.error:
            raise self.error
        return {"status": 200, "body": "thanks"}


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    found = Outside()
    monkeypatch.setattr(outward, "call", found.call)
    return found


@pytest.fixture
def hook() -> Webhook:
    return Webhook.objects.create(
        name="Tell the shop",
        url="https://shop.example.com/people?name={{person.First Name}}",
        body='{"name": "{{person.First Name}}", "vip": true}',
        header_name="Authorization",
        header_value="Bearer secret",
    )


@pytest.fixture
def told(hook: Webhook, settings: Any) -> Campaign:
    settings.WEBHOOK_HOSTS = ["shop.example.com"]
    person(first_name='A"n&a', city="Chicago")
    return make.campaign(
        filters=[make.in_city()], steps=[("call_webhook", {"webhook": str(hook.pk)})]
    )


def deliver(now: datetime = NOON) -> None:
    while effects.deliver(clock=lambda: now):
        pass


def verdict() -> tuple[str, str, str]:
    found = Verdict.objects.get()
    return found.state, found.reason, found.detail


def test_calls_once_with_what_is_said_of_this_person(told: Campaign, outside: Outside) -> None:
    run = running(told)
    assert verdict() == ("queued", "", "")

    deliver()
    deliver()

    url = "https://shop.example.com/people?name=A%22n%26a"
    body = {"name": 'A"n&a', "vip": True}
    assert outside.told == [("POST", url, body, {"Authorization": "Bearer secret"})]
    assert verdict() == ("done", "", "")
    assert Effect.objects.get().answer == {"status": 200, "body": "thanks"}
    launch.finish_runs(now=NOON)
    run.refresh_from_db()
    assert run.state == Run.State.FINISHED


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (NotDone("It answered 404", {"status": 404}), ("failed", "effect-failed")),
        (Lost("It gave no whole answer"), ("unknown", "effect-lost")),
        (ZeroDivisionError(), ("unknown", "effect-lost")),
    ],
)
def test_what_did_not_succeed_is_a_verdict_and_not_tried_again(
    told: Campaign, outside: Outside, error: Exception, found: tuple[str, str]
) -> None:
    running(told)
    outside.error = error

    deliver()
    deliver(NOON + timedelta(days=1))

    assert verdict()[:2] == found
    assert len(outside.told) == 1


def test_what_was_not_reached_is_tried_again_and_in_the_end_failed(
    told: Campaign, outside: Outside
) -> None:
    running(told)
    outside.error = NotNow("It could not be reached")

    times = []
    for minute in range(60):
        before = len(outside.told)
        deliver(NOON + timedelta(minutes=minute))
        times += [minute] * (len(outside.told) - before)

    assert times == [0, 1, 6, 36]
    assert verdict() == ("failed", "effect-failed", "It could not be reached")


def test_is_held_while_its_run_is_paused(told: Campaign, outside: Outside) -> None:
    run = running(told)
    control.pause(run.pk, by=make.user(), now=NOON)
    deliver()
    assert outside.told == []

    control.resume(run.pk, cancel_late=False, by=make.user(), now=NOON)
    deliver()
    assert len(outside.told) == 1


def test_is_called_off_with_its_run(told: Campaign, outside: Outside) -> None:
    run = running(told)
    control.stop(run.pk, by=make.user(), now=NOON)
    assert run.pk in control.to_wind_up() or verdict()[0] == "cancelled"
    control.wind_up(run.pk, clock=lambda: NOON)
    deliver()

    assert outside.told == []
    assert verdict() == ("cancelled", "run-stopped", "")
    assert control.to_wind_up() == []


def test_whoever_dies_with_it_leaves_it_unknown(told: Campaign, outside: Outside) -> None:
    running(told)
    effects._claim(NOON)

    deliver(NOON + timedelta(minutes=1))
    assert verdict()[0] == "queued"
    deliver(NOON + timedelta(minutes=3))

    assert outside.told == []
    assert verdict() == ("unknown", "effect-lost", "The worker died meanwhile")


def test_whoever_comes_too_late_changes_nothing(told: Campaign, outside: Outside) -> None:
    running(told)
    [claimed] = effects._claim(NOON)
    deliver(NOON + timedelta(minutes=3))

    effects._settle(claimed, effects.Ended(Effect.State.DONE), NOON)

    assert verdict()[0] == "unknown"


def test_two_workers_call_for_each_person_once(told: Campaign, outside: Outside) -> None:
    for number in range(60):
        person(first_name=f"P{number}", city="Chicago")
    running(told)
    both = Barrier(2)

    def work() -> None:
        both.wait()
        deliver()
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    assert len(outside.told) == 61
    assert len({url for _, url, *_ in outside.told}) == 61


def test_texts_find_a_free_worker_however_slow_others_are(
    told: Campaign, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "AT_ONCE", 1)
    for _ in range(4):
        person(city="Chicago")
    running(told)

    claims = [len(effects._claim(NOON)) for _ in range(3)]

    assert claims == [1, 1, 0]


def test_whoever_is_erased_is_told_of_to_nobody(told: Campaign, outside: Outside) -> None:
    running(told)
    gone = Verdict.objects.get().person
    binning.delete([gone.pk], by="Ada", now=NOON)
    binning.erase_soon([gone.pk], by="Ada", now=NOON)
    erasing.erase_some(now=NOON + timedelta(days=1))

    deliver(NOON + timedelta(days=1))

    assert outside.told == []
    assert verdict()[:2] == ("cancelled", "person-deleted")


def test_a_stop_leaves_much_to_be_wound_up_after_it(
    told: Campaign, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = running(told)
    monkeypatch.setattr(control, "AT_ONCE", 0)

    control.stop(run.pk, by=make.user(), now=NOON)
    deliver()

    assert (outside.told, verdict()[0]) == ([], "queued")
    assert control.to_wind_up() == [run.pk]


def test_numbers_are_written_alike_in_an_address(hook: Webhook) -> None:
    hook.url = "https://shop.example.com/?n={{person.Annual Revenue}}"
    who = person(annual_revenue=1234)

    assert webhooks.merged(hook, who)["url"] == "https://shop.example.com/?n=1%2C234.00"


def test_nothing_said_outlives_the_person(told: Campaign, outside: Outside) -> None:
    running(told)
    deliver()
    gone = Verdict.objects.get().person

    binning.delete([gone.pk], by="Ada", now=NOON)
    binning.erase_soon([gone.pk], by="Ada", now=NOON)
    erasing.erase_some(now=NOON + timedelta(days=1))

    found = Effect.objects.get()
    assert (found.payload, found.answer) == ({}, {})


def erase_whoever(now: datetime) -> int:
    [gone] = Verdict.objects.values_list("person", flat=True)
    binning.delete([gone], by="Ada", now=NOON)
    binning.erase_soon([gone], by="Ada", now=NOON)
    return erasing.erase_some(now=now)


def test_whoever_is_being_told_of_is_erased_later(told: Campaign, outside: Outside) -> None:
    running(told)
    [effect] = effects._claim(NOON)

    assert erase_whoever(NOON) == 0

    effects._settle(effect, effects._attempt(effect, NOON), NOON)
    assert erasing.erase_some(now=NOON + timedelta(days=1)) == 1
    assert Effect.objects.get().answer == {}


def test_an_answer_that_comes_after_they_were_erased_is_not_kept(
    told: Campaign, outside: Outside
) -> None:
    running(told)
    [effect] = effects._claim(NOON)
    late = NOON + timedelta(days=1)  # its lease is over, and everything was paused: nobody saw it

    assert erase_whoever(late) == 1
    effects._settle(effect, effects.Ended(Effect.State.FAILED, "Ana", {"body": "Ana"}), late)

    found = Effect.objects.get()
    assert (found.state, found.detail, found.answer, found.claim) == ("unknown", "", {}, None)
    assert verdict() == ("unknown", "effect-lost", "")


def test_an_alert_goes_to_colleagues_about_each_person() -> None:
    person(first_name="Ana", city="Chicago")
    make.user().user_permissions.add(Permission.objects.get(codename="export_people"))
    config = {
        "to": "ops@example.com; boss@example.com, ops@example.com",
        "subject": "{{person.First Name}} came",
        "text": "From {{person.City}}.",
    }
    running(make.campaign(filters=[make.in_city()], steps=[("send_alert", config)]))

    deliver()

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["ops@example.com", "boss@example.com"], "Ana came")
    assert (sent.body, verdict()[0]) == ("From Chicago.", "done")


def test_a_tick_finds_what_no_bell_announced_and_nothing_while_all_is_paused(
    told: Campaign, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(tasks.deliver_effects, "delay_on_commit", lambda: rung.append(1))
    running(told)

    tasks.tick.run()
    assert rung == [1]

    brake.pause(by=make.user(), why="", now=NOON)
    tasks.tick.run()
    tasks.deliver_effects.run()
    assert (rung, outside.told) == ([1], [])


def test_nobody_is_told_of_whoever_is_in_the_recycle_bin(told: Campaign, outside: Outside) -> None:
    running(told)
    binning.delete([Effect.objects.get().entry.person_id], by="ada", now=NOON)

    deliver()

    assert outside.told == []
    assert verdict() == ("skipped", "person-deleted", "")
    assert Effect.objects.get().state == "cancelled"
    assert Activity.objects.get(kind="skipped").details["reason"] == "person-deleted"


def test_what_is_owed_is_said_where_a_run_is_paused_or_stopped(told: Campaign) -> None:
    run = running(told)

    paused = control.pause(run.pk, by=make.user(), now=NOON)
    stopped = control.stop(run.pk, by=make.user(), now=NOON)

    assert paused.standing.calls == 1
    assert paused.words.endswith("1 call or alert is held.")
    assert stopped.words.startswith("1 call or alert was cancelled;")
    assert stopped.standing.calls == 0


@pytest.mark.parametrize(("cancel", "calls"), [(False, 1), (True, 0)])
def test_resuming_everything_calls_off_what_became_late(
    told: Campaign, outside: Outside, cancel: bool, calls: int
) -> None:
    run = running(told)
    brake.pause(by=make.user(), why="Incident", now=NOON)
    later = NOON + timedelta(hours=2)
    assert [(each.run, each.texts, each.calls) for each in brake.late(now=later)] == [(run, 0, 1)]

    done = brake.resume(cancel_late=cancel, by=make.user(), now=later)
    deliver(later)

    assert len(outside.told) == calls
    assert ("1 call or alert was cancelled" in done.words) == cancel
    assert verdict()[:2] == (("cancelled", "late-after-pause") if cancel else ("done", ""))


def test_much_that_became_late_is_called_off_bit_by_bit(
    told: Campaign, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(told)
    brake.pause(by=make.user(), why="Incident", now=NOON)
    later = NOON + timedelta(hours=2)
    monkeypatch.setattr(control, "AT_ONCE", 0)

    brake.resume(cancel_late=True, by=make.user(), now=later)
    assert brake.let_go(clock=lambda: later)
    deliver(later)

    assert (outside.told, verdict()[0]) == ([], "cancelled")


def test_whoever_resumes_a_run_is_asked_about_calls_that_became_late(
    told: Campaign, outside: Outside
) -> None:
    run = running(told)
    control.pause(run.pk, by=make.user(), now=NOON)
    later = NOON + timedelta(hours=2)
    run.refresh_from_db()
    assert late.of(run, now=later) == late.Late(calls=1)

    done = control.resume(run.pk, cancel_late=True, by=make.user(), now=later)
    deliver(later)

    assert done.words.startswith("1 call or alert was cancelled;")
    assert (outside.told, verdict()[0]) == ([], "cancelled")
