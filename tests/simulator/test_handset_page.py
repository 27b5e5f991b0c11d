"""The handset page: reading and answering in a browser, without a token."""

import re

import pytest
import requests

from tests.simulator.conftest import Simulator
from tests.simulator.vibes_bodies import ANYONE, JOIN_OFFERS, participant


@pytest.fixture
def browser() -> requests.Session:
    return requests.Session()


def form_token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_the_page_shows_the_conversation(simulator: Simulator, browser: requests.Session) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))

    page = browser.get(f"{simulator.home}/_sim/", params={"mdn": ANYONE}, timeout=5)

    assert "Offers: reply Y" in page.text
    assert "Offers: pending" in page.text


def test_its_policy_allows_nothing_inline(simulator: Simulator, browser: requests.Session) -> None:
    page = browser.get(f"{simulator.home}/_sim/", timeout=5)

    assert page.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert not re.search(r"<style|style=|<script(?! src=)|\son\w+=", page.text)


@pytest.mark.parametrize("name", ["handset.js", "handset.css", "handset.svg"])
def test_its_files_come_from_the_simulator(simulator: Simulator, name: str) -> None:
    assert requests.get(f"{simulator.home}/_sim/static/{name}", timeout=5).ok


@pytest.mark.parametrize("name", ["..%2fstore.py", "nothing.css"])
def test_no_other_file_does(simulator: Simulator, name: str) -> None:
    answer = requests.get(f"{simulator.home}/_sim/static/{name}", timeout=5)

    assert answer.status_code == 404


def test_a_reply_typed_on_the_page_is_sent(simulator: Simulator, browser: requests.Session) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    page = browser.get(f"{simulator.home}/_sim/", params={"mdn": ANYONE}, timeout=5)
    form = {"csrfmiddlewaretoken": form_token(page.text), "mdn": ANYONE, "text": "Y"}

    after = browser.post(f"{simulator.home}/_sim/page/send", data=form, timeout=5)

    assert "Offers: subscribed" in after.text


def test_a_form_from_elsewhere_is_refused(simulator: Simulator, browser: requests.Session) -> None:
    form = {"mdn": ANYONE, "text": "STOP"}

    answer = browser.post(f"{simulator.home}/_sim/page/send", data=form, timeout=5)

    assert answer.status_code == 403


def test_a_foreign_host_name_is_refused(simulator: Simulator) -> None:
    headers = {"Host": "evil.example"}

    answer = requests.get(f"{simulator.home}/_sim/", headers=headers, timeout=5)

    assert answer.status_code == 400


def test_a_part_that_did_not_change_is_not_sent_again(simulator: Simulator) -> None:
    address = f"{simulator.home}/_sim/page/numbers"
    tag = requests.get(address, timeout=5).headers["ETag"]

    again = requests.get(address, headers={"If-None-Match": tag}, timeout=5)

    assert again.status_code == 304


def test_a_number_never_seen_can_be_opened(simulator: Simulator) -> None:
    found = requests.get(
        f"{simulator.home}/_sim/page/numbers", params={"q": "416 555 0123"}, timeout=5
    )

    assert "Open <b>+14165550123</b>" in found.text


def test_texts_are_shown_as_text(simulator: Simulator, browser: requests.Session) -> None:
    simulator.says(ANYONE, "<script>alert(1)</script>")

    page = browser.get(f"{simulator.home}/_sim/", params={"mdn": ANYONE}, timeout=5)

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
