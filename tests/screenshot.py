"""`make screenshot`: start a fresh demo, open a flow, and keep its picture for the README."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, ViewportSize, sync_playwright

from config.ports import free_port
from config.processes import ROOT
from tests import chromium
from tests.browser import QUIET

PICTURE = ROOT / "docs" / "images" / "flow.png"


def main() -> None:
    with _demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find_or_install(), args=QUIET)
        size: ViewportSize = {"width": 1440, "height": 810}
        page = browser.new_page(viewport=size, color_scheme="light", locale="en-US")
        _sign_in(page, url)
        _open_flow(page, url)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()
    print(f"Kept {PICTURE.relative_to(ROOT)}.")


@contextmanager
def _demo() -> Iterator[str]:
    """A demo on data of its own; its address, once it answers."""
    port, sim_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        ours = {"VAR_DIR": folder, "PORT": str(port), "SIM_PORT": str(sim_port), "PUBLIC_URL": url}
        command = [sys.executable, str(ROOT / "manage.py"), "demo"]
        demo = subprocess.Popen(command, env=os.environ | ours, stdout=subprocess.PIPE, text=True)
        try:
            assert demo.stdout
            assert any("is ready" in line for line in demo.stdout), "the demo did not start"
            yield url
        finally:
            demo.terminate()
            demo.communicate(timeout=60)


def _sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("Login").fill("demo")
    page.get_by_label("Password", exact=True).fill("demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/")


def _open_flow(page: Page, url: str) -> None:
    """The flow of a campaign of the demo that has choices and a wait."""
    page.goto(f"{url}/marketing-activities/")
    page.get_by_role("treeitem", name="Welcome").first.click()
    page.get_by_role("treeitem", name="Welcome new subscribers").click()
    page.get_by_role("link", name="Flow").click()
    page.get_by_text("If State is QC").click()  # open the card, with its choices and dropdowns
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()
