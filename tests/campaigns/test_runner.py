from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from campaigns import enrolling, launch, results, runner
from campaigns.audience import people as audience
from campaigns.models import Campaign, Cohort, Run, Verdict
from campaigns.steps.change_data_value import ChangeDataValue
from campaigns.versions import flow_of
from people.models import Activity, Person
from tests.campaigns import make
from tests.campaigns.make import Settings
from tests.people.make import person, static_list
from vibes.models import OutboxRow, VibesList

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=2)


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


def running(campaign: Campaign) -> Run:
    """A run of the campaign with everybody enrolled."""
    run = make.run(campaign)
    flow = flow_of(run.version)
    run.entered = enrolling.enrol(run, audience(flow.smart_list, now=NOON), now=NOON)
    run.state = Run.State.RUNNING
    run.save()
    return run


def run_all(now: datetime = NOON) -> None:
    while cohorts := runner.due(now=now):
        for cohort in cohorts:
            runner.advance(cohort, now=now)


def start(*steps: Settings) -> Run:
    return running(make.campaign(filters=[make.in_city()], steps=steps))


def verdicts(run: Run) -> list[tuple[str, str, str]]:
    rows = run.verdicts.order_by("person__first_name", "pk")
    return list(rows.values_list("person__first_name", "state", "reason"))


def test_takes_people_through_every_step(offers: VibesList) -> None:
    make.subscriber(offers, first_name="Ana", city="Chicago")
    news = static_list("News")

    run = start(make.send(make.approved_message(), offers), make.add_to(news))
    run_all()

    assert verdicts(run) == [("Ana", "queued", ""), ("Ana", "done", "")]
    assert (OutboxRow.objects.get().text, news.members.count()) == ("Hi Ana", 1)


def test_gives_everybody_one_verdict_a_step_with_the_reason(offers: VibesList) -> None:
    make.subscriber(offers, first_name="Ana", city="Chicago")
    make.subscriber(
        offers, mobile="312 555 0143", first_name="Ben", city="Chicago", block_listed=True
    )
    person(first_name="Eve", city="Chicago")

    run = start(make.send(make.approved_message(), offers))
    run_all()

    assert verdicts(run) == [
        ("Ana", "queued", ""),
        ("Ben", "skipped", "block-listed"),
        ("Eve", "skipped", "no-mobile-number"),
    ]


def test_writes_into_the_history_why_somebody_was_skipped(offers: VibesList) -> None:
    eve = person(first_name="Eve", city="Chicago")

    start(make.send(make.approved_message(), offers))
    run_all()

    line = Activity.objects.get(person=eve)
    assert (line.kind, line.details["why"]) == ("skipped", "No mobile number")


def test_texts_one_of_those_who_share_a_number_and_names_who(offers: VibesList) -> None:
    ana = make.subscriber(offers, first_name="Ana", city="Chicago")
    person(mobile="312 555 0142", first_name="Ben", city="Chicago")

    run = start(make.send(make.approved_message(), offers))
    run_all()

    assert verdicts(run) == [("Ana", "queued", ""), ("Ben", "skipped", "same-number")]
    ben = run.verdicts.get(person__first_name="Ben")
    assert ben.detail == f"Ana (person {ana.pk}) holds it"


def test_skips_whose_text_comes_out_empty(offers: VibesList) -> None:
    make.subscriber(offers, first_name="", city="Chicago")

    run = start(make.send(make.approved_message("{{person.First Name}}"), offers))
    run_all()

    assert verdicts(run) == [("", "skipped", "message-empty")]


def test_advancing_the_same_cohort_again_changes_nothing(offers: VibesList) -> None:
    make.subscriber(offers, first_name="Ana", city="Chicago")
    run = start(make.send(make.approved_message(), offers))
    cohort = Cohort.objects.get()

    said = [runner.advance(cohort.pk, now=NOON) for _ in range(3)]

    assert said == [runner.Next.REST] * 3
    assert (run.verdicts.count(), OutboxRow.objects.count()) == (1, 1)


def test_waits_and_goes_on(offers: VibesList) -> None:
    make.subscriber(offers, first_name="Ana", city="Chicago")
    run = start(make.wait(2, "days"), make.send(make.approved_message(), offers))

    run_all()
    assert verdicts(run) == [("Ana", "waiting", "")]
    run_all(LATER - timedelta(seconds=1))
    assert verdicts(run) == [("Ana", "waiting", "")]
    run_all(LATER)

    assert verdicts(run) == [("Ana", "done", ""), ("Ana", "queued", "")]


def test_ends_a_wait_that_is_the_last_step() -> None:
    person(first_name="Ana", city="Chicago")
    run = start(make.wait())

    run_all()
    run_all(LATER)
    launch.finish_runs(now=LATER)

    run.refresh_from_db()
    assert (verdicts(run), run.state) == ([("Ana", "done", "")], Run.State.FINISHED)


