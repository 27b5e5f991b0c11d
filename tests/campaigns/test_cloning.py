"""Clones: the same under another name, with what they refer to inside of what was cloned cloned as well."""

import pytest

from campaigns import cloning, content, drafts, naming, references, registry, tree
from campaigns.models import (
    Campaign,
    NamedList,
    Node,
    PlacedList,
    SmartListFilter,
    SmsMessage,
    StepReference,
)
from people.models import StaticList
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import person

pytestmark = pytest.mark.django_db


def clone(node: Node, name: str = "Copy", parent: Node | None = None) -> Node:
    return cloning.clone(node, name=name, parent=parent, by=make.user("ben"), now=NOON)


def spec(campaign: Campaign) -> content.FlowSpec:
    campaign.refresh_from_db()
    return drafts.read(campaign).spec


def test_a_campaign_is_cloned_with_its_smart_list_its_flow_and_its_choices() -> None:
    offers, message = make.vibes_list(), make.approved_message()
    one = make.campaign(filters=[make.in_city()], steps=[make.send(message, offers), make.wait()])
    Campaign.objects.update(person_limit=7)
    Node.objects.update(description="Why")
    make.choice(one.steps.all()[0], condition=make.in_state())

    copy = clone(one.node).campaign

    mine, theirs = spec(copy), spec(one)
    assert mine.smart_list == theirs.smart_list
    assert [(each.kind, each.branches) for each in mine.steps] == [
        (each.kind, each.branches) for each in theirs.steps
    ]
    assert (copy.node.name, copy.person_limit, copy.edited_by) == ("Copy", 7, make.user("ben"))
    assert Node.objects.get(pk=copy.node_id).description == "Why"


def test_the_clone_notes_what_it_uses() -> None:
    clone(make.ready_campaign().node)

    assert references.used_by(SmsMessage.objects.get()).count() == 2
    assert StepReference.objects.count() == 4  # a message and a list, twice


def test_a_clone_is_unscheduled_and_never_ran() -> None:
    one = make.ready_campaign()
    make.slot(one)
    make.run(one)

    copy = clone(one.node).campaign

    assert (copy.runs.count(), copy.slots.count(), copy.versions.count()) == (0, 0, 0)


@pytest.mark.parametrize("state", ["draft", "approved", "approved-with-draft"])
def test_a_message_keeps_its_state_and_its_words(state: str) -> None:
    one = make.draft_message("Hi") if state == "draft" else make.approved_message("Hi")
    if state == "approved-with-draft":
        SmsMessage.objects.update(text="Hi there")

    copy = clone(one.node).message

    one.refresh_from_db()
    assert (copy.state, copy.text) == (state, one.text)
    assert copy.approved is None or (copy.approved.text, copy.approved.approved_by) == (
        "Hi",
        make.user(),
    )


def test_a_smart_list_is_cloned_with_its_rule() -> None:
    one = make.named_list("Three", make.in_city(), make.in_state())
    type(one.smart_list).objects.update(match="advanced", logic="1 or 2")

    copy = NamedList.objects.get(node=clone(one.node))

    assert (copy.smart_list.match, copy.smart_list.logic) == ("advanced", "1 or 2")
    assert [each.config["value"] for each in copy.smart_list.filters.all()] == ["Chicago", "IL"]


def test_a_static_list_is_cloned_by_name_only() -> None:
    one = tree.create_static_list(parent=None, name="Newsletter", now=NOON)
    ana = person()
    one.static_list.members.add(ana, through_defaults={"added_at": NOON})

    copy = PlacedList.objects.get(node=clone(one.node))

    assert (copy.static_list.name, copy.static_list.members.count()) == ("Copy", 0)


def test_what_is_cloned_together_refers_to_one_another() -> None:
    offers = make.vibes_list()
    program = tree.create_program(parent=None, name="Spring", now=NOON)
    inner = tree.create_folder(parent=program, name="Inner", now=NOON)
    message = make.approved_message()
    tree.move(message.node, parent=inner)
    listed = tree.create_static_list(parent=inner, name="Newsletter", now=NOON)
    chicago = make.named_list("In Chicago", make.in_city(), parent=inner)
    steps = [make.send(message, offers), make.add_to(listed.static_list)]
    one = make.campaign(parent=program, filters=[make.inside(chicago)], steps=steps)
    row = one.steps.all()[1]
    make.choice(row, condition=make.inside(chicago), config=row.config)

    copy = clone(program)

    mine = Campaign.objects.exclude(pk=one.pk).get()
    cloned = {each.name: each for each in Node.objects.filter(parent__parent=copy)}
    its_list, its_rule = cloned["Newsletter (copy)"].placed_list, cloned["In Chicago"].named_list
    draft = drafts.read(mine)
    assert draft.steps[0].default.params.message.message.node == cloned["Spring offer text"]
    assert draft.steps[0].default.params.vibes_list == offers
    assert [each.params.static_list for each in draft.steps[1].branches] == [
        its_list.static_list
    ] * 2
    asked = SmartListFilter.objects.filter(kind="member_of_smart_list").exclude(
        config__smart_list=str(chicago.pk)
    )
    assert {each.config["smart_list"] for each in asked} == {str(its_rule.pk)}
    assert asked.count() == 2
    assert StaticList.objects.filter(name="Newsletter (copy)").exists()


def test_what_lies_outside_is_used_by_both() -> None:
    program = tree.create_program(parent=None, name="Spring", now=NOON)
    listed = tree.create_static_list(parent=None, name="Newsletter", now=NOON)
    make.campaign(parent=program, steps=[make.add_to(listed.static_list)])

    clone(program)

    assert references.used_by(listed.static_list).count() == 2


def test_a_folder_can_be_cloned_into_itself() -> None:
    spring = tree.create_folder(parent=None, name="Spring", now=NOON)

    copy = clone(spring, "Spring", parent=spring)

    assert [each.parent for each in Node.objects.order_by("pk")] == [None, spring]
    assert copy.parent == spring


def test_a_name_that_is_taken_is_refused_and_nothing_is_left_behind() -> None:
    one = make.ready_campaign()

    with pytest.raises(tree.NameTaken):
        clone(one.node, "send to chicago")

    assert Campaign.objects.count() == 1


def test_a_free_name_is_offered() -> None:
    spring = tree.create_folder(parent=None, name="Spring", now=NOON)
    tree.create_folder(parent=None, name="spring (copy)", now=NOON)

    assert cloning.free_name(spring, None) == "Spring (copy 2)"


def test_every_dropdown_of_things_in_the_tree_is_rewritten() -> None:
    cards = [
        (of, kind.kind, name, model)
        for of in (registry.steps, registry.filters)
        for kind in of.all()
        for name, model in naming.models_of(kind).items()
    ]

    for of, kind, name, model in cards:
        rewritten = naming.rewritten((of, kind, {name: "1", "else": "1"}), {(model, 1): 2})
        assert rewritten == {name: "2", "else": "1"}
    assert {model for *_, model in cards} >= {Campaign, SmsMessage, NamedList, StaticList}


def test_a_static_list_is_not_renamed_behind_the_back_of_who_names_its_clone() -> None:
    one = tree.create_static_list(parent=None, name="Newsletter", now=NOON)
    spring = tree.create_folder(parent=None, name="Spring", now=NOON)

    with pytest.raises(tree.NameTaken, match="already a static list called “Newsletter”"):
        clone(one.node, "Newsletter", parent=spring)

    assert StaticList.objects.count() == 1
