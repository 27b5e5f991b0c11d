"""Single flow actions: a run of one step for people of any list, through the same gate and ledger."""

from __future__ import annotations

import pytest
from django.db.models import Q

from campaigns import acting, binning, launch, limits, retrying, runner, sources, versions
from campaigns.models import Campaign, Cohort, Node, Run, StepReference
from campaigns.registry import steps
from people import merging
from people.merging import Choice
from people.models import Activity, Person
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import person, static_list
from vibes.models import OutboxRow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _everybody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vibes has answered about everybody already."""
    monkeypatch.setattr("campaigns.asking.ask", lambda *_, **__: True)


def begin(chosen: sources.Chosen, settings: make.Settings, once: str = "once") -> Run:
    kind, config = settings
    form = steps.get(kind).form(config)
    run, _is_new = acting.begin(chosen, kind=kind, form=form, token=once, by=make.user(), now=NOON)
    return run


def carry_out(run: Run) -> Run:
    launch.prepare(run.pk, clock=lambda: NOON)
    while cohorts := runner.due(now=NOON):
        for cohort in cohorts:
            runner.advance(cohort, now=NOON)
    launch.finish_runs(now=NOON)
    run.refresh_from_db()
    return run


def test_ticked_people_are_put_on_a_list_and_their_history_names_who_did_it() -> None:
    ana, _ben = person(first_name="Ana"), person(first_name="Ben")
    newsletter = static_list()

    run = carry_out(begin(sources.ticked([ana.pk]), make.add_to(newsletter)))

    assert (run.state, run.entered) == (Run.State.FINISHED, 1)
    assert list(newsletter.members.all()) == [ana]
    line = Activity.objects.get(kind="add_to_list")
    assert line.details["by"] == "ada (single flow action)"


def test_a_text_passes_the_same_gate_and_ends_in_the_ledger() -> None:
    offers, text = make.vibes_list(), make.approved_message()
    make.subscriber(offers, first_name="Ana")
    blocked = make.subscriber(offers, mobile="(312) 555-0143", block_listed=True)
    everybody = sources.all_of("search:")

    run = carry_out(begin(everybody, make.send(text, offers)))

    rows = run.verdicts.order_by("state").values_list("state", "reason")
    assert list(rows) == [("queued", ""), ("skipped", "block-listed")]
    assert OutboxRow.objects.filter(run_id=run.pk).exclude(person=blocked.pk).count() == 1


def test_whoever_was_merged_before_it_begins_is_followed_and_counted_once() -> None:
    ana, anna, ann, ben, bea = (person() for _ in range(5))
    run = begin(sources.ticked([anna.pk, ann.pk, ben.pk]), make.change("city", "Boston"))
    for kept, gone in [(anna, ann), (ana, anna), (bea, ben)]:
        merging.merge([kept.pk, gone.pk], Choice(), by="ada", now=NOON)

    carry_out(run)

    changed = Person.objects.present().filter(city="Boston")
    assert (run.entered, set(changed)) == (2, {ana, bea})


def test_the_same_token_is_the_same_run() -> None:
    ana, newsletter = person(), static_list()
    first = begin(sources.ticked([ana.pk]), make.add_to(newsletter))

    again = begin(sources.ticked([ana.pk]), make.add_to(newsletter))

    assert (again, Run.objects.count()) == (first, 1)


def test_more_people_than_may_enter_are_refused() -> None:
    people = [person().pk, person().pk]
    limits.PERSON_LIMIT.set(1)

    with pytest.raises(versions.NotReady, match="this instance allows 1"):
        begin(sources.ticked(people), make.add_to(static_list()))


def test_what_it_uses_cannot_be_deleted_meanwhile() -> None:
    newsletter = static_list()

    begin(sources.ticked([person().pk]), make.add_to(newsletter))

    assert StepReference.objects.get().static_list == newsletter


def test_what_it_missed_can_be_retried() -> None:
    offers, text = make.vibes_list(), make.approved_message()
    ana = make.subscriber(offers, block_listed=True)
    run = carry_out(begin(sources.ticked([ana.pk]), make.send(text, offers)))
    Person.objects.update(block_listed=False)

    retry, _is_new = retrying.begin(
        run,
        step_id=acting.STEP,
        which=[("skipped", "block-listed")],
        why="",
        token="again",
        by=make.user(),
        now=NOON,
    )
    carry_out(retry)

    assert [each.state for each in retry.verdicts.all()] == ["queued"]


def test_it_has_no_place_in_the_tree() -> None:
    begin(sources.ticked([person().pk]), make.add_to(static_list()))

    assert not Node.objects.shown().exists()
    assert not Node.objects.children_of(None).exists()


def test_all_single_actions_are_of_one_campaign() -> None:
    newsletter = static_list()
    for token in ("one", "two"):
        begin(sources.ticked([person().pk]), make.add_to(newsletter), token)

    assert Campaign.objects.count() == 1
    assert sorted(Run.objects.values_list("version__number", flat=True)) == [1, 2]


def test_a_wait_is_not_offered() -> None:
    assert "wait" not in {each.kind for each in acting.offered()}
    assert "add_to_list" in {each.kind for each in acting.offered()}


# --- Whom it is for ----------------------------------------------------------------------------------


def of(source: str) -> set[str]:
    kept = sources.from_json(sources.all_of(source).as_json())
    return {each.first_name for each in kept.people(now=NOON)}


def test_people_of_every_source_are_found_again() -> None:
    ana = person(first_name="Ana", city="Chicago")
    person(first_name="Ben", city="Chicago", block_listed=True)
    person(first_name="Eve", deleted_at=NOON, city="Chicago", block_listed=True)
    newsletter, chicago = static_list("Newsletter", ana), make.named_list("C", make.in_city())

    assert of(f"static_list:{newsletter.pk}") == {"Ana"}
    assert of(f"smart_list:{chicago.pk}") == {"Ana", "Ben"}
    assert of("system_list:block-list") == {"Ben"}
    assert of("search:ana") == {"Ana"}
    assert of("search:") == {"Ana", "Ben"}


def test_a_smart_list_is_asked_by_the_rule_it_had_when_it_was_chosen() -> None:
    person(first_name="Ana", city="Chicago")
    chicago = make.named_list("C", make.in_city())

    chosen = sources.all_of(f"smart_list:{chicago.pk}")
    binning.delete(chicago.node, by=None, now=NOON)

    assert [each.first_name for each in chosen.people(now=NOON)] == ["Ana"]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "nothing",
        "static_list:",
        "static_list:7",
        "static_list:x",
        "smart_list:9" * 9,
        "system_list:x",
    ],
)
def test_what_is_no_list_is_refused_in_words(source: str) -> None:
    with pytest.raises(sources.NoSuchPeople, match="no such list"):
        sources.all_of(source)


def test_nobody_enters_twice_when_a_list_grows_meanwhile() -> None:
    ana, ben = person(first_name="Ana"), person(first_name="Ben")
    newsletter = static_list("Newsletter", ana)
    run = begin(sources.all_of(f"static_list:{newsletter.pk}"), make.change("city", "Boston"))
    newsletter.members.add(ben, through_defaults={"added_at": NOON})

    carry_out(run)

    assert run.entered == 2
    assert Cohort.objects.filter(run=run).count() == 1
    assert not Person.objects.exclude(Q(city="Boston")).exists()
