"""A person's page: fields saved one at a time, what they were, and who is somebody's twin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from people import defining, editing, fields, groups, lists
from people.models import Activity, Person, StaticList
from people.person_form import as_typed
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(User.objects.create_user("ada"))
    return client


@pytest.fixture
def ana(db: None) -> Person:
    return make.person(first_name="Ana", city="Boston", mobile="call me")


def text(response: Any) -> str:
    return str(response.content.decode())


def save(browser: Client, person: Person, name: str, typed: str, **how: Any) -> Any:
    return browser.post(f"/database/people/{person.pk}/fields/{name}/", {name: typed}, **how)


def test_a_field_is_saved_by_itself_and_the_history_says_who_did(ada: Client, ana: Person) -> None:
    response = save(ada, ana, "city", " Chicago ", headers=HTMX)

    ana.refresh_from_db()
    assert (ana.city, ana.mobile_typed) == ("Chicago", "call me")
    assert 'value="Chicago"' in text(response)
    assert Activity.objects.get().details == {
        "changes": {"city": ["Boston", "Chicago"]},
        "by": "ada",
    }


def test_saving_what_stands_there_writes_no_history(ada: Client, ana: Person) -> None:
    assert save(ada, ana, "city", "Boston", headers=HTMX).status_code == 200
    assert save(ada, ana, "mobile_typed", "call me", headers=HTMX).status_code == 200

    assert not Activity.objects.exists()


def test_a_number_brings_what_it_stands_for(ada: Client, ana: Person) -> None:
    save(ada, ana, "mobile_typed", "(312) 555-0142")

    ana.refresh_from_db()
    assert (ana.mobile, ana.mobile_region) == ("+13125550142", "US")


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("email", "ana@", "“ana@” is not an e-mail address."),
        ("mobile_typed", "12", "This is not a valid phone number."),
        ("employees", "many", "“many” is not a whole number."),
        ("date_of_birth", "31.31.1999", "is not a date"),
        ("time_zone", "Moon/Base", "Select a valid choice"),
        ("city", "x" * 256, "at most 255 characters"),
        ("city", "a\0b", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_kept_is_refused_at_the_field(
    ada: Client, ana: Person, name: str, typed: str, why: str
) -> None:
    partial, page = save(ada, ana, name, typed, headers=HTMX), save(ada, ana, name, typed)

    assert (partial.status_code, page.status_code) == (422, 422)
    assert why in text(partial)
    assert "Not saved." in text(partial)
    assert f'value="{typed}"' in text(page) or name == "time_zone"
    assert '<h1 id="person-name">Ana</h1>' in text(page)
    assert not Activity.objects.exists()


def test_nobody_is_left_without_anything_to_know_them_by(ada: Client) -> None:
    person = make.person(first_name="Ana")

    response = save(ada, person, "first_name", "", headers=HTMX)

    assert "Give a name, an e-mail address or a phone number." in text(response)


@pytest.mark.parametrize("name", ["deleted_at", "custom", "mobile", "pk", "custom__nothing"])
def test_nothing_but_fields_can_be_saved(ada: Client, ana: Person, name: str) -> None:
    assert save(ada, ana, name, "x").status_code == 404


@pytest.mark.parametrize("kind", ["integer", "boolean", "datetime", "text", "percent"])
def test_a_field_of_ones_own_is_edited_like_any_other(ada: Client, ana: Person, kind: str) -> None:
    own = fields.of_custom(defining.define("Own", kind, by=None, now=NOON))
    typed = {
        "integer": "1,234",
        "boolean": "yes",
        "datetime": "2026-03-31T14:30",
        "text": "two\r\nlines",
        "percent": "12.5 %",
    }[kind]

    assert save(ada, ana, own.name, typed, headers=HTMX).status_code == 200

    ana.refresh_from_db()
    assert own.value(ana) == own.read(typed.replace("\r\n", "\n"))
    page = text(ada.get(ana.get_absolute_url()))
    assert "Fields of your own" in page
    save(ada, ana, own.name, as_typed(own, ana), headers=HTMX)
    assert Activity.objects.count() == 1  # what the page shows is what it was


def test_every_field_has_its_place_on_the_page(ada: Client, ana: Person) -> None:
    defining.define("Shoe Size", "integer", by=None, now=NOON)
    known = fields.everything()

    shown = groups.of(known.values())
    page = text(ada.get(ana.get_absolute_url()))

    assert sorted(name for group in shown for name in group.names) == sorted(known)
    assert [name for name in known if f'name="{name}"' not in page] == [*groups.FLAGS]


def test_the_history_of_a_field_says_who_when_from_and_to(ada: Client, ana: Person) -> None:
    editing.change(ana, {"city": "Chicago", "score": 5}, by="ben", now=NOON)
    editing.change(ana, {"state": "IL"}, by="ben", now=NOON)
    editing.change(ana, {"city": ""}, by="Spring offer", now=NOON)

    dialog = text(ada.get(f"/database/people/{ana.pk}/fields/city/history/", headers=HTMX))

    rows = dialog.split("<tr>")[2:]
    assert ["Spring offer" in rows[0], "Chicago" in rows[0], "ben" in rows[1]] == [True] * 3
    assert (len(rows), "Boston" in rows[1]) == (2, True)
    assert "IL" not in dialog
    assert ada.get(f"/database/people/{ana.pk}/fields/city/history/").status_code == 200
    assert ada.get(f"/database/people/{ana.pk}/fields/nothing/history/").status_code == 404


def test_the_history_of_a_number_is_that_of_what_was_typed(ada: Client, ana: Person) -> None:
    editing.change(ana, editing.number("312-555-0142", region="US"), by="ben", now=NOON)

    dialog = text(ada.get(f"/database/people/{ana.pk}/fields/mobile_typed/history/", headers=HTMX))

    assert "call me" in dialog
    assert "+13125550142" in dialog


def test_memberships_are_ended_where_they_are_shown(ada: Client, ana: Person) -> None:
    offers = make.static_list("Offers", ana)

    assert "Offers" in text(ada.get(f"/database/people/{ana.pk}/memberships/"))
    ada.post(f"/database/people/{ana.pk}/take-off-list/", {"list": offers.pk})

    assert not StaticList.objects.get().members.exists()
    assert Person.objects.present().filter(pk=ana.pk).exists()


# --- A new person ---------------------------------------------------------------------------------

NEW = "/database/people/new/"


def test_a_twin_is_named_first_and_can_be_made_all_the_same(ada: Client) -> None:
    twin = make.person(first_name="Ana", email="ana@example.com", mobile="312-555-0142")
    typed = {"first_name": "Anna", "email": "ANA@example.com"}

    warned = ada.post(NEW, typed)
    seen = warned.context["told"]
    made = ada.post(NEW, typed | {"seen": seen})

    assert warned.status_code == 422
    assert twin.get_absolute_url() in text(warned)
    assert "Add anyway" in text(warned)
    assert (made.status_code, Person.objects.count()) == (302, 2)


def test_a_twin_nobody_was_told_of_is_named_too(ada: Client) -> None:
    first = make.person(email="ana@example.com")
    make.person(email="ana@example.com")

    again = ada.post(NEW, {"email": "ana@example.com", "seen": str(first.pk)})

    assert (again.status_code, Person.objects.count()) == (422, 2)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"email": "ANA@EXAMPLE.COM"}, True),
        ({"mobile_typed": "+1 312 555 0142"}, True),
        ({"email": "ben@example.com", "mobile_typed": "12"}, False),
        ({"email": "a\0"}, False),
        ({}, False),
    ],
)
def test_a_twin_is_named_as_soon_as_the_box_is_left(
    ada: Client, typed: dict[str, str], found: bool
) -> None:
    make.person(email="ana@example.com", mobile="312-555-0142")
    make.person(email="ana@example.com", deleted_at=NOON)

    answer = ada.get("/database/people/twins/", typed, headers=HTMX)

    assert (answer.status_code, "already" in text(answer)) == (200, found)


def test_every_field_can_be_filled_in_at_once(ada: Client) -> None:
    own = fields.of_custom(defining.define("Shoe Size", "integer", by=None, now=NOON))
    typed = {"last_name": "Bell", "annual_revenue": "$1,234.50", "do_not_call": "yes"}

    ada.post(NEW, typed | {own.name: "38", "mobile_typed": "312 555 0142"})

    made = Person.objects.get()
    assert (made.custom, made.do_not_call, str(made.annual_revenue), made.mobile) == (
        *({own.key: 38}, True, "1234.50", "+13125550142"),
    )


def test_the_log_shows_one_kind_alone_and_pages_on_within_it(ada: Client, ana: Person) -> None:
    save(ada, ana, "city", "Chicago")
    lists.add(make.static_list("VIPs"), [ana.pk], by="ada", now=NOON)
    there = f"/database/people/{ana.pk}/log/"

    both = text(ada.get(there))
    one = text(ada.get(there, {"kind": "add_to_list"}))
    none = text(ada.get(there, {"kind": "merge_people"}))

    assert both.count("<time ") == 2
    assert one.count("<time ") == 1
    assert '<option value="add_to_list" selected>' in one
    assert "Nothing of this kind has happened." in none
