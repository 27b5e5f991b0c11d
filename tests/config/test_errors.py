"""What Django's own page about an error must not show, even to a developer."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import get_default_exception_reporter_filter, technical_500_response

from vibes import connection

NUMBER, TOKEN = "+13125550142", "Zk3xQ13aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
PASSWORD = "correct-horse-battery"


def report(request: Any, error: Exception) -> str:
    return technical_500_response(request, type(error), error, error.__traceback__).content.decode()


def fallen(words: str) -> Exception:
    hidden = PASSWORD  # a local variable like any other
    try:
        raise ValueError(words)
    except ValueError as error:
        assert hidden
        return error


def test_an_error_page_hides_variables_what_was_posted_and_addresses(settings: Any) -> None:
    settings.DEBUG = True
    request = RequestFactory().post(f"/vibes/callbacks/{TOKEN}/", {"password": PASSWORD})
    request.user = User()

    page = report(request, fallen(f"Cannot text {NUMBER}"))

    assert "Cannot text +1312…42" in page
    for secret in (PASSWORD, TOKEN, NUMBER):
        assert secret not in page


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "REDIS_URL", "FIELD_KEYS", "DATABASE_URL"])
def test_no_setting_with_a_password_is_shown(name: str) -> None:
    shown = get_default_exception_reporter_filter().cleanse_setting(name, f"redis://:{PASSWORD}@x")

    assert PASSWORD not in str(shown)


def test_a_form_that_breaks_shows_nothing_typed(
    admin_user: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    browser = Client(raise_request_exception=False)
    browser.force_login(admin_user)
    monkeypatch.setattr(connection, "ask", _break)
    typed = {"name": "V", "username": "u", "password": PASSWORD, "company_key": "K"}
    typed |= {"region": "us", "source_code": "1", "country_code": "1"}

    answer = browser.post(reverse("vibes:account-new"), typed)

    assert answer.status_code == 500
    assert "broken by the test" in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


def _break(account: Any) -> None:
    raise RuntimeError("broken by the test")
