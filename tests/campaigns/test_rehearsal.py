"""The path of one person through a draft: the same deciding as the run's, and nothing written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns import drafts, editor, rehearsal
from campaigns.models import Campaign
from campaigns.rehearsal import Path
from people.models import Person
from tests.campaigns import make
from tests.campaigns.make import NOON
from vibes.models import OutboxRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    """In Chicago, and on the list Offers."""
    return make.subscriber(make.vibes_list(), city="Chicago", first_name="Ana")


@pytest.fixture
def campaign(ana: Person) -> Campaign:
    """To Boston: nothing; to others: the text. Then two days' rest, then the text again."""
    made = make.ready_campaign()
    step = made.steps.get()
    make.choice(step, condition=make.in_city("Boston"))
    make.step(made, make.wait(2))
    editor.duplicate_step(step, by=make.user(), now=NOON)
    editor.move_step(made.steps.all()[1], to=2, by=make.user(), now=NOON)
    return made


def walk(campaign: Campaign, person: Person) -> Path:
    draft = drafts.read(Campaign.objects.get(pk=campaign.pk))
    return rehearsal.walk(draft, person, now=NOON)


def test_says_when_what_and_word_for_word(campaign: Campaign, ana: Person) -> None:
    path = walk(campaign, ana)

    assert path.is_found
    assert [line.state for line in path.lines] == ["queued", "waiting", "queued"]
    assert [line.at for line in path.lines] == [NOON, NOON, NOON + timedelta(days=2)]
    assert path.lines[0].text == "Hi Ana"
    assert path.lines[0].branch.startswith("Send")
    assert not OutboxRow.objects.exists()


def test_says_why_not(campaign: Campaign, ana: Person) -> None:
    Person.objects.filter(pk=ana.pk).update(block_listed=True)

    (line, *_rest) = walk(campaign, ana).lines

    assert (line.state, line.why) == ("skipped", "Block-listed")


def test_takes_the_branch_that_fits_and_leads_on_whom_the_list_does_not_take(
    campaign: Campaign, ana: Person
) -> None:
    Person.objects.filter(pk=ana.pk).update(city="Boston")

    path = walk(campaign, ana)

    assert path.is_found is False
    assert [each.holds for each in path.asked] == [False]
    assert path.lines[0].branch == "If City is Boston: do nothing"
    assert path.lines[0].why == "This branch does nothing."


def test_goes_on_past_what_is_not_complete_and_stops_where_the_flow_is_left(
    campaign: Campaign, ana: Person
) -> None:
    editor.add_step(campaign, kind="send_sms", at=0, by=make.user(), now=NOON)
    leave = editor.add_step(campaign, kind="remove_from_flow", at=2, by=make.user(), now=NOON)
    config = {**leave.config, "campaign": ""}
    editor.configure_step(leave, config, does_nothing=False, by=make.user(), now=NOON)
    editor.add_filter(campaign.smart_list, kind="city", by=make.user(), now=NOON)

    path = walk(campaign, ana)

    assert path.is_found is None
    assert [line.state for line in path.lines] == ["incomplete", "queued", "left"]
    assert path.asked[1].holds is None
