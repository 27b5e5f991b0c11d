"""Whom we call outside: only allowed hosts, never a private address, and what an answer means."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from campaigns import outward, webhooks
from campaigns.models import Webhook
from campaigns.outward import Lost, NotDone, NotNow
from tests import network

ALLOWED = ["shop.example.com", "*.partner.example", "localhost", "127.0.0.1", "2130706433"]
ALLOWED += ["169.254.169.254", "0x7f000001", "0177.0.0.1", "127.1"]


@pytest.fixture(autouse=True)
def allowed(settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ALLOWED


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com/x",
        "https://SHOP.example.com:443/x",
        "https://a.b.partner.example?x=1",
    ],
)
def test_allowed_hosts_are_called(url: str) -> None:
    assert outward.complaint(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/",
        "gopher://shop.example.com/",
        "file:///etc/passwd",
        "https://other.example.com/",
        "https://shop.example.com.evil.example/",
        "https://evilpartner.example/",
        "https://partner.example/",
        "https://shop.example.com:8443/",
        "https://shop.example.com:x/",
        "https://ana:secret@shop.example.com/",
        "https://shop.example.com@evil.example/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https:///x",
        "",
    ],
)
def test_no_other_address_is(url: str) -> None:
    assert outward.complaint(url)
    with pytest.raises(NotDone):
        outward.call("GET", url)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "169.254.169.254",
    ],
)
def test_an_allowed_name_of_a_private_address_is_refused(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "NAMED", {host})  # spelt so, it leads to nobody outside
    with pytest.raises(NotDone, match="private network"):
        outward.call("GET", f"https://{host}/")


@pytest.mark.parametrize(
    "private", ["10.0.0.1", "192.168.1.1", "100.64.0.1", "::ffff:10.0.0.1", "fd00::1"]
)
def test_a_public_name_that_leads_inside_is_refused(
    private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if ":" in private else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (private, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(NotDone, match="private network"):
        outward.call("GET", "https://shop.example.com/")


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = self.path.strip("/")
        if status == "drip":
            self.drip()
            return
        if status == "hang-up":
            self.connection.close()
            return
        self.send_response(int(status))
        self.send_header("Location", "https://shop.example.com/")
        self.end_headers()
        self.wfile.write(b"x" * 100_000)

    def drip(self) -> None:
        """Bytes for ever, each in time."""
        try:
            while True:
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server on this machine, which for once may be called."""
    door = outward.Door(is_https_proto=False, allow_loopback=True)
    monkeypatch.setattr(outward, "_door", door)
    monkeypatch.setattr(outward, "complaint", lambda _: "")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outward, "TIMEOUT", (1.0, 1.0))


def test_keeps_the_head_of_an_answer(server: str) -> None:
    answer = outward.call("GET", f"{server}/201")

    assert (answer["status"], len(answer["body"])) == (201, outward.MOST)


@pytest.mark.parametrize(
    ("path", "meaning"),
    [
        ("302", NotDone),
        ("404", NotDone),
        ("500", NotDone),
        ("429", NotNow),
        ("503", NotNow),
        ("hang-up", Lost),
        ("drip", Lost),
    ],
)
def test_says_what_an_answer_means(server: str, path: str, meaning: type[Exception]) -> None:
    with pytest.raises(NotDone) as told:
        outward.call("GET", f"{server}/{path}")

    assert type(told.value) is meaning


def test_whoever_is_not_there_was_not_reached(server: str) -> None:
    with pytest.raises(NotNow):
        outward.call("GET", "http://127.0.0.1:1/")


def test_a_name_that_nobody_knows_was_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotNow):
        outward.call("GET", "https://shop.example.com/")


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        ({"url": "https://{{person.City}}.example.com/"}, "after the host"),
        ({"url": "https://shop.example.com/{{person.Shoe}}"}, "Shoe"),
        ({"url": "https://other.example.com/"}, "WEBHOOK_HOSTS"),
        ({"body": "{name: 1}"}, "not JSON"),
        ({"body": "{}", "method": "GET"}, "no body"),
    ],
)
@pytest.mark.django_db
def test_a_webhook_that_could_not_be_called_is_not_kept(hook: dict[str, str], words: str) -> None:
    whole = {"url": "https://shop.example.com/", "method": "POST", **hook}

    assert words in webhooks.complaint(Webhook(**whole))
