"""What differs between two states of a campaign, in sentences."""

from __future__ import annotations

import pytest

from campaigns import changes, drafts, editor, versions
from campaigns.changes import NOTHING, Outline, between
from campaigns.models import Campaign
from tests.campaigns import make
from tests.campaigns.make import NOON

FLOW = {1: "Wait 1 day", 2: "Wait 2 days", 3: "Wait 3 days", 4: "Wait 4 days"}
OLD = Outline("ALL filters", ["City is Rome", "State is IL"], FLOW)


def order(*ids: int) -> Outline:
    return Outline(OLD.match, OLD.filters, {pk: FLOW[pk] for pk in ids})


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (OLD, []),
        (order(1, 2, 3), ["Flow: step 4, “Wait 4 days”, was deleted."]),
        (order(4, 1, 2, 3), ["Flow: “Wait 4 days” was moved from place 4 to 1."]),
        (
            Outline(OLD.match, OLD.filters, FLOW | {2: "Wait 9 days"}),
            ["Flow: step 2, “Wait 2 days”, became “Wait 9 days”."],
        ),
        (
            Outline(OLD.match, OLD.filters, FLOW | {5: "Send Hello"}),
            ["Flow: “Send Hello” was added as step 5."],
        ),
        (
            Outline("ANY filter", ["City is Oslo", "State is IL", "Score is 5"], FLOW),
            [
                "Smart list: joined by ANY filter instead of ALL filters.",
                "Smart list: “City is Rome” became “City is Oslo”.",
                "Smart list: “Score is 5” was added.",
            ],
        ),
        (
            Outline(OLD.match, ["State is IL"], FLOW),
            ["Smart list: “City is Rome” was deleted."],
        ),
    ],
)
def test_a_sentence_for_each_thing_that_became_different(new: Outline, said: list[str]) -> None:
    assert between(OLD, new) == said


def test_the_fewest_steps_are_said_to_have_moved() -> None:
    assert between(OLD, order(2, 3, 4, 1)) == ["Flow: “Wait 1 day” was moved from place 1 to 4."]


@pytest.fixture
def campaign(db: None) -> Campaign:
    """Everything a sentence may have to say."""
    made = make.ready_campaign()
    make.choice(made.steps.get(), condition=make.in_city("Boston"))
    make.step(made, make.wait(2))
    return made


def test_a_version_says_what_its_draft_said(campaign: Campaign) -> None:
    version = versions.publish(campaign, by=make.user(), now=NOON)

    outline = changes.of_version(version)

    assert between(outline, changes.of_draft(drafts.read(campaign))) == []
    assert len(between(NOTHING, outline)) == 3
    assert any(
        "If City is Boston: do nothing; Otherwise:" in each for each in outline.steps.values()
    )


def test_a_draft_that_is_not_complete_is_said_too(campaign: Campaign) -> None:
    version = versions.publish(campaign, by=make.user(), now=NOON)
    editor.add_step(campaign, kind="send_sms", by=make.user(), now=NOON)

    (said,) = between(changes.of_version(version), changes.of_draft(drafts.read(campaign)))

    assert said == "Flow: “Send SMS Message” was added as step 3."
