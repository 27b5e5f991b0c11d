"""Custom fields in Admin: the same rules, words and rights as in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people import defining, fields
from people.field_uses import Use
from people.models import CustomField, Person
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
LIST, ADD = "admin:people_customfield_changelist", "admin:people_customfield_add"
USED = "tests.people.test_admin_fields.used"


@pytest.fixture
def ops(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops"))
    return client


@pytest.fixture
def size(db: None) -> CustomField:
    return defining.define("Size", "integer", by=None, now=NOON)


def used(asked: Any) -> dict[str, list[Use]]:
    """An app that uses every field there is."""
    return {each.name: [Use("Smart list “Tall”", "/tall/")] for each in asked}


def at(deed: str, row: CustomField) -> str:
    return reverse(f"admin:people_customfield_{deed}", args=[row.pk])


def text(response: Any) -> str:
    return " ".join(response.text.split())


def test_it_is_made_as_in_the_browser_and_can_be_used_at_once(ops: Client) -> None:
    typed = {"label": "  Shoe   size ", "type": "integer", "help": "European"}

    assert ops.post(reverse(ADD), typed).status_code == 302

    row = CustomField.objects.get()
    assert (row.key, row.label, row.help) == ("shoe_size", "Shoe size", "European")
    assert row.created_by == User.objects.get()
    assert fields.find("custom__shoe_size")


@pytest.mark.parametrize(
    ("label", "why"),
    [("City", "There is a field called “City” already."), ("A{b", "A name has no braces")],
)
def test_what_the_browser_refuses_is_refused_with_the_same_words(
    ops: Client, label: str, why: str
) -> None:
    page = ops.post(reverse(ADD), {"label": label, "type": "string", "help": ""})

    assert (page.status_code, why in text(page)) == (200, True)
    assert not CustomField.objects.exists()


def test_what_only_the_deed_finds_out_is_said_too(
    ops: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defining, "MOST", 0)

    page = ops.post(reverse(ADD), {"label": "A", "type": "string", "help": ""}, follow=True)

    assert "There are 0 fields already." in text(page)


def test_it_is_renamed_and_its_key_type_and_former_names_stay(
    ops: Client, size: CustomField
) -> None:
    typed = {"label": "Shoe size", "type": "text", "help": "EU", "key": "x"}

    assert ops.post(at("change", size), typed).status_code == 302

    size.refresh_from_db()
    assert (size.label, size.help, size.key, size.type) == ("Shoe size", "EU", "size", "integer")
    assert size.formerly == ["Size"]


def test_it_says_who_uses_it_and_stays_because_of_them(
    ops: Client, size: CustomField, settings: Any
) -> None:
    settings.FIELD_USES = [USED]
    said = '<a href="/tall/">Smart list “Tall”</a>'

    pages = [reverse(LIST), at("change", size), at("delete", size)]
    assert [said in text(ops.get(page)) for page in pages] == [True, True, True]
    ops.post(at("delete", size), {"post": "yes"})
    ticked = {"action": "delete_selected", "_selected_action": [size.pk], "post": "yes"}
    ops.post(reverse(LIST), ticked)

    assert CustomField.objects.get() == size


@pytest.mark.parametrize("how", ["alone", "ticked"])
def test_it_is_deleted_with_the_values_it_had(ops: Client, size: CustomField, how: str) -> None:
    ana = make.person(custom={"size": 38})
    assert "Size: 1 person loses a value" in text(ops.get(at("delete", size)))

    if how == "alone":
        ops.post(at("delete", size), {"post": "yes"})
    else:
        ticked = {"action": "delete_selected", "_selected_action": [size.pk], "post": "yes"}
        ops.post(reverse(LIST), ticked)

    assert not CustomField.objects.exists()
    assert Person.objects.get(pk=ana.pk).custom == {}


def test_the_right_is_that_of_the_browser(client: Client, size: CustomField) -> None:
    pages = [reverse(ADD), at("change", size), at("delete", size)]
    found = {}
    for name, held in (("ada", ["manage_fields"]), ("ben", ["view_customfield"])):
        user = make.user(name, *held)
        User.objects.filter(pk=user.pk).update(is_staff=True)
        client.force_login(user)
        found[name] = [client.get(page).status_code for page in pages]
        found[name].append(client.post(at("change", size), {"label": name}).status_code)

    assert found == {"ada": [200, 200, 200, 302], "ben": [403, 200, 403, 403]}


def test_the_list_asks_once_for_all_of_them(ops: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ops.get(reverse(LIST)).status_code == 200
        return len(queries)

    defining.define("One", "string", by=None, now=NOON)
    statements()
    few = statements()
    for number in range(10):
        defining.define(f"Own {number}", "string", by=None, now=NOON)

    assert statements() == few
