"""Database → Fields: made, renamed and deleted by those who may, never while somebody uses it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from people import defining, editing, fields
from people.models import ColumnView, CustomField, ImportJob, Person
from people.views import fields as pages
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
INDEX = "/database/fields/"


@pytest.fixture
def ada(client: Client) -> Client:
    """She may define fields."""
    user = User.objects.create_user("ada")
    user.user_permissions.add(Permission.objects.get(codename="manage_fields"))
    client.force_login(user)
    return client


@pytest.fixture
def size() -> CustomField:
    return defining.define("Shoe Size", "integer", by=None, now=NOON)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_field_is_made_and_can_be_used_at_once(ada: Client) -> None:
    made = ada.post(INDEX, {"label": "Shoe Size", "type": "integer", "meaning": "European"})

    row = CustomField.objects.get()
    assert made["Location"] == INDEX
    assert (row.label, row.type, row.help, str(row.created_by)) == (
        *("Shoe Size", "integer", "European", "ada"),
    )
    assert "Shoe Size" in text(ada.get(INDEX))
    assert "Shoe Size" in text(ada.get("/database/people/new/"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"label": "", "type": "integer"}, "Type a name."),
        ({"label": "City", "type": "integer"}, "There is a field called “City” already."),
        ({"label": "Full name", "type": "string"}, "already"),
        ({"label": "A {b}", "type": "string"}, "A name has no braces"),
        ({"label": "Size", "type": ""}, "Choose a type."),
        ({"label": "Size", "type": "formula"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_a_field_is_refused_with_what_was_typed(
    ada: Client, typed: dict[str, str], why: str
) -> None:
    response = ada.post(INDEX, typed | {"meaning": "kept <b>"})

    assert (response.status_code, why in text(response)) == (422, True)
    assert 'value="kept &lt;b&gt;"' in text(response)
    assert not CustomField.objects.exists()


def test_only_those_who_may_change_fields(client: Client, size: CustomField) -> None:
    client.force_login(User.objects.create_user("ben"))

    page = text(client.get(INDEX))
    answers = [
        client.post(INDEX, {"label": "x", "type": "integer"}),
        *(client.get(f"{INDEX}{size.pk}/{rest}") for rest in ("", "delete/")),
        *(client.post(f"{INDEX}{size.pk}/{rest}") for rest in ("", "delete/")),
    ]

    assert ("Shoe Size" in page, "Make field" in page) == (True, False)
    assert {each.status_code for each in answers} == {403}
    assert CustomField.objects.count() == 1


def test_a_renamed_field_keeps_its_values_and_its_former_name(
    ada: Client, size: CustomField
) -> None:
    person = make.person(first_name="Ana", custom={size.key: 38})

    ada.post(f"{INDEX}{size.pk}/", {"label": "Foot size", "meaning": "In cm"})

    size.refresh_from_db()
    assert (size.label, size.help, size.formerly) == ("Foot size", "In cm", ["Shoe Size"])
    assert fields.get(f"custom__{size.key}").value(person) == 38
    refused = ada.post(INDEX, {"label": "shoe size", "type": "integer"})
    assert "was the name of “Foot size” before" in text(refused)
    ada.post(f"{INDEX}{size.pk}/", {"label": "Shoe Size", "meaning": ""})
    size.refresh_from_db()
    assert (size.label, size.formerly) == ("Shoe Size", ["Foot size"])


def test_a_name_that_is_taken_is_refused_and_nothing_changes(
    ada: Client, size: CustomField
) -> None:
    response = ada.post(f"{INDEX}{size.pk}/", {"label": "City", "meaning": ""})

    assert (response.status_code, "already" in text(response)) == (422, True)
    assert "<h1>Shoe Size</h1>" in text(response)


def test_a_field_that_is_used_stays_and_says_where(ada: Client, size: CustomField) -> None:
    name = f"custom__{size.key}"
    job = make.import_job(mapping={"0": name}, state=ImportJob.State.RUNNING)

    page = text(ada.get(f"{INDEX}{size.pk}/delete/"))
    refused = ada.post(f"{INDEX}{size.pk}/delete/")

    assert f'href="/database/imports/{job.pk}/"' in page
    assert "Delete field" not in page
    assert (refused.status_code, CustomField.objects.count()) == (422, 1)
    job.state, job.finished_at = ImportJob.State.DONE, NOON
    job.save()
    assert ada.post(f"{INDEX}{size.pk}/delete/").status_code == 302


def test_a_view_holds_no_field(ada: Client, size: CustomField) -> None:
    name = f"custom__{size.key}"
    for user in ("ben", "cleo"):
        views = User.objects.create_user(user)
        ColumnView.objects.create(user=views, name="Mine", columns=["city", name])

    page = text(ada.get(f"{INDEX}{size.pk}/delete/"))
    assert ("2 column views" in page, "Delete field" in page) == (True, True)
    ada.post(f"{INDEX}{size.pk}/delete/")

    assert not CustomField.objects.exists()


def test_who_deletes_is_told_how_many_lose_a_value_and_types_it_where_they_are_many(
    ada: Client, size: CustomField, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MANY", 3)
    made = make.people(4)
    kept = fields.of_custom(size)
    for person in made[:3]:
        editing.change(person, {kept.name: 38}, by="ada", now=NOON)

    asked = text(ada.get(f"{INDEX}{size.pk}/delete/"))
    wrong = ada.post(f"{INDEX}{size.pk}/delete/", {"count": "4"})
    assert ("3 people lose a value." in asked, wrong.status_code) == (True, 422)
    done = ada.post(f"{INDEX}{size.pk}/delete/", {"count": "3"}, follow=True)

    assert "is deleted. 3 people lost a value." in text(done)
    assert not Person.objects.exclude(custom={}).exists()