def branching(*choices: tuple[Settings, dict[str, str] | None], default: Settings) -> Run:
    campaign = make.campaign(filters=[make.in_city()])
    step = make.step(campaign, default)
    for condition, config in choices:
        make.choice(step, condition=condition, config=config)
    campaign.refresh_from_db()
    return running(campaign)


def test_places_everybody_before_anybody_is_changed() -> None:
    person(first_name="Ana", city="Chicago", state="IL")
    person(first_name="Ben", city="Chicago", state="IN")

    branching(
        (("state", {"operator": "is", "value": "IL"}), {"field": "state", "value": "IN"}),
        (("state", {"operator": "is", "value": "IN"}), {"field": "state", "value": "WI"}),
        default=make.change("state", "XX"),
    )
    run_all()

    assert dict(Person.objects.values_list("first_name", "state")) == {"Ana": "IN", "Ben": "WI"}


def test_does_nothing_for_those_a_choice_says_so() -> None:
    person(first_name="Ana", city="Chicago", state="IL")
    person(first_name="Ben", city="Chicago", state="IN")

    run = branching(
        (("state", {"operator": "is", "value": "IL"}), None), default=make.change("state", "WI")
    )
    run_all()

    assert dict(Person.objects.values_list("first_name", "state")) == {"Ana": "IL", "Ben": "WI"}
    assert verdicts(run) == [("Ana", "done", ""), ("Ben", "done", "")]


def test_only_those_who_wait_stay_behind() -> None:
    person(first_name="Ana", city="Chicago", state="IL")
    person(first_name="Ben", city="Chicago", state="IN")
    campaign = make.campaign(filters=[make.in_city()])
    step = make.step(campaign, make.wait())
    make.choice(step, condition=("state", {"operator": "is", "value": "IL"}))
    make.step(campaign, make.change("score", "5"))

    run = running(campaign)
    run_all()
    assert dict(Person.objects.values_list("first_name", "score")) == {"Ana": 5, "Ben": 0}
    run_all(LATER)

    assert dict(Person.objects.values_list("first_name", "score")) == {"Ana": 5, "Ben": 5}
    assert Counter(run.verdicts.values_list("state", flat=True)) == {"done": 4}


def test_the_poisoned_person_stands_alone_and_the_rest_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("Ana", "Ben", "Eve", "Joe", "Zoe"):
        person(first_name=name, city="Chicago")
    whole = ChangeDataValue.execute

    def poisoned(self: ChangeDataValue, people, params, context):  # type: ignore[no-untyped-def]
        if people.filter(first_name="Eve").exists():
            raise RuntimeError("Eve")
        return whole(self, people, params, context)

    monkeypatch.setattr(ChangeDataValue, "execute", poisoned)
    run = start(make.change("score", "5"))
    for _ in range(20):
        run_all()

    states = {name: state for name, state, _ in verdicts(run)}
    assert states == {"Ana": "done", "Ben": "done", "Eve": "failed", "Joe": "done", "Zoe": "done"}
    assert run.verdicts.get(state="failed").detail == "RuntimeError: Eve"
    assert Person.objects.get(first_name="Eve").score == 0


def test_goes_by_the_version_it_started_with(offers: VibesList) -> None:
    make.subscriber(offers, first_name="Ana", city="Chicago")
    text = make.approved_message("Before")
    campaign = make.campaign(filters=[make.in_city()], steps=[make.send(text, offers)])
    running(campaign)

    make.rewrite(text, "After")
    campaign.steps.all().delete()
    run_all()

    assert OutboxRow.objects.get().text == "Before"


@pytest.mark.parametrize("count", [2, 60])
def test_the_sum_holds_before_and_after(offers: VibesList, count: int) -> None:
    make.subscribers(offers, count, city="Chicago")
    person(city="Chicago")

    run = start(make.send(make.approved_message(), offers), make.wait())
    run_all()

    sums = results.sums(run)
    assert [each.entered for each in sums] == [run.entered] * 2
    assert sums[0].counts == {Verdict.State.QUEUED: count, Verdict.State.SKIPPED: 1}
    assert sums[1].counts == {Verdict.State.WAITING: count + 1}


def test_a_step_that_fails_after_a_wait_leaves_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person(first_name="Ana", city="Chicago")

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(ChangeDataValue, "execute", broken)
    run = start(make.wait(), make.change("score", "5"))
    run_all()
    for _ in range(5):
        run_all(LATER)
    launch.finish_runs(now=LATER)

    run.refresh_from_db()
    assert (verdicts(run), run.state) == (
        [("Ana", "done", ""), ("Ana", "failed", "error")],
        Run.State.FINISHED,
    )
