"""The flow in a real browser: dragged by mouse and by finger, by button and by key; and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, Route, expect

from campaigns import editor
from campaigns.models import Campaign
from tests import hands
from tests.browser import opened
from tests.campaigns import make
from tests.hands import Drag, at_height

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    """Three waits: of 2, 3 and 4 days."""
    return make.campaign(steps=[make.wait(2), make.wait(3), make.wait(4)])


def open_flow(page: Page, campaign: Campaign, live_server: Any, username: str = "ada") -> Page:
    client = Client()
    client.force_login(make.user(username))
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([session | {"url": live_server.url}])  # type: ignore[list-item]
    page.goto(live_server.url + reverse("campaigns:flow", args=[campaign.pk]))
    return page


@pytest.fixture(params=["mouse", "finger"])
def hand(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def drag(hand: str) -> Drag:
    return hands.by_mouse if hand == "mouse" else hands.by_finger


@pytest.fixture
def flow(browser: Browser, campaign: Campaign, live_server: Any, hand: str) -> Iterator[Page]:
    with opened(browser, has_touch=hand == "finger") as page:
        yield open_flow(page, campaign, live_server)


def days(page: Page) -> list[str]:
    """The flow from the top down: how long each wait is; other steps by their sentence."""
    cards = page.locator("#steps > [data-card]").all()
    said = [(each.get_attribute("aria-label") or "").partition(" ")[2] for each in cards]
    return [re.sub(r"^Wait (\d+) days$", r"\1", each) for each in said]


def card(page: Page, number: int) -> Locator:
    return page.locator("#steps > [data-card]").nth(number)


def amount(page: Page, number: int) -> Locator:
    """The field for the days of a wait, its card opened."""
    found = card(page, number).locator("input[name$='-amount']")
    if not found.is_visible():
        card(page, number).get_by_role("link").first.click()
    expect(found).to_be_visible()
    return found


def test_a_step_is_dragged_from_the_palette_to_its_place(flow: Page, drag: Drag) -> None:
    item = flow.locator("[data-palette] [data-palette-item]", has_text="Change Score")
    for place, onto, height in ((0, 0, 0.1), (1, 1, 0.1), (3, 2, 2.2)):
        drag(flow, item, at_height(card(flow, onto), height))

        expect(flow.locator("#announcer")).to_contain_text(f"added at {place + 1} of 4")
        found = days(flow)
        assert "Change Score" in found.pop(place)
        assert found == ["2", "3", "4"]
        expect(card(flow, place).get_by_label("Score", exact=True)).to_be_focused()
        flow.locator("#undo").click()
        expect(flow.locator("#steps > [data-card]")).to_have_count(3)


def test_a_card_is_dragged_by_its_handle(flow: Page, drag: Drag) -> None:
    for moved, to, height, after in ((2, 0, 0.1, "423"), (0, 1, 0.9, "243")):
        drag(flow, card(flow, moved).locator("[data-handle]"), at_height(card(flow, to), height))

        expect(flow.locator("#announcer")).to_contain_text(f"moved to {to + 1} of 3")
        assert days(flow) == [*after]


@pytest.fixture
def ben(browser: Browser, campaign: Campaign, live_server: Any) -> Iterator[Page]:
    """Somebody else at the same flow, in a browser of their own."""
    with opened(browser) as page:
        yield open_flow(page, campaign, live_server, "ben")


@pytest.fixture
def at(page: Page, campaign: Campaign, live_server: Any) -> Page:
    return open_flow(page, campaign, live_server)


def test_a_card_moves_by_button_and_by_key(at: Page) -> None:
    card(at, 2).get_by_role("button", name=re.compile("up", re.IGNORECASE)).click()
    expect(at.locator("#announcer")).to_contain_text("moved to 2 of 3")
    assert days(at) == ["2", "4", "3"]

    card(at, 1).focus()
    at.keyboard.press("Alt+ArrowUp")
    expect(at.locator("#announcer")).to_contain_text("moved to 1 of 3")
    assert days(at) == ["4", "2", "3"]
    expect(card(at, 0)).to_be_focused()


def test_what_is_typed_the_focus_and_the_scroll_outlive_every_swap(
    at: Page, campaign: Campaign
) -> None:
    make.step(campaign, ("change_score", {}))  # not complete, so it stands open
    at.reload()
    at.set_viewport_size({"width": 1280, "height": 400})
    typed = card(at, 3).get_by_label("Change", exact=True)
    canvas = "document.querySelector('.canvas-body').scrollTop"

    typed.evaluate("field => (field.value = '20')")  # as if the event that tells of it were lost
    card(at, 2).focus()
    scrolled = at.evaluate(canvas)
    at.keyboard.press("Alt+ArrowUp")

    expect(at.locator("#announcer")).to_contain_text("moved to 2 of 4")
    expect(card(at, 3).get_by_label("Change", exact=True)).to_have_value("20")
    expect(card(at, 1)).to_be_focused()
    assert (scrolled > 0, at.evaluate(canvas)) == (True, scrolled)
    at.reload()
    expect(card(at, 3).get_by_label("Change", exact=True)).to_have_value("20")


def test_two_browsers_edit_one_flow_and_nothing_is_lost_silently(at: Page, ben: Page) -> None:
    amount(ben, 0)
    card(at, 1).focus()
    at.keyboard.press("Delete")
    expect(at.locator("#steps > [data-card]")).to_have_count(2)

    amount(ben, 0).fill("20")
    amount(ben, 0).press("Tab")

    expect(ben.locator("#toasts")).to_contain_text("ada changed this campaign at")
    assert days(ben) == ["20", "4"]
    card(at, 1).focus()
    at.keyboard.press("Alt+ArrowUp")
    expect(at.locator("#toasts")).to_contain_text("ben changed this campaign at")
    assert days(at) == ["4", "20"]


def test_of_two_who_change_one_card_both_are_told(at: Page, ben: Page) -> None:
    for each in (at, ben):
        amount(each, 0)
    for each, value in ((at, "10"), (ben, "20")):
        amount(each, 0).fill(value)
        amount(each, 0).press("Tab")
        expect(each.locator("[data-save-state]")).to_have_text("Saved")

    theirs = "Your setting was kept instead of theirs, which was: “Wait 10 days”."
    expect(ben.locator("#toasts")).to_contain_text(theirs)
    expect(amount(ben, 0)).to_have_value("20")
    card(at, 2).focus()  # folds the other, which is a look as well
    expect(at.locator("#toasts")).to_contain_text("ben changed this campaign at")
    expect(amount(at, 0)).to_have_value("20")


def test_an_answer_to_a_card_that_is_gone_meanwhile_does_no_harm(
    at: Page, campaign: Campaign
) -> None:
    first, _second, third = campaign.steps.all()
    amount(at, 0)
    folds, held = f"**{reverse('campaigns:step', args=[first.pk])}", list[Route]()
    at.route(folds, lambda route: held.append(route))  # noqa: PLW0108  # it needs a function
    with at.expect_request(folds):
        card(at, 1).locator(
            ".card-step-number"
        ).click()  # the first folds; its answer is waited for
    card(at, 1).get_by_role("button", name="Delete card 2").click()
    expect(at.locator("#steps > [data-card]")).to_have_count(2)  # the draft is another one now
    editor.delete_step(third, by=make.user("ben"), now=make.NOON)

    with at.expect_response(folds):
        held[0].continue_()
    at.unroute(folds)
    amount(at, 0).fill("5")
    amount(at, 0).press("Tab")

    expect(at.locator("#toasts")).to_contain_text("ben changed this campaign at")
    expect(card(at, 0)).to_have_attribute("aria-label", "1. Wait 5 days")
    expect(at.locator("#steps > [data-card]")).to_have_count(1)


def test_esc_folds_a_card_with_what_was_just_typed(at: Page) -> None:
    amount(at, 0).fill("5")
    amount(at, 0).press("Escape")

    expect(card(at, 0)).to_have_attribute("aria-label", "1. Wait 5 days")
    expect(at.locator("[data-card]")).to_have_count(3)
    expect(card(at, 0)).to_be_focused()


@pytest.fixture
def without_script(browser: Browser, campaign: Campaign, live_server: Any) -> Iterator[Page]:
    with opened(browser, java_script_enabled=False) as page:
        yield open_flow(page, campaign, live_server)


def test_without_script_a_step_is_added_moved_and_deleted(without_script: Page) -> None:
    page = without_script
    page.locator("#palette-steps").get_by_role("button", name=re.compile("^Wait")).click()
    card(page, 3).locator("input[name$='-amount']").fill("5")
    card(page, 3).get_by_role("button", name="Move up").click()
    expect(card(page, 2).locator("input[name$='-amount']")).to_have_value("5")

    card(page, 0).get_by_role("button", name="Delete card 1").click()
    expect(page.locator("#steps > [data-card]")).to_have_count(3)
    assert days(page) == ["3", "5", "4"]
    page.locator("#undo").click()
    expect(page.locator("#steps > [data-card]")).to_have_count(4)
    assert days(page) == ["2", "3", "5", "4"]
