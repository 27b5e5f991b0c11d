"""The recycle bin of the tree: refused while used, found by nobody, restored whole, erased after 30 days."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns import binning, drafts, launch, outline, tasks, tree, versions
from campaigns.models import (
    Campaign,
    FlowVersion,
    MessageVersion,
    Node,
    PlacedList,
    Run,
    SmartList,
    SmsMessage,
)
from campaigns.problems import Problem
from people.models import Person, StaticList
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views.runs import running
from tests.people.make import people
from vibes import outbox
from vibes.models import OutboxRow

pytestmark = pytest.mark.django_db
LATER = NOON + binning.KEPT_FOR


def delete(node: Node) -> int:
    return binning.delete(node, by=make.user(), now=NOON)


def folder(name: str = "Spring", parent: Node | None = None) -> Node:
    return tree.create_folder(parent=parent, name=name, now=NOON)


def static(name: str = "Newsletter", parent: Node | None = None) -> PlacedList:
    return tree.create_static_list(parent=parent, name=name, now=NOON)


def names() -> set[str]:
    return set(Node.objects.shown().values_list("name", flat=True))


# --- What was read before ---------------------------------------------------------------------------


def test_what_was_deleted_since_it_was_read_is_neither_renamed_nor_moved() -> None:
    spring, summer = folder(), folder("Summer")
    static(parent=spring)
    stale = Node.objects.get(pk=spring.pk)
    delete(spring)

    with pytest.raises(tree.WrongPlace, match="“Spring” was deleted meanwhile"):
        tree.rename(stale, name="Autumn")
    with pytest.raises(tree.WrongPlace, match="deleted meanwhile"):
        tree.move(stale, parent=summer)

    assert list(Node.objects.in_the_bin()) == [spring]


def test_a_rename_does_not_take_back_a_move() -> None:
    spring, summer = folder(), folder("Summer")
    stale = Node.objects.get(pk=summer.pk)
    tree.move(summer, parent=spring)

    tree.rename(stale, name="Autumn")

    assert Node.objects.get(name="Autumn").parent == spring


# --- Deleting ---------------------------------------------------------------------------------------


def test_a_folder_goes_with_all_that_is_in_it_and_comes_back_whole() -> None:
    spring = folder()
    inner = folder("Inner", spring)
    make.campaign(parent=inner)
    static(parent=inner)

    assert delete(spring) == 4
    assert (names(), StaticList.objects.count()) == (set(), 0)
    assert list(Node.objects.in_the_bin()) == [spring]

    binning.restore(spring)
    assert names() == {"Spring", "Inner", "Send to Chicago", "Newsletter"}
    assert StaticList.objects.get().name == "Newsletter"
    assert not Node.objects.exclude(binned_by=None, binned_at=None).exists()


def test_what_was_deleted_before_stays_in_the_bin() -> None:
    spring = folder()
    inner = folder("Inner", spring)
    delete(inner)
    delete(spring)

    binning.restore(spring)

    assert names() == {"Spring"}
    assert list(Node.objects.in_the_bin()) == [inner]


def test_nothing_is_deleted_while_something_outside_uses_it() -> None:
    spring = folder()
    listed = static(parent=spring)
    make.campaign("Out", steps=[make.add_to(listed.static_list)])

    with pytest.raises(tree.InUse, match="What is in “Spring” is used elsewhere") as refused:
        delete(spring)

    assert [each.words for each in refused.value.uses] == ["Flow of the campaign “Out”"]
    assert "Newsletter" in names()


def test_what_uses_each_other_goes_together() -> None:
    spring = folder()
    listed = static(parent=spring)
    chicago = make.named_list("In Chicago", make.in_city(), parent=spring)
    make.campaign(
        parent=spring, filters=[make.inside(chicago)], steps=[make.add_to(listed.static_list)]
    )

    assert delete(spring) == 4


def test_what_is_in_the_bin_holds_nothing_back() -> None:
    listed = static()
    out = make.campaign("Out", steps=[make.add_to(listed.static_list)])
    delete(out.node)

    assert delete(listed.node) == 1


@pytest.mark.parametrize("state", ["asking", "running", "paused"])
def test_a_campaign_with_a_run_that_goes_on_stays(state: str) -> None:
    run = make.run(make.ready_campaign())
    Run.objects.update(state=state)

    with pytest.raises(tree.InUse, match="A run is going on") as refused:
        delete(run.campaign.node)

    assert [each.words for each in refused.value.uses] == ["Send to Chicago"]


@pytest.mark.parametrize("state", ["planned", "missed", "refused"])
def test_a_campaign_with_a_planned_run_stays(state: str) -> None:
    campaign = make.ready_campaign()
    make.slot(campaign, state=state)

    with pytest.raises(tree.InUse, match="A run is planned"):
        delete(campaign.node)


def test_a_message_that_a_version_sends_stays() -> None:
    campaign = make.ready_campaign()
    versions.publish(campaign, by=make.user(), now=NOON)

    with pytest.raises(tree.InUse) as refused:
        delete(SmsMessage.objects.get().node)

    assert [each.words for each in refused.value.uses] == [
        "Flow of the campaign “Send to Chicago”",
        "Version 1 of the campaign “Send to Chicago”",
    ]


def test_deleting_much_costs_as_many_queries_as_deleting_little(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    few, many = folder("Few"), folder("Many")
    for parent, number in ((few, 1), (many, 10)):
        for place in range(number):
            make.campaign(f"Campaign {place}", parent=parent)
            make.named_list(f"List {place}", parent=parent)

    for each in (few, many):
        with django_assert_num_queries(18):
            delete(each)


# --- In the bin --------------------------------------------------------------------------------------


def test_nobody_finds_it() -> None:
    spring = folder()
    listed = static(parent=spring)
    make.named_list("Spring list", make.in_city(), parent=spring)
    delete(spring)

    assert outline.search("spring", limit=9) == []
    assert outline.containers() == []
    assert list(Node.objects.children_of(None)) == []
    assert not StaticList.objects.filter(pk=listed.static_list_id).exists()


def test_a_campaign_that_names_it_is_invalid_at_once() -> None:
    campaign = make.ready_campaign()
    assert drafts.read(campaign).problems == []

    Node.objects.filter(message__isnull=False).update(binned_at=NOON)

    assert [each.words for each in drafts.read(campaign).problems] == [
        "1. Send SMS Message: SMS Message: This message is not approved, or is gone."
    ]


def test_its_name_is_free() -> None:
    delete(folder())
    delete(static().node)

    folder()
    static()

    assert names() == {"Spring", "Newsletter"}


def test_nothing_is_put_into_it() -> None:
    spring, other = folder(), folder("Other")
    delete(spring)

    with pytest.raises(tree.WrongPlace, match="was deleted meanwhile"):
        folder("New", spring)
    with pytest.raises(tree.WrongPlace, match="was deleted meanwhile"):
        tree.move(other, parent=spring)


def test_nothing_in_it_runs() -> None:
    campaign = make.ready_campaign()
    delete(campaign.node)

    with pytest.raises(versions.NotReady, match="in the recycle bin"):
        make.run(Campaign.objects.get())


# --- Out of it ---------------------------------------------------------------------------------------


def test_a_name_that_is_taken_meanwhile_is_told_apart() -> None:
    spring, listed = folder(), static()
    delete(spring)
    delete(listed.node)
    folder("SPRING")
    folder("Spring (restored)")
    static()

    assert binning.restore(spring).name == "Spring (restored 2)"
    assert binning.restore(listed.node).name == "Newsletter (restored)"
    listed.static_list.refresh_from_db()
    assert (listed.static_list.name, listed.static_list.deleted_at) == (
        "Newsletter (restored)",
        None,
    )


def test_where_its_folder_is_gone_it_comes_to_the_top() -> None:
    spring = folder()
    inner = folder("Inner", spring)
    delete(inner)
    delete(spring)

    assert binning.restore(inner).parent is None


# --- For good ----------------------------------------------------------------------------------------


def test_after_thirty_days_it_goes_with_all_that_was_its_own() -> None:
    spring = folder()
    make.named_list(parent=spring)
    static(parent=spring)
    step = make.step(make.campaign(parent=spring), make.change())
    make.choice(step, condition=make.in_city())
    delete(spring)

    assert binning.erase_due(now=LATER - timedelta(seconds=1)) == 0
    assert binning.erase_due(now=LATER) == 4
    assert not Node.objects.exists()
    assert not SmartList.objects.exists()
    assert not StaticList.everything.exists()


def test_a_published_campaign_that_never_ran_goes_and_its_message_after_it() -> None:
    campaign = make.ready_campaign()
    make.slot(campaign, state="cancelled")
    message = SmsMessage.objects.get()
    spring = folder()
    for each in (campaign.node, message.node):
        tree.move(each, parent=spring)
    delete(spring)

    assert binning.erase_due(now=LATER) == 3
    assert not FlowVersion.objects.exists()
    assert not MessageVersion.objects.exists()


def test_what_ran_is_kept_for_the_ledger_and_leaves_the_bin() -> None:
    campaign = make.ready_campaign()
    run = make.run(campaign)
    Run.objects.update(state="finished")
    spring = folder()
    for each in (campaign.node, SmsMessage.objects.get().node):
        tree.move(each, parent=spring)
    delete(spring)

    assert binning.erase_due(now=LATER) == 1  # the folder
    assert binning.erase_due(now=LATER) == 0
    run.refresh_from_db()
    assert (run.campaign.node.parent, run.campaign.node.name) == (None, "Send to Chicago")
    assert SmsMessage.objects.count() == 1
    assert not Node.objects.in_the_bin().exists()
    assert names() == set()


def test_what_was_deleted_apart_outlives_its_folder() -> None:
    spring = folder()
    inner = folder("Inner", spring)
    binning.delete(inner, by=None, now=NOON + timedelta(days=3))
    delete(spring)

    assert binning.erase_due(now=LATER) == 1
    assert binning.restore(inner).parent is None


def test_the_tick_sees_to_it() -> None:
    binning.delete(folder(), by=None, now=NOON - timedelta(days=999))

    tasks.tick()

    assert not Node.objects.exists()


def test_people_stay_when_a_list_goes() -> None:
    members = people(2)
    listed = static()
    for each in members:
        listed.static_list.members.add(each, through_defaults={"added_at": NOON})
    delete(listed.node)

    binning.erase_due(now=LATER)

    assert Person.objects.count() == 2


# --- Used again meanwhile -----------------------------------------------------------------------------


def on(listed: PlacedList) -> tuple[str, dict[str, str]]:
    """The filter that asks for its members: no foreign key says so."""
    return "member_of_list", {"operator": "in", "static_list": str(listed.static_list_id)}


@pytest.fixture
def asked_again() -> PlacedList:
    """A list in the bin, whose only campaign went before it, and came back."""
    listed = static()
    campaign = make.campaign("Asks", filters=[on(listed)])
    delete(campaign.node)
    delete(listed.node)
    binning.restore(campaign.node)
    return listed


def test_what_is_used_again_stays_in_the_bin(asked_again: PlacedList) -> None:
    assert binning.erase_due(now=LATER + timedelta(days=1)) == 0

    assert list(Node.objects.in_the_bin()) == [asked_again.node]
    assert binning.restore(asked_again.node).name == "Newsletter"
    assert drafts.read(Campaign.objects.get()).problems[:1] == [
        Problem("The flow is empty: drag a step onto it.", "flow")
    ]


def test_it_goes_when_nothing_uses_it_any_more(asked_again: PlacedList) -> None:
    campaign = Campaign.objects.get()
    binning.delete(campaign.node, by=None, now=LATER)

    assert binning.erase_due(now=LATER + timedelta(days=1)) == 0  # that one may come back again
    assert binning.erase_due(now=LATER + timedelta(days=30)) == 2


def test_what_is_kept_for_the_ledger_holds_nothing_back() -> None:
    listed = static()
    campaign = make.campaign(filters=[on(listed)], steps=[make.wait()])
    make.run(campaign)
    Run.objects.update(state="finished")
    delete(campaign.node)
    binning.erase_due(now=LATER)
    Node.objects.filter(pk=listed.node_id).update(binned_at=NOON, binned_with=listed.node_id)

    assert binning.erase_due(now=LATER) == 1


def test_a_campaign_with_a_text_that_waits_for_its_hour_stays() -> None:
    offers = make.vibes_list()
    campaign = make.ready_campaign()
    make.subscribers(offers, 1, city="Chicago")
    run = running(campaign)
    OutboxRow.objects.update(state="deferred", not_before=LATER)
    outbox.tell(list(OutboxRow.objects.all()), now=NOON)

    assert launch.finish_runs(now=LATER) == 0  # a run that owes a text is not over
    with pytest.raises(tree.InUse, match="A run is going on") as refused:
        delete(campaign.node)

    assert run.verdicts.get().state == "deferred"
    assert [each.words for each in refused.value.uses] == ["Send to Chicago"]
