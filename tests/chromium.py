"""Find a Chromium on this machine, or get one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def find() -> str | None:
    """The path of a browser: the one CHROMIUM names, the system's, Playwright's own, or None."""
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ((named,) if named else NAMES))
    return next(filter(None, found), None) or _playwrights_own()


def find_or_install() -> str | None:
    """As `find`; where there is none, ask the system's packages, then Playwright, for one."""
    if not find():
        _install()
    return find()


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> None:
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        _try(apt, "update", "-qq")
        if _try(apt, "install", "-qq", "-y", "--no-install-recommends", "chromium"):
            return
    _try(sys.executable, "-m", "playwright", "install", "chromium")


def _try(*command: str) -> bool:
    print(f"No browser yet: {' '.join(command)}", flush=True)
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0
