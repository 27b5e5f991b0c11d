"""Moving in the tree: the dialog that looks for a place, and what is dragged."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import archiving, tree
from campaigns.models import Node

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def text(offer: Node, now: datetime) -> Node:
    return tree.create_message(parent=offer, name="Text", now=now).node


def places(client: Client, node: Node, **asked: str) -> list[str]:
    url = reverse("campaigns:move-node", args=[node.pk])
    return [each.name for each in client.get(url, asked, headers=HTMX).context["places"]]


def drop(client: Client, node: Node, on: Node | str, **page: Any) -> Any:
    parent = on if isinstance(on, str) else on.pk
    url = reverse("campaigns:drop-node", args=[node.pk])
    return client.post(url, {"parent": parent, "node": "", **page}, headers=HTMX)


def test_places_begin_with_the_top_and_where_it_is(
    client: Client, spring: Node, offer: Node, text: Node, now: datetime
) -> None:
    tree.create_folder(parent=None, name="Autumn", now=now)

    assert places(client, text) == ["At the top", "Spring offer", "Autumn", "Spring"]


def test_places_are_found_by_the_beginnings_of_words(
    client: Client, offer: Node, text: Node
) -> None:
    assert places(client, text, find="off") == ["Spring offer"]
    assert places(client, text, find="pring") == []


def test_nothing_is_offered_inside_of_what_moves_nor_what_is_archived(
    client: Client, spring: Node, offer: Node, now: datetime
) -> None:
    archiving.archive(tree.create_folder(parent=None, name="Old", now=now))

    assert places(client, spring) == ["At the top"]


@pytest.mark.parametrize("many", [2, 40])
def test_looking_for_a_place_costs_the_same_for_any_number(
    client: Client,
    text: Node,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
    many: int,
) -> None:
    for number in range(many):
        tree.create_folder(parent=None, name=f"Folder {number}", now=now)

    with django_assert_num_queries(5):  # session, person, the node, places, what they lie in
        places(client, text)


def test_moving_from_the_dialog_closes_it_and_shows_the_tree(
    client: Client, offer: Node, text: Node, spring: Node
) -> None:
    url = reverse("campaigns:move-node", args=[text.pk])

    done = client.post(url, {"parent": spring.pk, "node": text.pk}, headers=HTMX)

    text.refresh_from_db()
    assert text.parent == spring
    assert (done["HX-Retarget"], "close-dialog" in done["HX-Trigger"]) == ("#tree-body", True)
    assert 'id="crumbs"' in done.content.decode()


def test_moving_works_without_script(client: Client, text: Node, spring: Node) -> None:
    url = reverse("campaigns:move-node", args=[text.pk])

    looked = client.post(url, {"find": "spr", "look": "1", "parent": text.parent_id})
    moved = client.post(url, {"find": "spr", "parent": spring.pk})

    assert "<html" in looked.content.decode()
    assert [each.name for each in looked.context["places"]] == ["Spring", "Spring offer"]
    assert moved.status_code == 302
    assert Node.objects.get(pk=text.pk).parent == spring


def test_a_refusal_keeps_what_was_looked_for_and_chosen(
    client: Client, spring: Node, offer: Node, now: datetime
) -> None:
    twin = tree.create_program(parent=None, name="Spring offer", now=now)
    url = reverse("campaigns:move-node", args=[twin.pk])

    refused = client.post(url, {"parent": spring.pk, "find": "spr"}, headers=HTMX)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "already a program called" in page
    assert 'name="find" value="spr"' in page
    assert f'value="{spring.pk}" checked' in page


def test_what_is_dropped_moves_and_is_in_sight(
    client: Client, spring: Node, text: Node, now: datetime
) -> None:
    autumn = tree.create_folder(parent=None, name="Autumn", now=now)

    done = drop(client, text, autumn)

    assert Node.objects.get(pk=text.pk).parent == autumn
    assert f'id="node-{text.pk}"' in done.content.decode()
    assert "“Text” is in “Autumn” now." in done["HX-Trigger"].encode().decode("unicode_escape")


def test_what_is_dropped_beside_the_lines_goes_to_the_top(client: Client, text: Node) -> None:
    drop(client, text, "top")

    assert Node.objects.get(pk=text.pk).parent is None


@pytest.mark.parametrize(
    ("what", "on", "why"),
    [
        ("Spring", "Spring offer", "cannot be moved into itself"),
        ("Spring", "Text", "cannot be moved into itself"),
        ("Spring offer", "Text", "cannot be moved into itself"),
        ("Autumn", "Text", "Only folders and programs can hold something"),
        ("Text", "nonsense", "Choose a place"),
        ("Text", "99999", "deleted meanwhile"),
    ],
)
def test_a_drop_that_cannot_be_says_why_and_changes_nothing(
    client: Client, text: Node, now: datetime, what: str, on: str, why: str
) -> None:
    tree.create_folder(parent=None, name="Autumn", now=now)
    before = dict(Node.objects.values_list("pk", "parent"))

    refused = drop(client, Node.objects.get(name=what), Node.objects.filter(name=on).first() or on)

    assert refused.status_code == 204
    assert "stays where it is" in refused["HX-Trigger"]
    assert why in refused["HX-Trigger"]
    assert dict(Node.objects.values_list("pk", "parent")) == before


def test_a_drop_onto_where_it_is_says_nothing(client: Client, text: Node, offer: Node) -> None:
    assert "toast" not in drop(client, text, offer)["HX-Trigger"]


def test_the_filter_stays_while_something_moves(client: Client, text: Node) -> None:
    done = drop(client, text, "top", q="Text")

    assert "<mark>Text</mark>" in done.content.decode()


def test_where_nothing_is_chosen_nothing_moves(client: Client, text: Node) -> None:
    before = text.parent_id

    refused = client.post(reverse("campaigns:move-node", args=[text.pk]), {"find": "spr"})

    text.refresh_from_db()
    assert (refused.status_code, text.parent_id) == (422, before)
    assert "Choose a place." in refused.content.decode()
