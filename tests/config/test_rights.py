"""Every address that takes a POST says who may: a new one that says nothing turns this red."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from people import rights

pytestmark = pytest.mark.django_db
OURS = ("campaigns", "people", "vibes")

# Of these the right is asked before anything is looked up.
GUARDED = {
    "campaigns:act": "campaigns.act_on_people",
    "campaigns:pause-everything": "campaigns.control_any_run",
    "campaigns:resume-everything": "campaigns.control_any_run",
    "people:delete-field": "people.manage_fields",
    "people:delete-list": "people.delete_staticlist",
    "people:delete-people": "people.delete_person",
    "people:erase-people": "people.erase_person",
    "people:export": "people.export_people",
    "people:export-cancel": "people.export_people",
    "people:export-download": "people.export_people",
    "people:export-retry": "people.export_people",
    "people:export-progress": "people.export_people",
    "people:field-settings": "people.manage_fields",
    "people:fields": "people.manage_fields",
    "people:import": "people.import_people",
    "people:import-back": "people.import_people",
    "people:import-cancel": "people.import_people",
    "people:import-field": "people.import_people",
    "people:import-preview": "people.import_people",
    "people:import-progress": "people.import_people",
    "people:import-reading": "people.import_people",
    "people:import-rejects": "people.import_people",
    "people:import-retry": "people.import_people",
    "people:import-start": "people.import_people",
    "people:import-undo": "people.import_people",
    "people:imports": "people.import_people",
    "people:merge": "people.merge_person",
    "people:new-export": "people.export_people",
    "people:restore-people": "people.delete_person",
    "vibes:account": "vibes.change_account",
    "vibes:account-new": "vibes.add_account",
    "vibes:delete": "vibes.delete_account",
    "vibes:drift-start": "vibes.change_account",
    "vibes:drift-stop": "vibes.change_account",
    "vibes:rotate": "vibes.change_account",
    "vibes:sender": "vibes.change_account",
    "vibes:source-codes": "vibes.change_account",
    "vibes:sync": "vibes.change_account",
    "vibes:test": "vibes.change_account",
    "vibes:test-callbacks": "vibes.change_account",
    "vibes:wording": "vibes.change_account",
    "unlock": "vibes.change_instance",
}
# These look first what it is about; who may is tested where they are.
ASK_LATER = {
    *("campaigns:delete-node", "campaigns:publish", "campaigns:run", "campaigns:retry-run"),
    "campaigns:move-waiting",
    *("campaigns:pause-run", "campaigns:resume-run", "campaigns:stop-run", "people:flag"),
    *("campaigns:activate", "campaigns:deactivate-run"),
}
# The daily work of whoever is signed in.
ANYBODY = {
    *("campaigns:add-choice", "campaigns:add-filter", "campaigns:add-step", "campaigns:filter"),
    *("campaigns:add-to-named-list", "campaigns:cancel-slot", "campaigns:confirm-slot"),
    *("campaigns:archive-node", "campaigns:clone-node", "campaigns:unarchive-node"),
    *("campaigns:delete-choice", "campaigns:delete-condition", "campaigns:delete-filter"),
    *("campaigns:delete-trigger", "campaigns:enters"),
    *("campaigns:delete-step", "campaigns:duplicate-filter", "campaigns:duplicate-step"),
    *("campaigns:flow", "campaigns:message-approve", "campaigns:message-plain"),
    *("campaigns:message-preview", "campaigns:message-restore", "campaigns:message-write"),
    *("campaigns:move-choice", "campaigns:move-filter", "campaigns:move-node"),
    *("campaigns:move-step", "campaigns:named-list", "campaigns:new-node"),
    *("campaigns:person-limit", "campaigns:place-list", "campaigns:rename-node"),
    *("campaigns:drop-node", "campaigns:rename-line"),
    *("campaigns:redo-flow", "campaigns:redo-named-list", "campaigns:redo-smart-list"),
    *("campaigns:undo-flow", "campaigns:undo-named-list", "campaigns:undo-smart-list"),
    *("campaigns:restore-version", "campaigns:restore-node"),
    *("campaigns:reorder-filters", "campaigns:reorder-named-list", "campaigns:reorder-steps"),
    *("campaigns:run-later", "campaigns:skip-slot", "campaigns:smart-list", "campaigns:step"),
    *("people:add-ticked", "people:add-to-list", "people:delete-view", "people:field"),
    *("people:lists", "people:new-person", "people:new-view", "people:remove-from-list"),
    *("people:rename-list", "people:take-off-list", "people:view", "theme"),
}
NEEDS_NO_LOGIN = {"vibes:callback"}  # Vibes itself calls it; the address is the secret


def names() -> Iterator[str]:
    """The names of all addresses of our own."""
    for each in get_resolver().url_patterns:
        if isinstance(each, URLPattern):
            yield str(each.name)
        elif each.app_name in OURS:
            yield from (f"{each.app_name}:{one.name}" for one in each.url_patterns)  # type: ignore[union-attr]


def address(name: str) -> str:
    """One of which nothing exists."""
    for args in ([], [0], ["x"], [0, "x"]):
        with suppress(NoReverseMatch):
            return reverse(name, args=args)
    raise AssertionError(name)


def test_every_address_that_takes_a_post_says_who_may(client: Client) -> None:
    client.force_login(User.objects.create_user("ben"))
    takes = {name for name in names() if client.post(address(name)).status_code != 405}

    assert takes == {*GUARDED, *ASK_LATER, *ANYBODY, *NEEDS_NO_LOGIN}


@pytest.mark.parametrize("name", GUARDED)
def test_whoever_lacks_the_right_is_told_which(client: Client, name: str) -> None:
    client.force_login(User.objects.create_user("ben"))

    response = client.post(address(name))

    assert response.status_code == 403
    assert rights.lacks(GUARDED[name]) in response.text


def test_htmx_which_shows_no_such_page_gets_a_toast(client: Client) -> None:
    client.force_login(User.objects.create_user("ben"))

    response = client.post(address("campaigns:act"), headers={"HX-Request": "true"})

    assert response.status_code == 403
    assert "Can do single flow actions" in response["HX-Trigger"]


def test_the_rights_themselves_are_there() -> None:
    assert [each for each in {*GUARDED.values()} if rights.name(each) == each] == []


def test_whoever_was_here_before_keeps_what_everybody_could_do() -> None:
    ada = User.objects.create_user("ada")
    User.objects.create_superuser("root")

    import_module("people.migrations.0008_rights").keep(apps, None)

    group = Group.objects.get(name="Marketer")
    assert list(group.user_set.all()) == [ada]
    assert ada.get_all_permissions() == {rights.IMPORT, rights.LIFT, rights.DELETE_LIST}
