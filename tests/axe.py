"""What stands in somebody's way on a page as it is shown now."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What is in order need not be described: that takes axe most of its time.
ONLY_FAULTS = {"resultTypes": ["violations"]}


def faults(page: Page) -> list[str]:
    """What axe has against the page, each with its element, and whether it scrolls sideways; best none."""
    result = Axe().run(page, options=ONLY_FAULTS)
    found = [
        f"{fault['id']}: {' '.join(node['html'].split())[:160]}"
        for fault in result.response["violations"]
        for node in fault["nodes"]
    ]
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return found if wide[0] <= wide[1] else [*found, f"scrolls sideways: {wide[0]} in {wide[1]}"]
