"""Which campaigns the tree shows as invalid: by what their cards name, for many at once."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns import drafts, invalid, outline
from campaigns.models import (
    Campaign,
    FlowStep,
    NamedList,
    Node,
    Run,
    SmsMessage,
)
from people.models import StaticList
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import static_list
from vibes.models import VibesList

pytestmark = pytest.mark.django_db


def state(campaign: Campaign) -> str:
    (node,) = outline.stated(Node.objects.filter(campaign=campaign))
    return str(node.state)  # type: ignore[attr-defined]


def unapprove() -> None:
    SmsMessage.objects.update(approved=None)


def bin_message() -> None:
    Node.objects.filter(message__isnull=False).update(binned_at=NOON)


def lose_list() -> None:
    VibesList.objects.update(gone_at=NOON)


@pytest.mark.parametrize("happen", [unapprove, bin_message, lose_list])
def test_what_is_chosen_and_no_longer_there_makes_it_invalid_at_once(
    happen: Callable[[], None],
) -> None:
    campaign = make.ready_campaign()
    assert state(campaign) == ""

    happen()

    assert state(campaign) == "invalid"
    assert drafts.read(campaign).problems != []


def test_so_does_what_is_named_in_a_filter_or_in_a_choice() -> None:
    chicago, newsletter = make.named_list("C", make.in_city()), static_list()
    by_list = make.campaign("By list", filters=[make.inside(chicago)], steps=[make.change()])
    by_choice = make.campaign("By choice", filters=[make.in_city()], steps=[make.change()])
    on_it = ("member_of_list", {"operator": "in", "static_list": str(newsletter.pk)})
    make.choice(by_choice.steps.get(), condition=on_it)
    assert [state(by_list), state(by_choice)] == ["", ""]

    Node.objects.filter(pk=chicago.node_id).update(binned_at=NOON)
    StaticList.objects.update(deleted_at=NOON)

    assert [state(by_list), state(by_choice)] == ["invalid", "invalid"]


def test_a_choice_that_must_be_made_and_is_not() -> None:
    assert state(make.campaign(steps=[("send_sms", {"message": ""})])) == "invalid"
    assert state(make.campaign("Optional", steps=[("remove_from_flow", {"campaign": ""})])) == ""


def test_what_does_nothing_names_nothing() -> None:
    campaign = make.campaign(steps=[("send_sms", {"message": ""})])

    FlowStep.objects.update(does_nothing=True)

    assert state(campaign) == ""


def test_a_card_of_a_kind_that_is_not_here() -> None:
    campaign = make.campaign(steps=[make.change()])

    FlowStep.objects.update(kind="from_elsewhere")

    assert state(campaign) == "invalid"


def test_a_run_that_goes_on_is_shown_first() -> None:
    run = make.run(make.ready_campaign())
    unapprove()
    Run.objects.update(state="paused")
    assert state(run.campaign) == "paused"

    Run.objects.update(state="finished")
    assert state(run.campaign) == "invalid"


def test_the_filter_of_the_tree_finds_it() -> None:
    make.ready_campaign("Sound")
    make.campaign("Unsound", steps=[("send_sms", {"message": ""})])

    assert [each.name for each in outline.search("", limit=9, states=["invalid"])] == ["Unsound"]


@pytest.mark.parametrize("many", [1, 12])
def test_many_cost_as_many_queries_as_one(
    django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    offers, text, newsletter = make.vibes_list(), make.approved_message(), static_list()
    chicago: NamedList = make.named_list("C", make.in_city())
    for number in range(many):
        made = make.campaign(
            f"Campaign {number}",
            filters=[make.inside(chicago)],
            steps=[make.send(text, offers), make.add_to(newsletter)],
        )
        make.choice(made.steps.all()[0], condition=make.in_city())

    ids = set(Campaign.objects.values_list("pk", flat=True))

    with django_assert_num_queries(
        9
    ):  # five of cards; messages, Vibes lists, static and smart lists
        assert invalid.among(ids) == set()
