"""Every way a draft is edited: order, identity, what is noted as used, and that it changed."""

from __future__ import annotations

from datetime import datetime

import pytest

from campaigns import drafts, editor, references
from campaigns.models import Campaign, Choice, FlowStep, SmartList, SmartListFilter
from campaigns.registry import UnknownKind
from tests.campaigns import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def waits() -> Campaign:
    return make.campaign(steps=[make.wait(each) for each in (1, 2, 3)])


def amounts(campaign: Campaign) -> list[str]:
    return [step.config["amount"] for step in campaign.steps.all()]


def places(campaign: Campaign) -> list[int]:
    return [step.position for step in campaign.steps.all()]


def revision(campaign: Campaign) -> int:
    return Campaign.objects.get(pk=campaign.pk).revision


@pytest.mark.parametrize(
    ("at", "order"),
    [(0, ["", "1", "2", "3"]), (2, ["1", "2", "", "3"]), (99, ["1", "2", "3", ""])],
)
def test_a_step_is_added_at_its_place(
    waits: Campaign, now: datetime, at: int, order: list[str]
) -> None:
    step = editor.add_step(waits, kind="wait", at=at, by=make.user(), now=now)

    assert [row.config.get("amount", "") for row in waits.steps.all()] == order
    assert places(waits) == [0, 1, 2, 3]
    assert step.position == order.index("")
    assert step.config == {"unit": "days"}


def test_a_step_nobody_knows_cannot_be_added(waits: Campaign, now: datetime) -> None:
    with pytest.raises(UnknownKind):
        editor.add_step(waits, kind="teleport", by=make.user(), now=now)

    assert waits.steps.count() == 3


@pytest.mark.parametrize(
    ("to", "order"), [(0, ["3", "1", "2"]), (1, ["1", "3", "2"]), (99, ["1", "2", "3"])]
)
def test_a_step_is_moved_and_stays_the_same_step(
    waits: Campaign, now: datetime, to: int, order: list[str]
) -> None:
    step = waits.steps.last()
    assert step is not None

    editor.move_step(step, to=to, by=make.user(), now=now)

    assert amounts(waits) == order
    assert places(waits) == [0, 1, 2]
    assert FlowStep.objects.get(pk=step.pk).config["amount"] == "3"


def test_an_order_with_one_too_few_is_refused(waits: Campaign, now: datetime) -> None:
    first, second, _third = (step.pk for step in waits.steps.all())

    with pytest.raises(editor.FlowChanged):
        editor.reorder_steps(waits, step_ids=[second, first], by=make.user(), now=now)

    assert amounts(waits) == ["1", "2", "3"]


def test_deleting_closes_the_gap_and_takes_the_conditions_along(
    waits: Campaign, now: datetime
) -> None:
    step = waits.steps.all()[1]
    make.choice(step, condition=make.in_city())

    editor.delete_step(step, by=make.user(), now=now)

    assert amounts(waits) == ["1", "3"]
    assert places(waits) == [0, 1]
    assert not Choice.objects.exists()
    assert list(SmartList.objects.all()) == [waits.smart_list]
    assert not SmartListFilter.objects.exists()


def test_deleting_the_only_step_leaves_an_empty_flow(now: datetime) -> None:
    campaign = make.campaign(steps=[make.wait()])

    editor.delete_step(campaign.steps.get(), by=make.user(), now=now)

    assert not campaign.steps.exists()


def test_a_copy_shares_nothing_with_its_original(waits: Campaign, now: datetime) -> None:
    step = waits.steps.all()[0]
    choice = make.choice(step, condition=make.in_city())

    copy = editor.duplicate_step(step, by=make.user(), now=now)
    editor.configure_filter(
        choice.condition.filters.get(),
        {"operator": "is", "value": "Boston"},
        by=make.user(),
        now=now,
    )

    assert copy.position == 1
    assert (
        drafts.StepCard(copy, 0).summary == "If City is Chicago: do nothing; Otherwise: Wait 1 day"
    )


def test_a_choice_begins_with_the_settings_of_the_default(waits: Campaign, now: datetime) -> None:
    step = waits.steps.all()[1]

    choice = editor.add_choice(step, by=make.user(), now=now)

    assert choice.config == {"amount": "2", "unit": "days"}
    assert not choice.condition.filters.exists()


def test_choices_keep_their_order_when_one_goes(waits: Campaign, now: datetime) -> None:
    step = waits.steps.all()[0]
    first, second, third = (make.choice(step, condition=make.in_city(city)) for city in "ABC")

    editor.move_choice(third, to=0, by=make.user(), now=now)
    editor.delete_choice(first, by=make.user(), now=now)

    assert list(step.choices.values_list("pk", "position")) == [(third.pk, 0), (second.pk, 1)]


