"""Undo and redo, whatever was done; and back to a version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import editor, history, snapshot, versions
from campaigns.models import Campaign, Edit, NamedList, StepReference
from tests.campaigns import make
from tests.campaigns.make import NOON

pytestmark = pytest.mark.django_db
FLOW, LIST = Edit.Side.FLOW, Edit.Side.LIST


@pytest.fixture
def waits() -> Campaign:
    """Wait 1 day, Wait 2 days, Wait 3 days; nothing of it can be undone."""
    made = make.campaign(filters=[make.in_city()], steps=[make.wait(each) for each in (1, 2, 3)])
    Edit.objects.all().delete()
    return made


def undo(of: Campaign | NamedList, side: str = FLOW, *, by: Any = None, seen: int = 0) -> Edit:
    return history.undo(of, side, seen=seen, by=by or make.user(), now=NOON)


def redo(of: Campaign | NamedList, side: str = FLOW) -> Edit:
    return history.redo(of, side, seen=0, by=make.user(), now=NOON)


def configure(campaign: Campaign, place: int, amount: str, *, at: datetime = NOON) -> None:
    step = campaign.steps.all()[place]
    config = {"amount": amount, "unit": "days"}
    editor.configure_step(step, config, does_nothing=False, by=make.user(), now=at)


# --- Whatever was done ----------------------------------------------------------------------------


def _of_step(deed: Callable[..., Any], **more: Any) -> Callable[[Campaign, int], None]:
    def do(campaign: Campaign, place: int) -> None:
        if rows := list(campaign.steps.all()):
            deed(rows[place % len(rows)], by=make.user(), now=NOON, **more)

    return do


def _of_filter(deed: Callable[..., Any], **more: Any) -> Callable[[Campaign, int], None]:
    def do(campaign: Campaign, place: int) -> None:
        if rows := list(campaign.smart_list.filters.all()):
            deed(rows[place % len(rows)], by=make.user(), now=NOON, **more)

    return do


def _of_choice(deed: Callable[..., Any], **more: Any) -> Callable[[Campaign, int], None]:
    def do(campaign: Campaign, place: int) -> None:
        rows = [choice for step in campaign.steps.all() for choice in step.choices.all()]
        if rows:
            deed(rows[place % len(rows)], by=make.user(), now=NOON, **more)

    return do


def _condition(campaign: Campaign, place: int) -> None:
    rows = [choice for step in campaign.steps.all() for choice in step.choices.all()]
    if rows:
        make.filter_(rows[place % len(rows)].condition, make.in_city("Boston"))


DEEDS: list[Callable[[Campaign, int], Any]] = [
    lambda campaign, place: make.step(campaign, make.wait(place + 1)),
    lambda campaign, place: make.filter_(campaign.smart_list, make.in_city("Rome")),
    lambda campaign, place: editor.set_match(
        campaign.smart_list, match="advanced", rule="", by=make.user(), now=NOON
    ),
    _of_step(editor.move_step, to=0),
    _of_step(editor.duplicate_step),
    _of_step(editor.delete_step),
    _of_step(editor.configure_step, config={"amount": "9", "unit": "hours"}, does_nothing=True),
    _of_step(editor.add_choice),
    _of_choice(editor.move_choice, to=0),
    _of_choice(editor.configure_choice, config={"amount": "8"}, does_nothing=False),
    _of_choice(editor.delete_choice),
    _condition,
    _of_filter(editor.move_filter, to=0),
    _of_filter(editor.duplicate_filter),
    _of_filter(editor.delete_filter),
    _of_filter(editor.configure_filter, config={"operator": "is_not", "value": "Oslo"}),
]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 5)), min_size=1, max_size=12))
def test_everything_undone_is_the_beginning_and_done_again_the_end(
    waits: Campaign, done: list[tuple[Callable[[Campaign, int], Any], int]]
) -> None:
    Edit.objects.all().delete()
    began = snapshot.read(waits)
    for deed, place in done:
        deed(waits, place)
    ended = snapshot.read(waits)
    counts = {side: Edit.objects.filter(side=side).count() for side in (FLOW, LIST)}

    for side, count in counts.items():
        for _ in range(count):
            undo(waits, side)
    assert snapshot.read(waits) == began
    for side, count in counts.items():
        for _ in range(count):
            redo(waits, side)
    assert snapshot.read(waits) == ended


# --- One after the other --------------------------------------------------------------------------


def test_what_comes_back_is_the_same_step_with_its_place_and_what_it_uses() -> None:
    campaign = make.ready_campaign()
    step, used = campaign.steps.get(), StepReference.objects.filter(step__campaign=campaign)
    editor.delete_step(step, by=make.user(), now=NOON)
    assert used.count() == 0

    undo(campaign)

    assert campaign.steps.get().pk == step.pk or campaign.steps.get().config == step.config
    assert used.count() == 2


def test_an_edit_is_named_by_what_it_did(waits: Campaign) -> None:
    editor.delete_step(waits.steps.all()[1], by=make.user(), now=NOON)

    assert str(history.stack(waits, FLOW).undo) == "delete “Wait 2 days”"
    assert str(undo(waits)) == "delete “Wait 2 days”"
    assert str(history.stack(waits, FLOW).redo) == "delete “Wait 2 days”"


def test_a_new_edit_leaves_nothing_to_do_again(waits: Campaign) -> None:
    configure(waits, 0, "7")
    undo(waits)

    configure(waits, 1, "8")

    with pytest.raises(history.NothingToUndo):
        redo(waits)


def test_filters_and_flow_are_undone_apart(waits: Campaign) -> None:
    configure(waits, 0, "7")
    editor.delete_filter(waits.smart_list.filters.get(), by=make.user(), now=NOON)

    undo(waits, LIST)

    assert waits.smart_list.filters.count() == 1
    assert waits.steps.all()[0].config["amount"] == "7"


def test_what_is_typed_without_a_rest_is_one_edit(waits: Campaign) -> None:
    for second, typed in enumerate(["1", "12", "123"]):
        configure(waits, 0, typed, at=NOON + timedelta(seconds=3 * second))
    configure(waits, 0, "1234", at=NOON + timedelta(minutes=1))

    assert [undo(waits).number for _ in range(2)] == [2, 1]
    assert waits.steps.all()[0].config["amount"] == "1"
    with pytest.raises(history.NothingToUndo):
        undo(waits)


def test_what_was_typed_and_taken_back_is_no_edit(waits: Campaign) -> None:
    configure(waits, 0, "12")
    configure(waits, 0, "1")

    assert history.stack(waits, FLOW).undo is None


def newest() -> int:
    return Edit.objects.latest("pk").pk


def test_nobody_undoes_what_they_have_not_seen(waits: Campaign) -> None:
    configure(waits, 0, "7")
    first = newest()
    editor.delete_step(waits.steps.all()[2], by=make.user("ben"), now=NOON)

    with pytest.raises(history.EditedMeanwhile, match="delete “Wait 3 days”"):
        undo(waits, seen=first)

    undo(waits, seen=newest())
    assert waits.steps.count() == 3


def test_a_button_of_before_names_no_later_edit(waits: Campaign) -> None:
    configure(waits, 0, "7")
    seen = newest()
    undo(waits)
    editor.delete_step(waits.steps.all()[2], by=make.user("ben"), now=NOON)

    with pytest.raises(history.EditedMeanwhile):
        undo(waits, seen=seen)


def test_nobody_does_again_what_they_have_not_seen_undone(waits: Campaign) -> None:
    configure(waits, 0, "7")
    undo(waits, by=make.user("ben"), seen=newest())

    with pytest.raises(history.EditedMeanwhile):
        redo(waits)

    history.redo(waits, FLOW, seen=newest(), by=make.user(), now=NOON)
    assert waits.steps.all()[0].config["amount"] == "7"


def test_only_so_many_edits_are_kept(waits: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    for amount in range(4, 9):
        configure(waits, 0, str(amount), at=NOON + timedelta(hours=amount))

    assert list(Edit.objects.values_list("number", flat=True)) == [5, 4, 3]


def test_a_list_that_stands_alone_is_undone_too() -> None:
    named = make.named_list("Chicago", make.in_city())
    editor.delete_filter(named.smart_list.filters.get(), by=make.user(), now=NOON)

    undo(named, LIST)

    assert named.smart_list.filters.get().config == make.in_city()[1]


# --- Back to a version ----------------------------------------------------------------------------


def test_a_version_comes_back_whole_and_so_does_what_stood_there() -> None:
    campaign = make.ready_campaign()
    version, was = versions.publish(campaign, by=make.user(), now=NOON), snapshot.read(campaign)
    make.step(campaign, make.wait(2))
    editor.delete_filter(campaign.smart_list.filters.get(), by=make.user(), now=NOON)
    stood = snapshot.read(campaign)

    history.restore(version, by=make.user(), now=NOON)
    assert snapshot.read(campaign) == was
    assert versions.publish(campaign, by=make.user(), now=NOON) == version

    undo(campaign, FLOW)
    undo(campaign, LIST)
    assert snapshot.read(campaign) == stood


def test_a_version_from_before_its_cards_were_kept_stays_where_it_is() -> None:
    campaign = make.ready_campaign()
    version = versions.publish(campaign, by=make.user(), now=NOON)
    version.draft = None

    with pytest.raises(history.CannotRestore):
        history.restore(version, by=make.user(), now=NOON)
