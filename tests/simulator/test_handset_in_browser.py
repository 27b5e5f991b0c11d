"""The handset page in a real browser: live without a reload, by mouse and by keyboard alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import faults
from tests.simulator.conftest import Simulator
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_OFFERS,
    SOMEONE_ELSE,
    participant,
    registration,
)

pytestmark = pytest.mark.browser
QUESTION = "reply Y to get weekly offers"


def open_phone(page: Page, simulator: Simulator, mdn: str = ANYONE) -> None:
    """Open it, wait until it is live, and remember that this is the page first loaded."""
    page.goto(f"{simulator.home}/_sim/?mdn=%2B{mdn[1:]}")
    expect(page.locator("#live")).to_have_text("Live")
    page.evaluate("window.isTheSame = true")


@pytest.fixture
def phone(page: Page, simulator: Simulator) -> Iterator[Page]:
    """A phone that is never reloaded."""
    open_phone(page, simulator)
    yield page
    assert page.evaluate("window.isTheSame === true"), "the page was loaded anew"


def test_a_text_appears_and_y_and_stop_are_answered(phone: Page, simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    expect(phone.get_by_role("log")).to_contain_text(QUESTION)

    phone.get_by_role("button", name="Y", exact=True).click()
    expect(phone.locator("#bar")).to_contain_text("Offers: subscribed")
    expect(phone.locator("#happened")).to_contain_text("Joined Offers")

    phone.get_by_role("button", name="STOP", exact=True).click()
    expect(phone.locator("#bar")).to_contain_text("Offers: unsubscribed")
    expect(phone.locator("#happened")).to_contain_text("Left Offers")
    expect(phone.locator("#say")).to_contain_text("It is a stop word")


def test_a_text_for_another_phone_is_counted_in_the_list(phone: Page, simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(SOMEONE_ELSE))

    expect(phone.locator("#numbers .badge")).to_contain_text("1")
    expect(phone).to_have_title(re.compile(r"^\(1\) "))


def test_by_keyboard_alone(page: Page, simulator: Simulator) -> None:
    page.goto(f"{simulator.home}/_sim/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("312 555 0142")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()

    page.keyboard.type("offers")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text(QUESTION)
    page.keyboard.type("yes")
    page.keyboard.press("Enter")

    expect(page.locator("#bar")).to_contain_text("Offers: subscribed")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")


def test_focus_and_open_details_are_kept(
    phone: Page, simulator: Simulator, receiver: Receiver
) -> None:
    simulator.post("config/callbacks", registration(receiver.url, "unmatched_message_received"))
    simulator.says(ANYONE, "purple")
    callback = phone.locator("#happened .callbacks summary").first
    callback.focus()
    phone.keyboard.press("Enter")

    simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.control("PATCH", f"handsets/{ANYONE}", {"line_type": "voip"})

    expect(phone.locator("#about")).to_contain_text("Voip")
    expect(phone.locator("#happened pre").first).to_be_visible()
    expect(callback).to_be_focused()


def test_switched_off_and_on_again(phone: Page, simulator: Simulator) -> None:
    phone.locator("#about").get_by_role("button", name="Switch off").click()
    expect(phone.locator("#text")).to_be_hidden()
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    expect(phone.locator("#bar")).to_contain_text("1 text waits at the carrier")

    phone.locator(".asleep").get_by_role("button", name="Switch on").click()

    expect(phone.get_by_role("log")).to_contain_text(QUESTION)


def test_texts_of_another_day_say_so_once_the_clock_moved(
    phone: Page, simulator: Simulator
) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    asked = phone.locator("#log .meta time")
    expect(asked).to_have_text(re.compile(r"^\d\d:\d\d"))

    phone.locator("#clock").get_by_role("button", name="+24 h").click()

    expect(asked).to_have_text(re.compile(r"^\w{3}, \w{3} \d+, \d\d:\d\d"))
    expect(phone.locator("#numbers .when time").first).to_have_text(
        re.compile(r"^\w{3}, \w{3} \d+$")
    )


def test_a_name_in_the_list_is_never_cut_short_by_what_the_phone_is(
    phone: Page, simulator: Simulator
) -> None:
    simulator.says(ANYONE, "hello")
    phone.locator("#about").get_by_role("button", name="Disconnect").click()
    shown = phone.locator("#numbers [aria-current]")
    expect(shown).to_contain_text("disconnected")

    whole = "one => one.scrollWidth <= one.clientWidth"
    assert shown.locator(".who").evaluate(whole)
    assert shown.locator(".number").evaluate(whole)


def test_without_the_stream_it_looks_by_itself(page: Page, simulator: Simulator) -> None:
    page.route("**/_sim/stream", lambda route: route.abort())
    page.goto(f"{simulator.home}/_sim/?mdn=%2B{ANYONE[1:]}")
    expect(page.locator("#live")).to_have_text("Looking every 2 s")

    simulator.post(JOIN_OFFERS, participant(ANYONE))

    expect(page.get_by_role("log")).to_contain_text(QUESTION)


def test_what_was_typed_is_kept_when_it_cannot_be_sent(phone: Page) -> None:
    phone.route("**/_sim/page/send", lambda route: route.abort())
    phone.locator("#text").fill("hello")
    phone.keyboard.press("Enter")

    expect(phone.get_by_role("alert")).to_contain_text("Not sent")
    expect(phone.locator("#text")).to_have_value("hello")


def test_it_works_without_a_script(browser: Browser, simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{simulator.home}/_sim/?mdn=%2B{ANYONE[1:]}")
        page.get_by_role("button", name="Y", exact=True).click()

        expect(page.locator("#bar")).to_contain_text("Offers: subscribed")
        expect(page.get_by_role("link", name="Reload")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1000, 1440])
def test_nothing_bars_anybody(page: Page, simulator: Simulator, scheme: str, width: int) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.says(ANYONE, "purple")
    simulator.control("PATCH", f"handsets/{SOMEONE_ELSE}", {"powered": False})
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]

    for query in ("", f"?mdn={ANYONE}", f"?mdn={SOMEONE_ELSE}"):
        page.goto(f"{simulator.home}/_sim/{query.replace('+', '%2B')}")
        expect(page.locator("#live")).to_have_text("Live")
        assert faults(page) == []
