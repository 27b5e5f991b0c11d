"""The Django admin: everything to look at, and a service to change, without a secret coming out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse

from tests.vibes import make
from tests.vibes.browsing import browser_of, page_of, typed
from vibes import models
from vibes.models import Account

TABLES = [each._meta.model_name for each in admin.site._registry if each._meta.app_label == "vibes"]
LIMITS = {"events_per_second": "240", "calls_per_second": "80"}


@pytest.fixture
def ada(db: None) -> Browser:
    return browser_of(is_staff=True, is_superuser=True)


def change(account: Account) -> str:
    return reverse("admin:vibes_account_change", args=[account.pk])


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_looked_at(ada: Browser, table: str) -> None:
    assert ada.get(reverse(f"admin:vibes_{table}_changelist")).status_code == 200


def test_a_service_is_added_and_tried_soon(ada: Browser) -> None:
    answer = ada.post(reverse("admin:vibes_account_add"), typed(**LIMITS))

    account = Account.objects.get()
    assert answer.status_code == 302
    assert (account.password, account.health) == ("demo", Account.Health.UNTESTED)
    assert account.sync_wanted_at is not None


def test_a_secret_left_empty_stays_and_none_comes_out(ada: Browser, account: Account) -> None:
    account.password, account.callback_token = "secret-one", "secret-two"
    account.client_certificate = "secret-three"
    account.save()

    assert "secret-" not in page_of(ada.get(change(account)))
    renamed: dict[str, Any] = typed(**LIMITS, password="", base_url=account.base_url, name="New")
    ada.post(change(account), renamed)

    account.refresh_from_db()
    assert (account.name, account.password) == ("New", "secret-one")
    assert account.client_certificate == "secret-three"


def test_a_service_is_not_deleted_past_the_page_that_looks_at_what_names_it(
    ada: Browser, account: Account
) -> None:
    answer = ada.post(reverse("admin:vibes_account_delete", args=[account.pk]), {"post": "yes"})

    assert answer.status_code == 403
    assert models.Account.objects.exists()


def test_what_happened_cannot_be_rewritten(ada: Browser, account: Account) -> None:
    kept = make.subscription(make.vibes_list(account))

    ada.post(reverse("admin:vibes_subscription_change", args=[kept.pk]), {"state": "never"})

    assert models.Subscription.objects.get().state == "subscribed"
