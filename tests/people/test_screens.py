"""The people pages as a browser shows them: nothing axe complains of, nothing wider than a phone."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from people import defining, exporting, fields
from people.models import Activity, ColumnView, ImportJob, Person
from tests.axe import faults
from tests.people import files, make
from tests.people.make import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[[str], Page]


@pytest.fixture
def show(page: Page, live_server: LiveServer, client: Client) -> Open:
    """Opens an address in a browser in which Ada is signed in."""
    client.force_login(User.objects.create_superuser("ada"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]

    def show(address: str) -> Page:
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        return page

    return show


def some_of_everything() -> tuple[Person, ImportJob, ImportJob]:
    ana = make.person(first_name="Ana", mobile="312-555-0142", block_listed=True)
    make.person(email="ben@example.com", mobile="call me")
    make.static_list("Newsletter", ana)
    content = b"Email,Phone\nana@example.com,(312) 555-0142\nben@,1\ncleo@example.com,1\n"
    done = files.finish(files.begin(content))
    mapping = files.upload(content)
    return ana, mapping, done


def test_no_page_shuts_anybody_out_or_is_wider_than_a_phone(show: Open) -> None:
    ana, mapping, done = some_of_everything()
    pages = ["/database/", "/database/?q=nobody", "/database/people/new/", "/database/lists/"]
    pages += ["/database/imports/", f"/database/people/{ana.pk}/"]
    pages += [f"/database/people/{ana.pk}/{tab}/" for tab in ("memberships", "log", "may-we-text")]
    pages += [f"/database/people/{ana.pk}/fields/city/history/", "/database/views/new/"]
    pages += ["/database/fields/", "/database/?sort=-city", *_of_fields()]
    pages += [f"/database/imports/{job.pk}/" for job in (mapping, done)]
    pages += [f"/database/lists/{ana.static_lists.get().pk}/"]

    checked = files.check("Email,City\na@example.com,x\nben@,x\n")
    undone = files.undo(files.finish(files.begin("Email,City\nz@example.com,x\n")))
    pages += [f"/database/imports/{job.pk}/" for job in (checked, undone)]
    user = User.objects.get()
    people = exporting.sources.get("people")
    export = exporting.begin(people, {}, columns=["email"], user=user, now=make.NOON)
    pages += ["/database/exports/", f"/database/exports/{export.pk}/"]
    pages += ["/database/exports/new/?source=people"]

    found = {address: _complaints(show(address)) for address in pages}

    assert found == {address: [] for address in pages}


def _of_fields() -> list[str]:
    """The pages of a field that somebody uses, and the table with all there is in it."""
    ada = User.objects.get()
    ada.user_permissions.add(Permission.objects.get(codename="manage_fields"))
    row = defining.define("Shoe Size", "integer", by=ada, now=NOON)
    shown = [*fields.STANDARD, f"custom__{row.key}", "created_at", "id"][-20:]
    view = ColumnView.objects.create(user=ada, name="Much", columns=shown)
    return [
        *(f"/database/fields/{row.pk}/{rest}" for rest in ("", "delete/")),
        *(f"/database/views/{view.pk}/", f"/database/?view={view.pk}"),
    ]


def _complaints(page: Page) -> list[str]:
    found = faults(page)
    page.set_viewport_size({"width": 360, "height": 800})
    narrow = faults(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    return found + narrow


def test_a_switch_turns_without_leaving_the_page_and_keeps_the_focus(show: Open) -> None:
    ana, _mapping, _done = some_of_everything()
    page = show(f"/database/people/{ana.pk}/")
    switch = page.get_by_role("switch", name="Block Listed")

    switch.press("Space")

    expect(switch).to_have_attribute("aria-checked", "false")
    expect(switch).to_be_focused()
    expect(page.locator("#person-facts")).not_to_contain_text("Block listed")
    page.get_by_role("link", name="Activity log").click()
    expect(page.locator("#timeline")).to_contain_text("Block Listed from yes to no, by ada")


def test_the_preview_follows_the_dropdowns_as_they_change(show: Open) -> None:
    _ana, mapping, _done = some_of_everything()
    page = show(f"/database/imports/{mapping.pk}/")
    expect(page.locator("#preview")).to_contain_text("+13125550142")

    page.get_by_label("Phone").select_option("Ignore")

    expect(page.locator("#preview")).not_to_contain_text("+13125550142")
    expect(page.locator("#preview")).to_contain_text("cleo@example.com")


def test_search_finds_while_typing(show: Open) -> None:
    some_of_everything()
    page = show("/database/")

    page.get_by_label("Search people").fill("312 555 0142")

    expect(page.locator("#people")).to_contain_text("2 found")
    expect(page).to_have_url(re.compile("q=312"))


def test_a_field_is_saved_when_its_box_is_left(show: Open) -> None:
    ana, _mapping, _done = some_of_everything()
    page = show(f"/database/people/{ana.pk}/")

    page.get_by_label("First Name").fill(" Anna ")
    page.keyboard.press("Tab")

    expect(page.locator("#state-first_name")).to_have_text("Saved")
    expect(page.get_by_label("First Name")).to_have_value("Anna")
    expect(page.locator("#person-name")).to_have_text("Anna")
    page.get_by_role("link", name="History of First Name").click()
    expect(page.get_by_role("dialog")).to_contain_text("ada")


def test_what_is_refused_stays_typed_and_says_why(show: Open) -> None:
    ana, _mapping, _done = some_of_everything()
    page = show(f"/database/people/{ana.pk}/")
    box = page.get_by_label("Email Address")

    box.fill("ana@")
    page.get_by_label("Last Name").focus()

    expect(page.locator("#state-email")).to_contain_text("Not saved. “ana@” is not an e-mail")
    expect(box).to_have_value("ana@")
    expect(box).to_have_attribute("aria-invalid", "true")
    box.fill("Ana@EXAMPLE.com")
    page.keyboard.press("Tab")
    expect(page.locator("#state-email")).to_have_text("Saved")
    expect(box).to_have_value("Ana@example.com")
    expect(box).not_to_have_attribute("aria-invalid", "true")


def test_what_could_not_be_sent_is_kept_and_sent_again(show: Open) -> None:
    ana, _mapping, _done = some_of_everything()
    page = show(f"/database/people/{ana.pk}/")
    page.route("**/fields/city/", lambda route: route.abort())

    page.get_by_label("City").fill("Chicago")
    page.keyboard.press("Tab")

    expect(page.locator("#state-city")).to_contain_text("The server cannot be reached.")
    expect(page.get_by_label("City")).to_have_value("Chicago")
    page.unroute("**/fields/city/")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#state-city")).to_have_text("Saved")


def test_what_was_typed_last_is_not_lost_when_the_page_is_left(show: Open) -> None:
    ana, _mapping, _done = some_of_everything()
    page = show(f"/database/people/{ana.pk}/")

    page.get_by_label("City").fill("Chicago")
    page.get_by_role("link", name="Memberships").click()
    page.wait_for_url("**/memberships/")
    page.go_back()

    expect(page.get_by_label("City")).to_have_value("Chicago")
    assert Activity.objects.filter(kind="change_data_value").count() == 1


def test_escape_brings_back_what_was_saved(show: Open) -> None:
    ana, _mapping, _done = some_of_everything()
    page = show(f"/database/people/{ana.pk}/")

    page.get_by_label("First Name").fill("Bob")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")

    expect(page.get_by_label("First Name")).to_have_value("Ana")
    assert not Activity.objects.filter(kind="change_data_value").exists()


def test_a_click_on_a_head_sorts_and_keeps_the_keyboard_there(show: Open) -> None:
    some_of_everything()
    page = show("/database/")

    page.locator("#sort-full_name").press("Enter")

    expect(page).to_have_url(re.compile(r"sort=full_name"))
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Name")
    expect(page.locator("#sort-full_name")).to_be_focused()
    page.get_by_label("Search people").fill("ana")
    expect(page).to_have_url(re.compile(r"q=ana&sort=full_name|sort=full_name&q=ana"))
    page.go_back()
    expect(page.locator("th[aria-sort]")).to_have_count(0)


def test_a_view_is_made_with_the_keyboard_alone(show: Open) -> None:
    some_of_everything()
    page = show("/database/views/new/")

    page.get_by_label("Name", exact=True).first.fill("By score")
    page.get_by_label("Score", exact=True).press("Space")
    up = page.get_by_role("button", name="Move City up")
    up.press("Enter")
    expect(page.locator("#columns > li").nth(2)).to_contain_text("City")
    expect(up).to_be_focused()
    page.get_by_role("button", name="Save view").press("Enter")

    expect(page.locator("#view-menu > button")).to_contain_text("By score")
    heads = page.locator("thead th").all_inner_texts()
    wanted = ["Choose", "Name", "Email Address", "City", "Mobile Phone Number", "Flags", "Score"]
    assert [each.strip() for each in heads] == wanted


def test_twins_are_named_while_somebody_types(show: Open) -> None:
    ana, _mapping, _done = some_of_everything()
    page = show("/database/people/new/")

    page.get_by_label("Mobile Phone Number").fill("312 555 0142")
    page.keyboard.press("Tab")

    expect(page.locator("#twins")).to_contain_text("this e-mail address or number already")
    page.get_by_role("button", name="Add person").click()
    expect(page.locator("#person-facts")).to_contain_text("+1 312-555-0142")
    assert Person.objects.filter(mobile=ana.mobile).count() == 3
