"""Deleting, restoring and erasing by hand: asked first, with a typed number when it is large."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from people.models import Person
from people.views import deletion
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
DELETE, BIN = reverse("people:delete-people"), reverse("people:bin")
RESTORE, ERASE = reverse("people:restore-people"), reverse("people:erase-people")
FUTURE = NOON.replace(year=2099)


def browser(*rights: str) -> Client:
    user = User.objects.create_user(f"somebody{len(rights)}")
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


def in_the_bin(number: int) -> list[Person]:
    return make.people(number, deleted_at=NOON, erase_at=FUTURE)


def test_asks_before_it_deletes() -> None:
    ada, people = browser("delete_person"), make.people(3)
    ids = [each.pk for each in people[:2]]

    asked = ada.post(DELETE, {"person": ids})
    assert "Delete 2 people?" in asked.content.decode()
    assert Person.objects.present().count() == 3

    joined = ",".join(map(str, ids))
    done = ada.post(DELETE, {"people": joined, "confirmed": "yes"}, follow=True)
    assert "2 people are in the recycle bin now." in done.content.decode()
    assert list(Person.objects.present()) == people[2:]


def test_many_need_their_number_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "MUST_TYPE", 2)
    ada, people = browser("delete_person"), make.people(3)
    posted = {"person": [each.pk for each in people], "confirmed": "yes"}

    refused = ada.post(DELETE, posted | {"typed": "2"})
    assert refused.status_code == 422
    assert "Type the number of people: 3." in refused.content.decode()
    assert Person.objects.present().count() == 3

    ada.post(DELETE, posted | {"typed": "3"})
    assert not Person.objects.present().exists()


def test_a_number_typed_for_others_than_are_there_now_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deletion, "MUST_TYPE", 2)
    ada, people = browser("delete_person"), make.people(5)
    Person.objects.filter(pk=people[0].pk).update(deleted_at=NOON)
    posted = {"person": [each.pk for each in people], "confirmed": "yes", "typed": "5"}

    assert "Type the number of people: 4." in ada.post(DELETE, posted).content.decode()


def test_restores_who_was_ticked() -> None:
    ada, people = browser("delete_person"), in_the_bin(2)

    said = ada.post(RESTORE, {"person": [people[0].pk]}, follow=True).content.decode()

    assert "1 person is back." in said
    assert list(Person.objects.present()) == people[:1]


def test_erases_who_was_ticked_once_that_was_confirmed() -> None:
    ada, [person] = browser("erase_person"), in_the_bin(1)

    assert "cannot be undone" in ada.post(ERASE, {"person": [person.pk]}).content.decode()
    person.refresh_from_db()
    assert person.erase_at == FUTURE

    ada.post(ERASE, {"person": [person.pk], "confirmed": "yes"})
    person.refresh_from_db()
    assert person.erase_at is not None
    assert person.erase_at < FUTURE


@pytest.mark.parametrize("there", [DELETE, RESTORE, ERASE])
def test_each_deed_needs_its_own_right(there: str) -> None:
    needed = "erase_person" if there == ERASE else "delete_person"
    others = Permission.objects.exclude(codename=needed).values_list("codename", flat=True)
    [person] = in_the_bin(1)

    assert browser(*others).post(there, {"person": [person.pk]}).status_code == 403


def test_everybody_sees_the_bin_and_only_who_may_sees_buttons() -> None:
    in_the_bin(1)

    assert "Restore" not in browser().get(BIN).content.decode()
    both = browser("delete_person", "erase_person").get(BIN).content.decode()
    assert "Restore" in both
    assert "Erase for good" in both


def test_the_page_of_a_person_leads_there() -> None:
    [person] = make.people(1)

    text = browser("delete_person", "merge_person").get(person.get_absolute_url()).content.decode()

    assert f'action="{DELETE}"' in text
    assert DELETE not in browser().get(person.get_absolute_url()).content.decode()


def test_who_ticks_nobody_is_told() -> None:
    said = browser("delete_person").post(DELETE, follow=True).content.decode()

    assert "Nobody was ticked." in said
