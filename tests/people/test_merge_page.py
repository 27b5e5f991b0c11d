"""The page of a merge: choose, look, and only then do it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from people.models import Person
from tests.people import make

pytestmark = pytest.mark.django_db
THERE = reverse("people:merge")


@pytest.fixture
def ada(client: Client) -> Client:
    """A browser in which Ada is signed in, who may merge."""
    user = User.objects.create_user("ada")
    user.user_permissions.set(Permission.objects.filter(codename="merge_person"))
    client.force_login(user)
    return client


@pytest.fixture
def two() -> list[Person]:
    return [make.person(first_name="Anna", city="Reno"), make.person(first_name="Ana", city="Reno")]


def chosen(two: list[Person], **more: Any) -> dict[str, Any]:
    ids = [each.pk for each in two]
    return {"person": ids, "keep": ids[0], "whose-first_name": ids[1], **more}


def mark(response: Any) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]*)"', response.content.decode())
    assert found
    return found[1]


def test_asks_only_where_they_differ(ada: Client, two: list[Person]) -> None:
    response = ada.get(THERE, {"person": [each.pk for each in two]})

    assert [row.field.name for row in response.context["rows"]] == ["first_name"]
    assert response.context["same"] == [("City", "Reno"), ("Score", "0")]
    assert "Merge for good" not in response.content.decode()


def test_looks_first_and_merges_what_was_seen(ada: Client, two: list[Person]) -> None:
    look = ada.post(THERE, chosen(two, do="look"))
    assert "What will happen" in look.content.decode()
    assert Person.objects.present().count() == 2

    done = ada.post(THERE, chosen(two, do="merge", seen=mark(look)))

    assert done.headers["Location"] == two[0].get_absolute_url()
    assert Person.objects.present().get().first_name == "Ana"


def test_another_choice_than_the_one_that_was_seen_is_looked_at_first(
    ada: Client, two: list[Person]
) -> None:
    seen = mark(ada.post(THERE, chosen(two, do="look")))

    again = ada.post(THERE, chosen(two, do="merge", seen=seen) | {"keep": two[1].pk})

    assert again.status_code == 200
    assert "What will happen" in again.content.decode()
    assert Person.objects.present().count() == 2


def test_what_was_typed_wrongly_is_said_at_its_place_and_kept(
    ada: Client, two: list[Person]
) -> None:
    Person.objects.filter(pk=two[0].pk).update(email="a@example.com")
    posted = chosen(two) | {"whose-email": "typed", "typed-email": "no address"}

    response = ada.post(THERE, posted)

    assert response.status_code == 422
    text = response.content.decode()
    assert "is not an e-mail address" in text
    assert 'value="no address"' in text


def test_a_typed_number_is_read_as_numbers_are(ada: Client, two: list[Person]) -> None:
    Person.objects.filter(pk=two[0].pk).update(mobile_typed="x")
    typed = {"whose-mobile_typed": "typed", "typed-mobile_typed": "312 555 0142"}
    seen = mark(ada.post(THERE, chosen(two) | typed))

    ada.post(THERE, chosen(two, do="merge", seen=seen) | typed)

    assert Person.objects.present().get().mobile == "+13125550142"


def test_who_was_merged_meanwhile_is_said_to_be_gone(ada: Client, two: list[Person]) -> None:
    seen = mark(ada.post(THERE, chosen(two)))
    Person.objects.filter(pk=two[1].pk).update(merged_into=two[0], deleted_at=make.NOON)

    response = ada.post(THERE, chosen(two, do="merge", seen=seen), follow=True)

    assert f"#{two[1].pk} is gone" in response.content.decode()


def test_an_old_address_leads_to_the_survivor(ada: Client, two: list[Person]) -> None:
    Person.objects.filter(pk=two[1].pk).update(merged_into=two[0], deleted_at=make.NOON)

    response = ada.get(reverse("people:log", args=[two[1].pk]))

    assert response.headers["Location"] == reverse("people:log", args=[two[0].pk])
    assert ada.get(reverse("people:person", args=[9999])).status_code == 404


def test_needs_its_own_right(client: Client, two: list[Person]) -> None:
    user = User.objects.create_user("ben")
    others = Permission.objects.exclude(codename="merge_person")
    user.user_permissions.set(others)
    client.force_login(user)

    assert client.get(THERE, {"person": [each.pk for each in two]}).status_code == 403
    assert client.post(THERE, chosen(two)).status_code == 403


def test_possible_duplicates_lead_there(ada: Client) -> None:
    for _ in range(2):
        make.person(first_name="Ana", mobile="(312) 555-0142")

    text = ada.get(reverse("people:duplicates")).content.decode()

    assert "+13125550142" in text
    assert f'action="{THERE}"' in text
    assert ada.get(reverse("people:duplicates"), {"by": "x", "after": "\0"}).status_code == 200


def test_begins_with_the_people_ticked_in_a_table(ada: Client, two: list[Person]) -> None:
    ids = [each.pk for each in two]
    posted = {"person": ids, "do": "choose", "next": "/database/?q=a"}

    there = ada.post(THERE, posted, follow=True)
    too_few = ada.post(THERE, posted | {"person": ids[:1]})

    assert there.request["QUERY_STRING"] == f"person={ids[0]}&person={ids[1]}"
    assert [row.field.name for row in there.context["rows"]] == ["first_name"]
    assert too_few.headers["Location"] == "/database/?q=a"


def test_a_table_offers_what_the_reader_may_do(ada: Client, two: list[Person]) -> None:
    page = ada.get(reverse("people:database")).content.decode()

    assert f'formaction="{THERE}"' in page
    assert f'formaction="{reverse("people:delete-people")}"' not in page
