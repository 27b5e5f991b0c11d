"""Files made to harm: each gets a clear answer, and neither web nor worker grows by 200 MB.

BOMB_MB says how large they are; 99 is what may be uploaded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
import requests

from tests.journeys.site import Running, running

MB = 1024 * 1024
SIZE = int(os.environ.get("BOMB_MB", "24")) * MB
MOST = 200 * MB
PATIENCE = 30 + 6 * SIZE / MB
pytestmark = [
    pytest.mark.crash,
    pytest.mark.timeout(12 * PATIENCE),
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc"),
]
LONG_ROW = b"p%07d@example.com," + b"x" * 200 + b"\n"
GOOD = b"".join(LONG_ROW % n for n in range(SIZE // 2 // len(LONG_ROW % 0)))
BOMBS = {
    "one huge cell": (b"Email\n" + b"x" * SIZE, "A line is longer than 200 cells can be"),
    "one huge cell below good rows": (
        b"Email,City\n" + GOOD + b'"' + b"x" * (SIZE // 2),
        "A line is longer than 200 cells can be",
    ),
    "a million columns": (b"a," * (SIZE // 2), "A line is longer|more than 200 columns"),
    "a quotation mark never closed": (b'Email,City\n"x,y\n' + GOOD, "What the import would do"),
    "quotation marks all over": (b"Email,City\n" + b'","\n' * 400_000, "would do|Split it"),
    "UTF-16 without mark": (
        ("Email,City\n" + ",\n" * 900_000 + "a@example.com,\n").encode("utf-16-le"),
        "What the import would do",
    ),
    "commas": (b"Email,City\n" + b"," * SIZE, "A line is longer"),
    "blank lines": (b"Email,City\n" + b"\n" * SIZE, "Split it"),
    "NUL": (b"Email,City\n" + b"\0" * SIZE, "A line is longer|not a text file"),
    "an archive renamed": (b"PK\x03\x04" + b"\0" * SIZE, "an Excel workbook or another archive"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("bombs"), seeded=False) as site:
        site.manage(
            *("createsuperuser", "--noinput", "--username", "demo", "--email", "demo@example.com"),
            DJANGO_SUPERUSER_PASSWORD="demo",
        )
        yield site


@pytest.fixture(scope="module")
def browser(site: Running) -> requests.Session:
    """Signed in, and the pages were opened once: what they need is loaded."""
    session = requests.Session()
    login = f"{site.url}/accounts/login/"
    answer = post(session, login, {"login": "demo", "password": "demo"})
    assert answer.ok
    throw(session, site, b"Email,City\n" + GOOD[: MB // 2])
    return session


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_get_a_clear_answer_and_cost_little_memory(
    site: Running, browser: requests.Session, name: str
) -> None:
    bomb, answer = BOMBS[name]
    before = {pid: _look(pid, "VmRSS") for pid in _processes(site)}
    for pid in before:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the highest mark is set back to now

    said = throw(browser, site, bomb)

    assert re.search(answer, said), said
    grown = {pid: _look(pid, "VmHWM") - was for pid, was in before.items()}
    assert max(grown.values()) < MOST


def throw(session: requests.Session, site: Running, content: bytes) -> str:
    """Upload it, map its first column if that is asked for, and read what is said in the end."""
    answer = post(session, f"{site.url}/database/imports/", file=content)
    if answer.status_code == 422:
        return answer.text
    chosen = {"column-0": "email", "column-1": "city", "region": "US", "key": "email"}
    answer = post(session, answer.url, chosen)
    end = monotonic() + PATIENCE
    while "every 1s" in answer.text and monotonic() < end:
        sleep(0.3)
        answer = session.get(answer.url)
    return answer.text


def post(
    session: requests.Session, url: str, data: dict[str, str] | None = None, file: bytes = b""
) -> requests.Response:
    session.get(url)
    sent = {**(data or {}), "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    files = {"file": ("people.csv", file)} if file else None
    return session.post(url, sent, files=files, headers={"Referer": url})


def _processes(site: Running) -> list[int]:
    """Web and worker, with what they started."""
    names = ("web", "worker")
    tops = {each.pid for each in site.supervisor.processes if each.program.name in names}
    parents = {int(each.name): _parent(each) for each in Path("/proc").glob("[0-9]*")}
    return [pid for pid, parent in parents.items() if pid in tops or parent in tops]


def _parent(process: Path) -> int:
    try:
        return int(process.joinpath("stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _look(pid: int, what: str) -> int:
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) * 1024 if found else 0
