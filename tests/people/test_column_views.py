"""Personal views: which columns somebody sees of people, in which order."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from people import defining, fields, grid
from people.models import ColumnView
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NEW = "/database/views/new/"


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(User.objects.create_user("ada"))
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def heads(browser: Client, query: str = "") -> list[str]:
    page = text(browser.get(f"/database/{query}", headers=HTMX))
    found = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", page, re.DOTALL)
    ticks, *columns = [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in found]
    assert ticks == "Choose"
    return columns


def view(name: str, *columns: str, of: str = "ada", **more: Any) -> ColumnView:
    user = User.objects.get_or_create(username=of)[0]
    return ColumnView.objects.create(user=user, name=name, columns=list(columns), **more)


def test_everybody_begins_with_the_usual_columns(ada: Client) -> None:
    make.person(first_name="Ana")

    usual = ["Name", "Email Address", "Mobile Phone Number", "City", "Flags"]
    assert heads(ada) == usual


def test_a_view_shows_its_columns_in_its_order(ada: Client) -> None:
    make.person(first_name="Ana")
    size = fields.of_custom(defining.define("Shoe Size", "integer", by=None, now=NOON))

    made = ada.post(NEW, {"name": "Mine", "column": ["score", size.name, "full_name", "nothing"]})

    mine = ColumnView.objects.get()
    assert made["Location"] == f"/database/?view={mine.pk}"
    assert heads(ada, f"?view={mine.pk}") == ["Score", "Shoe Size", "Name"]
    assert heads(ada)[0] == "Name"


def test_one_view_is_shown_first(ada: Client) -> None:
    make.person(first_name="Ana")
    view("Old", "score", is_default=True)

    ada.post(NEW, {"name": "New", "column": ["city"], "is_default": "on"})

    assert heads(ada) == ["City"]
    assert heads(ada, "?view=usual")[0] == "Name"
    assert ColumnView.objects.filter(is_default=True).count() == 1


def test_nobody_sees_the_views_of_others(ada: Client) -> None:
    make.person(first_name="Ana")
    his = view("Secret plan", "score", of="ben", is_default=True)

    assert "Secret plan" not in text(ada.get("/database/"))
    assert heads(ada, f"?view={his.pk}")[0] == "Name"
    for address in (f"/database/views/{his.pk}/", f"/database/views/{his.pk}/delete/"):
        assert ada.post(address, {"name": "x", "column": ["city"]}).status_code == 404
    ada.post(NEW, {"name": "Secret plan", "column": ["city"]})
    assert ColumnView.objects.count() == 2


def test_a_column_is_moved_and_nothing_is_kept_by_that(ada: Client) -> None:
    mine = view("Mine", "city", "score")
    known = [each for each in grid.columns() if each not in ("city", "score")]
    posted = {"name": "Mine", "column": ["city", "score"], "order": ["city", "score", *known]}

    down = ada.post(f"/database/views/{mine.pk}/", posted | {"down": "city"}, headers=HTMX)
    page = ada.post(f"/database/views/{mine.pk}/", posted | {"up": "city"})

    order = re.findall(r'name="order" value="(\w+)"', text(down))
    assert order == ["score", "city", *known]
    assert "City moved to 2 of" in down["HX-Trigger"]
    assert re.findall(r'name="order" value="(\w+)"', text(page))[:2] == ["city", "score"]
    mine.refresh_from_db()
    assert mine.columns == ["city", "score"]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"name": "Mine"}, "Tick at least one column."),
        ({"name": "Mine", "column": list(fields.STANDARD)}, "Tick at most 30 columns."),
        ({"name": "", "column": ["city"]}, "This field is required."),
        ({"name": "Taken ", "column": ["city"]}, "You have a view of this name."),
    ],
)
def test_what_cannot_be_a_view_is_refused_and_stays_as_it_was_typed(
    ada: Client, typed: dict[str, Any], why: str
) -> None:
    view("Taken", "city")

    response = ada.post(NEW, typed)

    assert (response.status_code, why in text(response)) == (422, True)
    ticked = re.findall(r'name="column" value="(\w+)" checked', text(response))
    assert ticked == list(typed.get("column", []))


def test_a_view_without_a_column_that_still_exists_shows_the_usual_ones(ada: Client) -> None:
    make.person(first_name="Ana")
    mine = view("Mine", "custom__gone")

    assert heads(ada, f"?view={mine.pk}")[0] == "Name"


def test_a_view_can_be_deleted(ada: Client) -> None:
    mine = view("Mine", "city")

    ada.post(f"/database/views/{mine.pk}/delete/")

    assert not ColumnView.objects.exists()


def test_every_value_is_shown_by_its_type(ada: Client) -> None:
    own = {
        kind: fields.of_custom(defining.define(f"Own {kind}", kind, by=None, now=NOON))
        for kind in ("boolean", "percent", "date", "url")
    }
    person = make.person(
        first_name="Ana",
        mobile="(312) 555-0142",
        score=1234,
        annual_revenue=Decimal("1234.5"),
        date_of_birth=date(1999, 12, 31),
        do_not_call=True,
    )
    for kind, value in [("percent", Decimal("12.5")), ("url", "https://example.com/?a=1&b=<b>")]:
        own[kind].put(person, value)
    person.save()
    mine = view("Mine", *fields.STANDARD, *(each.name for each in own.values()), "id")

    page = text(ada.get(f"/database/?view={mine.pk}"))

    for shown in ("1,234</td>", "1,234.50", "Dec. 31, 1999", "yes</td>", "12.50 %", "no</td>"):
        assert shown in page
    assert "+1 312-555-0142" in page
    link = "https://example.com/?a=1&amp;b=&lt;b&gt;"
    assert f'<a href="{link}" rel="noreferrer noopener">{link}</a>' in page


def test_a_click_on_a_head_sorts_and_another_turns_it_round(ada: Client) -> None:
    for city in ("Boston", "", "Austin"):
        make.person(first_name=city or "Nowhere", city=city)
    mine = view("Mine", "full_name", "city")

    def cities(query: str) -> list[str]:
        page = text(ada.get(f"/database/?view={mine.pk}{query}", headers=HTMX))
        return re.findall(r"<td>(\w*)</td>", page)

    assert cities("&sort=city") == ["Austin", "Boston", ""]
    assert cities("&sort=-city") == ["Boston", "Austin", ""]
    page = text(ada.get(f"/database/?view={mine.pk}&sort=city&q=a"))
    assert 'aria-sort="ascending"' in page
    assert f"?q=a&amp;view={mine.pk}&amp;sort=-city" in page


def test_pages_of_a_sorted_search_keep_everything(ada: Client) -> None:
    make.people(60, city="Rome")

    first = text(ada.get("/database/", {"q": "person", "sort": "city", "view": "usual"}))
    older = re.search(r'rel="next" href="([^"]*)"', first)
    assert older
    second = text(ada.get(older.group(1).replace("&amp;", "&"), headers=HTMX))

    assert second.count("<tr data-person") == 10
    assert "q=person&amp;view=usual&amp;sort=city" in second
    assert 'rel="prev"' in second
