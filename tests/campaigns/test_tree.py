"""The tree: chains, states, search, and every way it is changed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from campaigns import archiving, outline, tree
from campaigns.models import Campaign, Cohort, MessageVersion, Node, Run
from tests.campaigns import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def spring(now: datetime) -> Node:
    return tree.create_folder(parent=None, name="Spring", now=now)


@pytest.fixture
def offer(spring: Node, now: datetime) -> Node:
    return tree.create_program(parent=spring, name="Spring offer", now=now)


@pytest.fixture
def campaign(offer: Node, now: datetime) -> Campaign:
    return tree.create_campaign(parent=offer, name="Send to Chicago", by=None, now=now)


def test_a_new_campaign_has_an_empty_smart_list_and_says_who_made_it(
    offer: Node, now: datetime
) -> None:
    ada = User.objects.create(username="ada")

    campaign = tree.create_campaign(parent=offer, name="  Send   to Chicago ", by=ada, now=now)

    assert campaign.node.name == "Send to Chicago"
    assert campaign.node.parent == offer
    assert campaign.smart_list.filters.count() == 0
    assert (campaign.edited_by, campaign.edited_at, campaign.node.created_at) == (ada, now, now)


def test_a_new_message_is_an_empty_draft(offer: Node, now: datetime) -> None:
    message = tree.create_message(parent=offer, name="Spring offer text", now=now)

    assert (message.text, message.state) == ("", "draft")


@pytest.mark.parametrize("name", ["Spring offer", "SPRING OFFER", " spring  offer "])
def test_a_name_is_taken_once_per_kind_in_a_folder(
    spring: Node, offer: Node, now: datetime, name: str
) -> None:
    with pytest.raises(tree.NameTaken, match="already a program called"):
        tree.create_program(parent=spring, name=name, now=now)

    tree.create_folder(parent=spring, name=name, now=now)
    tree.create_program(parent=None, name=name, now=now)
    assert Node.objects.count() == 4


def test_a_name_is_taken_once_at_the_top(spring: Node, now: datetime) -> None:
    with pytest.raises(tree.NameTaken):
        tree.create_folder(parent=None, name="spring", now=now)


@pytest.mark.parametrize(
    ("name", "why"), [("", "Type a name."), ("  ", "Type a name."), ("x" * 256, "255")]
)
def test_a_name_is_needed_and_has_its_limit(now: datetime, name: str, why: str) -> None:
    with pytest.raises(tree.NameMissing, match=why):
        tree.create_folder(parent=None, name=name, now=now)


def test_only_folders_and_programs_hold_something(campaign: Campaign, now: datetime) -> None:
    with pytest.raises(tree.WrongPlace, match="Only folders and programs"):
        tree.create_message(parent=campaign.node, name="Text", now=now)


def test_folders_have_a_greatest_depth(now: datetime) -> None:
    deepest = None
    for level in range(tree.DEEPEST):
        deepest = tree.create_folder(parent=deepest, name=f"Level {level}", now=now)

    with pytest.raises(tree.WrongPlace, match="at most 20 deep"):
        tree.create_folder(parent=deepest, name="One more", now=now)


def test_renaming_keeps_the_rules_of_names(spring: Node, now: datetime) -> None:
    archive = tree.create_folder(parent=None, name="Archive", now=now)

    tree.rename(spring, name="Springtime")
    with pytest.raises(tree.NameTaken):
        tree.rename(archive, name="springtime")

    assert set(Node.objects.values_list("name", flat=True)) == {"Springtime", "Archive"}


def test_a_path_leads_from_the_top_in_one_query(
    spring: Node, offer: Node, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert outline.path(campaign.node) == [spring, offer, campaign.node]


def test_many_paths_cost_one_query(
    spring: Node, offer: Node, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        paths = outline.paths([spring.pk, campaign.node.pk])

    assert paths == {spring.pk: [spring], campaign.node.pk: [spring, offer, campaign.node]}
    assert outline.paths([]) == {}


def test_moving_takes_everything_below_along(
    offer: Node, campaign: Campaign, now: datetime
) -> None:
    archive = tree.create_folder(parent=None, name="Archive", now=now)

    tree.move(offer, parent=archive)

    assert outline.path(campaign.node) == [archive, offer, campaign.node]


def test_nothing_moves_into_itself(spring: Node, offer: Node) -> None:
    for parent in (spring, offer):
        with pytest.raises(tree.WrongPlace, match="into itself"):
            tree.move(spring, parent=parent)


def test_moving_keeps_the_rules_of_names(spring: Node, offer: Node, now: datetime) -> None:
    twin = tree.create_program(parent=None, name="Spring offer", now=now)

    with pytest.raises(tree.NameTaken):
        tree.move(twin, parent=spring)

    twin.refresh_from_db()
    assert twin.parent is None


def test_states_come_with_the_lines_in_one_query(
    offer: Node,
    campaign: Campaign,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    draft, approved, newer = (
        tree.create_message(parent=offer, name=name, now=now) for name in ("A", "B", "C")
    )
    for message in (approved, newer):
        version = MessageVersion.objects.create(message=message, number=1, text="", approved_at=now)
        message.approved = version
        message.save()
    newer.text = "More"
    newer.save()
    version_of_flow = campaign.versions.create(number=1, content={}, published_at=now)
    for token, state in (("1", "running"), ("2", "finished")):
        campaign.runs.create(version=version_of_flow, state=state, token=token, started_at=now)
    never = tree.create_campaign(parent=offer, name="Never", by=None, now=now)

    with django_assert_num_queries(1):
        lines: list[Any] = list(outline.with_state(Node.objects.children_of(offer)))

    assert {line.name: (line.state, line.asset_id) for line in lines} == {
        "A": ("draft", draft.pk),
        "B": ("approved", approved.pk),
        "C": ("approved-with-draft", newer.pk),
        "Never": ("", never.pk),
        "Send to Chicago": ("finished", campaign.pk),
    }


@pytest.mark.parametrize(
    ("slots", "run", "shown"),
    [
        (["planned"], None, "planned"),
        (["planned"], "finished", "planned"),
        (["planned"], "running", "running"),
        (["planned", "missed"], "running", "missed"),
        (["refused"], "finished", "refused"),
        (["cancelled", "skipped"], "finished", "finished"),
    ],
)
def test_what_waits_for_somebody_is_shown_first_and_what_is_planned_before_what_was(
    slots: list[str], run: str | None, shown: str
) -> None:
    campaign = make.ready_campaign()
    for number, state in enumerate(slots):
        make.slot(campaign, make.NOON + timedelta(days=1 + number), state)
    if run:
        Run.objects.filter(pk=make.run(campaign).pk).update(state=run)

    (node,) = outline.with_state(Node.objects.filter(campaign=campaign))

    assert node.state == shown  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("chicago", ["Send to Chicago"]),
        ("send chic", ["Send to Chicago"]),
        ("SPRING", ["Spring", "Spring offer"]),
        ("to-c", []),
        ("pring", []),
        ("icago", []),
        ("(", []),
        ("nowhere", []),
        ("100%", []),
    ],
)
def test_search_wants_every_word_to_be_the_beginning_of_one(
    spring: Node, offer: Node, campaign: Campaign, words: str, found: list[str]
) -> None:
    assert [node.name for node in outline.search(words, limit=10)] == found


def test_search_takes_kinds_and_states(offer: Node, campaign: Campaign, now: datetime) -> None:
    draft = tree.create_message(parent=offer, name="Send text", now=now)
    make.approved_message(name="Send this")

    def found(**asked: list[str]) -> list[str]:
        return [node.name for node in outline.search("send", limit=10, **asked)]

    assert found() == ["Send text", "Send this", "Send to Chicago"]
    assert found(kinds=["message"]) == ["Send text", "Send this"]
    assert found(states=["draft", "never-run"]) == [draft.node.name, "Send to Chicago"]
    assert found(kinds=["message"], states=["approved"]) == ["Send this"]


def test_what_is_archived_is_found_last(spring: Node, offer: Node, now: datetime) -> None:
    archiving.archive(spring)
    tree.create_folder(parent=None, name="Springtime", now=now)

    assert [each.name for each in outline.search("spring", limit=2)] == ["Springtime", "Spring"]


@pytest.mark.parametrize(
    ("ready", "waiting", "shown"),
    [(0, 1, "waiting"), (1, 1, "running"), (1, 0, "running"), (0, 0, "running")],
)
def test_a_run_whose_people_all_wait_is_told_apart(ready: int, waiting: int, shown: str) -> None:
    run = make.run(make.ready_campaign())
    Run.objects.update(state="running")
    for number, state in enumerate(["ready"] * ready + ["waiting"] * waiting):
        Cohort.objects.create(run=run, number=number, state=state)

    (node,) = outline.with_state(Node.objects.filter(campaign=run.campaign))

    assert node.state == shown  # type: ignore[attr-defined]


def test_containers_are_listed_as_the_tree_shows_them(
    spring: Node, offer: Node, campaign: Campaign, now: datetime
) -> None:
    archive = tree.create_folder(parent=None, name="Archive", now=now)

    containers: list[Any] = outline.containers()
    found = [(node, node.depth) for node in containers]

    assert found == [(archive, 0), (spring, 0), (offer, 1)]


def test_what_moves_takes_its_depth_along(now: datetime) -> None:
    deep = None
    for level in range(tree.DEEPEST - 1):
        deep = tree.create_folder(parent=deep, name=f"Level {level}", now=now)
    tall = tree.create_folder(parent=None, name="Tall", now=now)
    tree.create_folder(parent=tall, name="Within", now=now)

    with pytest.raises(tree.WrongPlace, match="at most 20 deep"):
        tree.move(tall, parent=deep)

    tall.refresh_from_db()
    assert tall.parent is None