def test_what_a_step_uses_is_noted_as_it_is_chosen(now: datetime) -> None:
    offers, alerts = make.vibes_list(), make.vibes_list("Service alerts")
    text = make.approved_message()
    step = make.step(make.campaign(), make.send(text, offers))
    other = {"message": str(text.pk), "vibes_list": str(alerts.pk)}

    make.choice(step, condition=make.in_city(), config=other)
    both = [references.used_by(each).count() for each in (offers, alerts)]
    editor.configure_step(step, {}, does_nothing=False, by=make.user(), now=now)
    after = [references.used_by(each).count() for each in (offers, alerts)]

    assert both == [1, 1]
    assert after == [0, 1]


def test_a_step_that_does_nothing_uses_nothing(now: datetime) -> None:
    offers = make.vibes_list()
    kind, config = make.send(make.approved_message(), offers)
    step = make.step(make.campaign(), (kind, config))

    editor.configure_step(step, config, does_nothing=True, by=make.user(), now=now)

    assert references.used_by(offers).count() == 0


def test_every_edit_raises_the_revision_and_says_who(waits: Campaign, now: datetime) -> None:
    before, ben = revision(waits), make.user("ben")
    step = waits.steps.all()[0]

    choice = editor.add_choice(step, by=ben, now=now)
    row = editor.add_filter(choice.condition, kind="city", by=ben, now=now)
    editor.configure_filter(row, {"operator": "is", "value": "x"}, by=ben, now=now)
    editor.set_match(choice.condition, match="any", rule="", by=ben, now=now)

    waits.refresh_from_db()
    assert waits.revision == before + 4
    assert (waits.edited_by, waits.edited_at) == (ben, now)


# --- Smart lists ------------------------------------------------------------------------------------


def test_advanced_logic_begins_with_all_of_them(now: datetime) -> None:
    smart_list = make.campaign(filters=[make.in_city("A"), make.in_city("B")]).smart_list

    editor.set_match(smart_list, match="advanced", rule="", by=make.user(), now=now)

    smart_list.refresh_from_db()
    assert (smart_list.match, smart_list.logic) == ("advanced", "1 and 2")


def test_a_new_filter_joins_an_advanced_rule(now: datetime) -> None:
    smart_list = make.campaign(filters=[make.in_city("A"), make.in_city("B")]).smart_list
    editor.set_match(smart_list, match="advanced", rule="1 OR 2", by=make.user(), now=now)
    smart_list.refresh_from_db()

    editor.add_filter(smart_list, kind="score", by=make.user(), now=now)

    smart_list.refresh_from_db()
    assert smart_list.logic == "(1 or 2) and 3"


@pytest.fixture
def three_joined(now: datetime) -> SmartList:
    """A, B and C, joined as `1 and (2 or 3)`."""
    smart_list = make.campaign(filters=[make.in_city(city) for city in "ABC"]).smart_list
    editor.set_match(smart_list, match="advanced", rule="1 and (2 or 3)", by=make.user(), now=now)
    return smart_list


def test_a_moved_filter_keeps_its_place_in_the_rule(three_joined: SmartList, now: datetime) -> None:
    third = three_joined.filters.all()[2]

    editor.move_filter(third, to=0, by=make.user(), now=now)

    assert SmartList.objects.get(pk=three_joined.pk).logic == "2 and (3 or 1)"


def test_a_filter_added_between_others_changes_nothing_of_the_rule_but_its_numbers(
    three_joined: SmartList, now: datetime
) -> None:
    editor.add_filter(three_joined, kind="score", at=1, by=make.user(), now=now)

    assert SmartList.objects.get(pk=three_joined.pk).logic == "(1 and (3 or 4)) and 2"


def test_a_deleted_filter_leaves_a_gap_in_the_rule_that_cannot_run(
    three_joined: SmartList, now: datetime
) -> None:
    second = three_joined.filters.all()[1]

    editor.delete_filter(second, by=make.user(), now=now)

    left = SmartList.objects.get(pk=three_joined.pk)
    assert left.logic == "1 and (? or 2)"
    assert drafts.ListCards(left).logic_error == "“?” stands where a filter number should."


def test_filters_are_moved_copied_and_deleted(now: datetime) -> None:
    smart_list = make.campaign(filters=[make.in_city(city) for city in "ABC"]).smart_list
    _first, _second, third = smart_list.filters.all()

    editor.move_filter(third, to=0, by=make.user(), now=now)
    third.refresh_from_db()
    editor.duplicate_filter(third, by=make.user(), now=now)
    editor.delete_filter(third, by=make.user(), now=now)

    found = [(row.config["value"], row.position) for row in smart_list.filters.all()]
    assert found == [("C", 0), ("A", 1), ("B", 2)]
