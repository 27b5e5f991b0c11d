import json
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Person
from tests.vibes import make
from vibes import callbacks, intake, tasks
from vibes.models import Account, Callback

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


def test_the_tick_applies_what_no_bell_announced(account: Account) -> None:
    call("secret")

    with patch.object(tasks.apply_callbacks, "apply_async") as ring:
        tasks.tick()

    assert ring.call_count == 1
    tasks.apply_callbacks()
    assert not callbacks.to_apply().exists()
    assert Person.objects.count() == 0
