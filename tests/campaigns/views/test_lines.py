"""A line of the tree by itself: its menu, its name in place."""

import re
from datetime import datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from campaigns import tree
from campaigns.models import Node
from tests.campaigns import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def client(ada: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(ada)
    return client


@pytest.fixture
def text(spring: Node, now: datetime) -> Node:
    return tree.create_message(parent=spring, name="Text", now=now).node


def menu(client: Client, node: Node) -> str:
    url = reverse("campaigns:node-menu", args=[node.pk])
    return client.get(url, headers=HTMX).content.decode()


def rename(client: Client, of: Node, name: str, **page: object) -> tuple[int, str, str]:
    url = reverse("campaigns:rename-line", args=[of.pk]) + "?level=2"
    done = client.post(url, {"name": name, "node": "", **page}, headers=HTMX)
    return done.status_code, done.content.decode(), done.get("HX-Trigger", "")


def renamed_at(client: Client, of: Node, page: str) -> str:
    """The answer to a page that is about what is renamed."""
    url = reverse("campaigns:rename-line", args=[of.pk])
    headers = {**HTMX, "HX-Current-URL": f"http://localhost{page}"}
    return client.post(url, {"name": "After", "node": of.pk}, headers=headers).text


def title(html: str) -> str:
    [found] = re.findall("<title>(.*)</title>", html)
    return str(found)


def test_the_menu_holds_what_can_be_done(client: Client, text: Node) -> None:
    words = menu(client, text)

    for each in ("New here…", "Rename", "Clone…", "Move…", "Archive", "Delete…"):
        assert each in words
    assert f"?parent={text.parent_id}" in words  # new things come beside it


def test_new_things_go_into_a_folder(client: Client, spring: Node) -> None:
    assert f"?parent={spring.pk}" in menu(client, spring)


def test_a_static_list_is_deleted_by_whoever_may(client: Client, ada: User, now: datetime) -> None:
    node = tree.create_static_list(parent=None, name="Guests", now=now).node
    assert "Delete…" not in menu(client, node)

    ada.user_permissions.add(Permission.objects.get(codename="delete_staticlist"))

    assert "Delete…" in menu(client, node)


PAGES = ["flow", "smart-list", "schedule", "results", "members", "history", "test-for"]


@pytest.mark.parametrize("page", PAGES)
def test_the_title_of_a_campaigns_page_follows_its_name(client: Client, page: str) -> None:
    campaign = make.campaign("Before")
    address = reverse(f"campaigns:{page}", args=[campaign.pk])

    answer = renamed_at(client, campaign.node, address)

    assert title(answer) == title(client.get(address).text)
    assert "After" in title(answer)


def test_the_title_of_a_page_without_tabs_is_the_name(client: Client, text: Node) -> None:
    address = reverse("campaigns:message", args=[text.message.pk])

    answer = renamed_at(client, text, address)

    assert title(answer) == title(client.get(address).text) == "After · Ringdove"


@pytest.mark.parametrize("address", ["/", "/nowhere/", "/database/smart-lists/"])
def test_another_pages_title_stays(client: Client, text: Node, address: str) -> None:
    assert "<title>" not in renamed_at(client, text, address)


def test_a_name_is_changed_in_place_and_read_out(client: Client, text: Node) -> None:
    status, page, said = rename(client, text, "  Words ", node=text.pk)

    text.refresh_from_db()
    assert (status, text.name) == (200, "Words")
    assert f'id="node-{text.pk}"' in page
    assert "<h1>Words</h1>" in page  # above the canvas
    assert "announce" in said


def test_a_refused_name_stays_in_the_field_beside_what_is_wrong(
    client: Client, text: Node, now: datetime
) -> None:
    tree.create_message(parent=text.parent, name="Taken", now=now)

    status, page, _said = rename(client, text, "taken")

    text.refresh_from_db()
    assert (status, text.name) == (422, "Text")
    assert 'value="taken"' in page
    assert "already a sms message called" in page.lower()
    assert 'aria-invalid="true"' in page


def test_deleting_beside_another_page_leaves_that_page(
    client: Client, spring: Node, text: Node
) -> None:
    url = reverse("campaigns:delete-node", args=[text.pk])

    done = client.post(url, {"node": spring.pk}, headers=HTMX)

    assert done["HX-Retarget"] == "#tree-body"
    assert f'id="node-{text.pk}"' not in done.content.decode()


def test_deleting_what_the_page_is_about_leaves_it(
    client: Client, spring: Node, text: Node
) -> None:
    url = reverse("campaigns:delete-node", args=[spring.pk])

    done = client.post(url, {"node": text.pk}, headers=HTMX)

    assert done["HX-Redirect"] == reverse("campaigns:tree")


def test_archiving_beside_another_page_leaves_that_page(client: Client, text: Node) -> None:
    url = reverse("campaigns:archive-node", args=[text.pk])

    done = client.post(url, {"node": ""}, headers=HTMX)

    assert done["HX-Retarget"] == "#tree-body"
    assert "tree-changed" in done["HX-Trigger"]
