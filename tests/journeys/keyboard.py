"""Hands that never leave the keyboard: whatever is used is first reached with Tab."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

FARTHEST = 150  # presses of Tab


class Keyboard:
    """The page by keyboard alone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text, delay=10)

    def reach(self, target: Locator) -> None:
        """Press Tab until the target has the focus; fails when it never gets it."""
        expect(target).to_be_visible()
        for _ in range(FARTHEST):
            if self.is_on(target):
                return
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {target}")

    def use(self, target: Locator) -> None:
        """Reach a link or button and press Enter."""
        self.reach(target)
        self.press("Enter")

    def skip_to_page(self) -> None:
        """The first thing Tab comes to on a page: past the bar, to the content."""
        self.use(self.page.get_by_role("link", name="Skip to the page"))

    def is_on(self, target: Locator) -> bool:
        return bool(target.evaluate("element => element === document.activeElement"))
