"""The handset page: reading and answering in a browser, without a token."""

import re
import time

import pytest
import requests

from tests.simulator.conftest import Simulator
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_OFFERS,
    SENDERS,
    SOMEONE_ELSE,
    event,
    participant,
    registration,
    sender,
)


@pytest.fixture
def browser() -> requests.Session:
    return requests.Session()


def look(simulator: Simulator, **query: str) -> str:
    """The page's words, tags left out, blanks made one."""
    page = requests.get(f"{simulator.home}/_sim/", params=query, timeout=5)
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def press(simulator: Simulator, where: str, **pressed: str) -> requests.Response:
    """Press a button of the page, as a browser without a script does."""
    with requests.Session() as browser:
        page = browser.get(f"{simulator.home}/_sim/", params={"mdn": ANYONE}, timeout=5)
        form = {"csrfmiddlewaretoken": form_token(page.text), "mdn": ANYONE} | pressed
        return browser.post(f"{simulator.home}/_sim/page/{where}", data=form, timeout=5)


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


@pytest.mark.parametrize(
    "name", ["handset.js", "merge.js", "handset.css", "phone.css", "handset.svg"]
)
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


def test_a_phone_on_which_nothing_happens_is_not_sent_again(simulator: Simulator) -> None:
    simulator.advance(60 - time.time() % 60)  # to the beginning of a minute
    address = f"{simulator.home}/_sim/page/conversation?mdn=%2B{ANYONE[1:]}"
    tag = requests.get(address, timeout=5).headers["ETag"]
    time.sleep(0.01)

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


def test_it_tells_what_a_text_was_taken_for_and_what_followed(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.post("config/callbacks", registration(receiver.url, "subscription_added"))
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.says(ANYONE, "Y")
    simulator.settle()

    seen = look(simulator, mdn=ANYONE)

    assert "It says yes to the question that was waiting for an answer." in seen
    assert "Joined Offers" in seen
    assert "1 callback subscription_added delivered, 200" in seen


def test_the_address_of_a_callback_stays_secret(simulator: Simulator, receiver: Receiver) -> None:
    secret = registration(f"{receiver.url}/secret-token", "unmatched_message_received")
    simulator.post("config/callbacks", secret)
    simulator.says(ANYONE, "purple")

    page = requests.get(f"{simulator.home}/_sim/", params={"mdn": ANYONE}, timeout=5)

    assert "unmatched_message_received" in page.text
    assert "secret-token" not in page.text


def test_a_text_shows_its_parts_and_encoding(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)
    simulator.post(SENDERS, sender())
    simulator.post("events", event(text="☀" * 71))
    simulator.settle()

    assert "2 parts · UCS-2" in look(simulator, mdn=ANYONE)


def test_what_nobody_looked_at_yet_is_counted(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    before = look(simulator, mdn=SOMEONE_ELSE)
    look(simulator, mdn=ANYONE)

    assert "1 unread" in before
    assert "unread" not in look(simulator, mdn=SOMEONE_ELSE)


def test_a_phone_that_is_off_shows_nothing_and_keeps_what_comes(simulator: Simulator) -> None:
    press(simulator, "switch", do="off")
    simulator.post(JOIN_OFFERS, participant(ANYONE))

    asleep = look(simulator, mdn=ANYONE)
    press(simulator, "switch", do="on")

    assert "1 text waits at the carrier" in asleep
    assert "reply Y" not in asleep
    assert "reply Y" in look(simulator, mdn=ANYONE)


def test_a_number_is_ported_and_given_up(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)

    press(simulator, "switch", do="port")
    press(simulator, "switch", do="disconnect")

    assert simulator.control("GET", f"handsets/{ANYONE}")["carrier"] == "105"
    assert simulator.standing(ANYONE) == {"1234": "unsubscribed"}


def test_a_day_passes_at_the_press_of_a_button(simulator: Simulator) -> None:
    press(simulator, "clock", hours="24")

    assert "1 day ahead" in look(simulator, mdn=ANYONE)


def test_a_whole_number_typed_opens_its_phone(simulator: Simulator) -> None:
    page = requests.get(f"{simulator.home}/_sim/", params={"q": "(416) 555-0123"}, timeout=5)

    assert page.url == f"{simulator.home}/_sim/?mdn=%2B14165550123"


@pytest.mark.parametrize("mdn", ["Ada", "+1", "%2B"])
def test_what_is_no_number_opens_none(simulator: Simulator, mdn: str) -> None:
    page = requests.get(f"{simulator.home}/_sim/", params={"mdn": mdn}, timeout=5)

    assert page.status_code == 404


def test_a_phone_has_the_name_vibes_knows(simulator: Simulator) -> None:
    person = {"mobile_phone": {"mdn": ANYONE}, "custom_fields": {"first_name": "Grace"}}
    simulator.post("mobiledb/persons", person)

    assert "Grace" in look(simulator)
