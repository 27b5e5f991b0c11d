import io
import json
from datetime import timedelta
from unittest.mock import patch

import pytest
from celery import Task
from django.core.handlers.wsgi import WSGIRequest
from django.db import IntegrityError, OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from people.models import Person
from tests.vibes import make
from vibes import callbacks, intake, tasks, together
from vibes.models import Account, Callback
from vibes.views import callback

BODY = {"event_id": "E1", "callback_type": "person_added", "person": {}}


@pytest.fixture
def account(db: None) -> Account:
    return make.account(callback_token="secret", previous_callback_token="older")


def call(token: str, body: object = None, *, method: str = "post", **more: str) -> int:
    """Vibes calls back, signed in nowhere and without a form token; returns the status."""
    browser = Client(enforce_csrf_checks=True)
    raw = body if isinstance(body, bytes) else json.dumps(BODY if body is None else body)
    kind = more.pop("content_type", "application/json")
    address = reverse("vibes:callback", args=[token])
    return int(getattr(browser, method)(address, data=raw, content_type=kind, **more).status_code)


@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize("token", ["secret", "older"])
def test_keeps_what_comes_under_the_right_token(account: Account, method: str, token: str) -> None:
    assert call(token, method=method) == 200
    kept = Callback.objects.get()
    assert (kept.account, kept.event_id, kept.kind) == (account, "E1", "person_added")
    assert json.loads(kept.body) == BODY


@pytest.mark.parametrize("token", ["wrong", "secre", "secret2", "ünicode"])
def test_knows_nobody_by_a_wrong_token(account: Account, token: str) -> None:
    assert call(token) == 404
    assert not Callback.objects.exists()


def test_a_missing_previous_token_is_not_a_door(account: Account) -> None:
    Account.objects.update(previous_callback_token="")

    assert call(" ") == 404


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"[]", b"{", b"x" * 60_000])
def test_accepts_anything_that_is_not_too_large(account: Account, raw: bytes) -> None:
    assert call("secret", raw, content_type="text/plain") == 200


def test_cuts_what_is_too_long_keeps_it_and_says_so(account: Account) -> None:
    assert call("secret", b"x" * (intake.MOST_BYTES + 1)) == 200
    kept = Callback.objects.get()
    assert (len(kept.body), kept.outcome) == (intake.MOST_BYTES, intake.CUT)
    assert not callbacks.to_apply().exists()


def test_asks_vibes_to_come_again_when_the_database_is_away(account: Account) -> None:
    with patch.object(intake, "store", side_effect=OperationalError):
        assert call("secret") == 503


def test_only_posts_and_puts(account: Account) -> None:
    assert Client().get(reverse("vibes:callback", args=["secret"])).status_code == 405


def test_a_repeated_one_is_kept_once(account: Account) -> None:
    assert [call("secret"), call("secret")] == [200, 200]
    assert Callback.objects.count() == 1


@pytest.mark.timed
def test_answers_fast(account: Account) -> None:
    call("secret")
    began = timezone.now()

    for number in range(10):
        call("secret", BODY | {"event_id": str(number)})

    assert (timezone.now() - began) / 10 < timedelta(milliseconds=100)


@pytest.mark.parametrize(
    ("kind", "task"),
    [
        ("event_processed", tasks.apply_callbacks),
        ("subscription_removed", tasks.apply_callbacks),
        ("person_added", tasks.confirm_callbacks),
    ],
)
def test_the_tick_applies_what_no_bell_announced(
    account: Account, kind: str, task: Task[..., None]
) -> None:
    call("secret", BODY | {"callback_type": kind})

    with patch.object(Task, "apply_async", autospec=True) as ring:
        tasks.tick()

    assert task.name in [rung.args[0].name for rung in ring.call_args_list]
    task()
    assert not callbacks.to_apply().exists()
    assert Person.objects.count() == 0


