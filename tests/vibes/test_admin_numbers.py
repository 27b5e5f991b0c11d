"""In the admin a number is found by its digits, and shown to nobody whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client as Browser
from django.urls import reverse

from tests.vibes import make
from tests.vibes.make import ANA, NOON
from vibes import consent, numbers, subscriptions, sweeps
from vibes.models import ConsentEntry, Drift, Number, Subscription


@pytest.fixture
def operator(db: None) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("ada"))
    return browser


@pytest.fixture
def rows(db: None) -> None:
    offers = make.vibes_list(make.account())
    told: dict[str, Any] = {"source": consent.TOLD, "told_at": NOON, "now": NOON}
    subscriptions.change(ANA, offers, "subscribed", **told)
    numbers.set_line(ANA, Number.Line.LANDLINE, **told)
    sweep = sweeps.start(offers.account, by="ada", now=NOON)
    Drift.objects.create(
        sweep=sweep,
        vibes_list=offers,
        mobile=ANA,
        ours="subscribed",
        theirs="never",
        outcome="repaired",
        explanation="Because",
        found_at=NOON,
    )


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("model", [Number, Subscription, ConsentEntry, Drift])
def test_shows_no_whole_number(operator: Browser, model: type[Model]) -> None:
    name = f"admin:vibes_{model._meta.model_name}"
    one = model._default_manager.first()
    assert one is not None

    addresses = [reverse(f"{name}_changelist")]
    if model is not Number:  # its own address is the number: whoever opens it has typed it
        addresses.append(reverse(f"{name}_change", args=[one.pk]))
    for address in addresses:
        page = operator.get(address).content.decode()
        assert "+1312…01" in page
        assert ANA[1:] not in page


@pytest.mark.usefixtures("rows")
def test_finds_it_by_all_of_its_digits(operator: Browser) -> None:
    listed = reverse("admin:vibes_subscription_changelist")
    assert "1 subscription" in operator.get(listed, {"q": ANA}).content.decode()
    assert "0 subscriptions" in operator.get(listed, {"q": ANA[:-1]}).content.decode()


def test_every_model_with_a_number_masks_it() -> None:
    shown = [
        admin
        for model, admin in site._registry.items()
        if model._meta.app_label == "vibes" and any(f.name == "mobile" for f in model._meta.fields)
    ]
    assert len(shown) == 5
    assert all("mobile" not in (*admin.list_display, *admin.readonly_fields) for admin in shown)