def test_nothing_stands_between_vibes_and_the_insert(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    call("secret")  # the tokens are known

    with django_assert_num_queries(3):  # a savepoint, the insert, and its release
        assert call("secret", {"event_id": "E2"}, HTTP_HOST="elsewhere.example") == 200


def test_the_address_is_the_one_the_middleware_answers() -> None:
    assert reverse("vibes:callback", args=["x"]) == f"{callback.ADDRESS}x/"


# --- Tokens ---------------------------------------------------------------------------------------


def test_a_new_token_is_right_at_once_and_an_old_one_wrong_after_a_second(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("secret")
    Account.objects.update(callback_token="newest", previous_callback_token="secret")

    assert [call("newest"), call("secret")] == [200, 200]
    call("secret")
    Account.objects.update(previous_callback_token="")
    monkeypatch.setattr(intake, "TOKENS_LAST", 0.0)
    assert call("secret") == 404


def test_an_account_that_is_gone_is_looked_for_again(account: Account) -> None:
    with patch.object(together, "insert", side_effect=IntegrityError):
        assert call("secret") == 503
    Account.objects.all().delete()
    assert call("secret") == 404


# --- Bodies as they come over the wire ------------------------------------------------------------


def stream(chunks: list[bytes], *, breaks: bool = False) -> WSGIRequest:
    """A request whose length nobody announced, as the server hands it over."""
    asked = RequestFactory().post("/", content_type="application/json").environ
    asked.pop("CONTENT_LENGTH")
    body = Pieces(chunks, breaks=breaks)
    return WSGIRequest(asked | {"wsgi.input": body, "HTTP_TRANSFER_ENCODING": "chunked"})


class Pieces(io.RawIOBase):
    def __init__(self, chunks: list[bytes], *, breaks: bool) -> None:
        self.chunks, self.breaks, self.given = list(chunks), breaks, 0

    def read(self, size: int = -1) -> bytes:
        if not self.chunks and self.breaks:
            raise ValueError("the chunk that was promised did not come")
        piece = self.chunks.pop(0) if self.chunks else b""
        self.given += len(piece)
        return piece


def test_a_body_of_unknown_length_is_heard(account: Account) -> None:
    assert callback.receive(stream([b'{"event_id"', b': "E7"}']), "secret").status_code == 200
    assert Callback.objects.get().event_id == "E7"


def test_a_body_without_end_is_not_listened_to_for_ever(account: Account) -> None:
    request = stream([b"x" * 16_384] * 10_000)

    assert callback.receive(request, "secret").status_code == 200
    assert request.environ["wsgi.input"].given <= callback.MOST_HEARD + 16_384
    kept = Callback.objects.get()
    assert (len(kept.body), kept.outcome) == (intake.MOST_BYTES, intake.CUT)


def test_a_body_that_breaks_off_is_kept_as_far_as_it_came(account: Account) -> None:
    request = stream([b'{"event_id": "E8", "sub'], breaks=True)

    assert callback.receive(request, "secret").status_code == 200
    assert Callback.objects.get().body == '{"event_id": "E8", "sub'


@pytest.mark.parametrize(
    ("depth", "outcome"), [(31, ""), (32, intake.TOO_DEEP), (400, intake.TOO_DEEP)]
)
def test_what_is_nested_too_deep_is_kept_and_never_read(
    account: Account, depth: int, outcome: str
) -> None:
    raw = b'{"a":' * depth + b"{}" + b"}" * depth
    assert call("secret", raw) == 200

    kept = Callback.objects.get()
    assert (kept.outcome, kept.applied_at is None) == (outcome, outcome == "")


@pytest.mark.parametrize("code", ["utf-16", "utf-32", "utf-8-sig"])
def test_another_encoding_of_json_is_read(account: Account, code: str) -> None:
    call("secret", json.dumps(BODY).encode(code))

    assert Callback.objects.get().event_id == "E1"


# --- The bell -------------------------------------------------------------------------------------


def test_a_decision_rings_at_once_and_a_receipt_does_not(account: Account) -> None:
    with patch.object(tasks.apply_callback, "apply_async") as ring:
        call("secret", {"event_id": "R", "callback_type": "event_processed"})
        assert ring.call_count == 0
        call("secret", {"event_id": "S", "callback_type": "subscription_removed"})
        call("secret", {"event_id": "S", "callback_type": "subscription_removed"})

    (rung,) = ring.call_args_list
    assert rung.kwargs["kwargs"] == {"callback_id": Callback.objects.get(event_id="S").pk}
