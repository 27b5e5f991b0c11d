"""The pages and dialogs of the tree."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import archiving, tree
from campaigns import message as composing
from campaigns.models import Campaign, NamedList, Node, PlacedList, SmsMessage
from campaigns.views import tree as page
from tests.campaigns import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def campaign(offer: Node, now: datetime) -> Campaign:
    return tree.create_campaign(parent=offer, name="Send to Chicago", by=None, now=now)


def names(response: Any) -> list[str]:
    """The names of the tree's lines, from the top down."""
    return [
        line.split("<", 1)[0] for line in response.content.decode().split('class="tree-name">')[1:]
    ]


def test_the_tree_begins_closed(client: Client, offer: Node) -> None:
    response = client.get(reverse("campaigns:tree"))

    assert names(response) == ["Spring"]
    assert 'aria-expanded="false"' in response.content.decode()


def test_open_folders_are_remembered_by_the_browser(
    client: Client, offer: Node, campaign: Campaign
) -> None:
    client.cookies["tree_open"] = f"{offer.parent_id}.{offer.pk}.junk.99999999999999999999"

    response = client.get(reverse("campaigns:tree"))

    assert names(response) == ["Spring", "Spring offer", "Send to Chicago"]


def test_the_way_to_the_current_node_is_open(client: Client, campaign: Campaign) -> None:
    response = client.get(reverse("campaigns:node", args=[campaign.node.parent_id]))

    assert names(response) == ["Spring", "Spring offer", "Send to Chicago"]
    assert response.content.decode().count('aria-current="page"') == 2  # the tree, the top bar


@pytest.mark.parametrize("many", [2, 20])
def test_opening_a_folder_costs_one_query_for_its_lines(
    client: Client,
    offer: Node,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
    many: int,
) -> None:
    for number in range(many):
        tree.create_campaign(parent=offer, name=f"Campaign {number}", by=None, now=now)
        tree.create_message(parent=offer, name=f"Text {number}", now=now)

    # session, person signed in, the folder, its lines; then what makes campaigns invalid: cards of
    # steps, of choices, of smart lists and of conditions, and triggers
    with django_assert_num_queries(9):
        response = client.get(
            reverse("campaigns:tree-below", args=[offer.pk]), {"level": 3}, headers=HTMX
        )

    assert len(names(response)) == 2 * many
    assert response.content.decode().lstrip().startswith(f'<ul role="group" id="below-{offer.pk}"')


@pytest.mark.parametrize("many", [2, 20])
def test_a_page_costs_the_same_for_any_number_of_nodes(
    client: Client,
    offer: Node,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
    many: int,
) -> None:
    for number in range(many):
        tree.create_message(parent=offer, name=f"Text {number}", now=now)

    # session, person, node, contents; then the frame: path, tree, Vibes accounts, what is due and
    # not done, planned runs
    with django_assert_num_queries(12):
        client.get(reverse("campaigns:node", args=[offer.pk]))


def test_the_filter_box_says_where_things_lie(client: Client, campaign: Campaign) -> None:
    response = client.get(reverse("campaigns:tree-find"), {"q": "chicago"}, headers=HTMX)

    assert "Send to <mark>Chicago</mark>" in response.content.decode()
    assert "Spring / Spring offer" in response.content.decode()


def test_an_empty_filter_brings_the_tree_back(client: Client, spring: Node) -> None:
    response = client.get(reverse("campaigns:tree-find"), {"q": " "}, headers=HTMX)

    assert 'role="tree"' in response.content.decode()


def test_a_node_that_is_no_folder_leads_to_its_own_page(client: Client, campaign: Campaign) -> None:
    response = client.get(reverse("campaigns:node", args=[campaign.node_id]))

    assert response["Location"] == campaign.get_absolute_url()


@pytest.mark.parametrize("kind", [each for each in Node.Kind.values if each != "actions"])
def test_everything_can_be_made_where_one_stands(client: Client, offer: Node, kind: str) -> None:
    url = reverse("campaigns:new-node", args=[kind])
    dialog = client.get(url, {"parent": offer.pk}, headers=HTMX)

    made = client.post(url, {"name": "Something new", "parent": offer.pk}, headers=HTMX)

    node = Node.objects.get(name="Something new")
    assert f'<option value="{offer.pk}" selected>' in dialog.content.decode()
    assert (node.kind, node.parent) == (kind, offer)
    made_of: dict[str, Any] = {
        "campaign": Campaign, "message": SmsMessage, "smart_list": NamedList, "static_list": PlacedList
    }  # fmt: skip
    asset = made_of.get(kind)
    where = asset.objects.get().get_absolute_url() if asset else f"/marketing-activities/{node.pk}/"
    assert made["HX-Redirect"] == where


def test_making_works_without_script(client: Client) -> None:
    url = reverse("campaigns:new-node", args=["folder"])

    assert "<html" in client.get(url).content.decode()
    assert client.post(url, {"name": "Spring", "parent": ""}).status_code == 302
    assert Node.objects.get().name == "Spring"


def test_a_refused_name_is_explained_and_kept(client: Client, spring: Node) -> None:
    response = client.post(
        reverse("campaigns:new-node", args=["folder"]), {"name": "SPRING"}, headers=HTMX
    )

    assert response.status_code == 422
    assert "already a folder called" in response.content.decode()
    assert 'value="SPRING"' in response.content.decode()


def test_there_is_no_other_kind(client: Client) -> None:
    assert client.get(reverse("campaigns:new-node", args=["boat"])).status_code == 404


def test_renaming_opens_what_was_renamed(client: Client, spring: Node) -> None:
    url = reverse("campaigns:rename-node", args=[spring.pk])

    response = client.post(url, {"name": "Springtime"}, headers=HTMX)

    spring.refresh_from_db()
    assert (spring.name, response["HX-Redirect"]) == (
        "Springtime",
        f"/marketing-activities/{spring.pk}/",
    )


def test_moving_asks_where(client: Client, spring: Node, offer: Node) -> None:
    url = reverse("campaigns:move-node", args=[offer.pk])

    client.post(url, {"parent": "top"}, headers=HTMX)
    refused = client.post(url, {"parent": offer.pk}, headers=HTMX)

    offer.refresh_from_db()
    assert offer.parent is None
    assert "cannot be moved into itself" in refused.content.decode()


def test_deleting_goes_to_the_folder_around_it(client: Client, spring: Node, offer: Node) -> None:
    asked = client.get(reverse("campaigns:delete-node", args=[spring.pk]), headers=HTMX)
    done = client.post(reverse("campaigns:delete-node", args=[offer.pk]), headers=HTMX)

    assert "With the 1 thing in it, it goes into the recycle bin" in asked.content.decode()
    assert done["HX-Redirect"] == f"/marketing-activities/{spring.pk}/"
    assert list(Node.objects.present()) == [spring]


@pytest.mark.parametrize("name", ["tree", "tree-find"])
def test_reading_never_takes_a_post(client: Client, name: str) -> None:
    assert client.post(reverse(f"campaigns:{name}")).status_code == 405


def test_cloning_asks_for_a_name_and_opens_the_clone(client: Client, offer: Node) -> None:
    url = reverse("campaigns:clone-node", args=[offer.pk])

    asked = client.get(url, headers=HTMX).content.decode()
    refused = client.post(url, {"name": "Spring offer", "parent": offer.parent_id}, headers=HTMX)
    done = client.post(url, {"name": "Summer offer", "parent": ""}, headers=HTMX)

    assert 'value="Spring offer (copy)"' in asked
    assert "static lists are cloned without the people" in " ".join(asked.split())
    assert "already a program called" in refused.content.decode()
    copy = Node.objects.get(name="Summer offer")
    assert (copy.parent, done["HX-Redirect"]) == (None, f"/marketing-activities/{copy.pk}/")


# --- The filter --------------------------------------------------------------------------------------


def found(client: Client, **asked: Any) -> tuple[list[str], list[str]]:
    """The names of what the filter finds, and of what of it is archived."""
    context = client.get(reverse("campaigns:tree-find"), asked, headers=HTMX).context
    return tuple(
        [each.branch.node.name for each in context[name]] for name in ("found", "archived")
    )  # type: ignore[return-value]


def test_the_filter_takes_several_kinds_and_states(
    client: Client, campaign: Campaign, now: datetime
) -> None:
    for name in ("Text", "Other"):
        tree.create_message(parent=campaign.node.parent, name=name, now=now)

    assert found(client, kind=["folder", "program"]) == (["Spring", "Spring offer"], [])
    assert found(client, state=["draft", "never-run"])[0] == ["Other", "Send to Chicago", "Text"]
    assert found(client, q="te", kind="message", state="draft")[0] == ["Text"]
    assert found(client, q="te", kind="nonsense", state="junk")[0] == ["Text"]


def test_what_is_archived_is_found_apart(client: Client, spring: Node, offer: Node) -> None:
    archiving.archive(offer)

    assert found(client, q="spring") == (["Spring"], ["Spring offer"])


@pytest.mark.parametrize(
    ("name", "words", "pieces"),
    [
        ("Send to Chicago", "chi", [("Send to ", False), ("Chi", True), ("cago", False)]),
        (
            "Spring offer",
            "o spring",
            [("Spring", True), (" ", False), ("o", True), ("ffer", False)],
        ),
        ("Aspring", "spring", [("Aspring", False)]),
        ("a<b", "b", [("a<", False), ("b", True)]),
        ("(x", "(", [("(", True), ("x", False)]),
    ],
)
def test_what_was_looked_for_is_marked(
    name: str, words: str, pieces: list[tuple[str, bool]]
) -> None:
    assert page._pieces(name, words) == pieces


def test_the_filter_works_without_script(client: Client, spring: Node) -> None:
    whole = client.get(reverse("campaigns:tree-find"), {"q": "spr", "kind": "folder"})

    assert "<html" in whole.content.decode()
    assert "<mark>Spr</mark>ing" in whole.content.decode()
    assert client.get(reverse("campaigns:tree-find"))["Location"] == reverse("campaigns:tree")


# --- The tree again ----------------------------------------------------------------------------------


def again(client: Client, **asked: Any) -> Any:
    return client.get(reverse("campaigns:tree-again"), asked, headers=HTMX)


def stamp(client: Client) -> str:
    return str(client.get(reverse("campaigns:tree")).context["stamp"])


def test_nothing_is_sent_while_the_tree_is_as_it_was(client: Client, campaign: Campaign) -> None:
    response = again(client, stamp=stamp(client))

    assert (response.status_code, response.content) == (204, b"")


def test_what_others_do_appears(client: Client, spring: Node, now: datetime) -> None:
    before = stamp(client)
    tree.rename(spring, name="Springtime")
    tree.create_folder(parent=None, name="Zoo", now=now)

    response = again(client, stamp=before, node=spring.pk)

    assert names(response) == ["Springtime", "Zoo"]
    assert 'aria-current="page"' in response.content.decode()
    assert again(client, stamp=stamp(client)).status_code == 204


def test_a_state_that_changes_appears(client: Client) -> None:
    message = make.draft_message()
    before = stamp(client)
    composing.approve(message, by=None, now=make.NOON)

    assert ", approved</span>" in again(client, stamp=before).content.decode()


def test_only_what_the_browser_has_open_is_drawn_open(client: Client, campaign: Campaign) -> None:
    assert names(again(client, node=campaign.node_id)) == ["Spring"]
    client.cookies["tree_open"] = str(campaign.node.parent.parent_id)  # type: ignore[union-attr]

    assert names(again(client, node=campaign.node_id)) == ["Spring", "Spring offer"]


def test_everything_is_closed_at_once(client: Client, offer: Node) -> None:
    client.cookies["tree_open"] = str(offer.parent_id)

    response = again(client, collapse=1, node=offer.pk)

    assert names(response) == ["Spring"]
    assert response.cookies["tree_open"]["max-age"] == 0


def test_closing_works_without_script(client: Client, offer: Node) -> None:
    client.cookies["tree_open"] = str(offer.parent_id)

    response = client.get(reverse("campaigns:tree-again"), {"collapse": 1}, follow=True)

    assert names(response) == ["Spring"]


@pytest.mark.parametrize("many", [2, 20])
def test_asking_again_costs_the_same_for_any_number_of_nodes(
    client: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    for number in range(many):
        tree.create_folder(parent=None, name=f"Folder {number}", now=now)

    with django_assert_num_queries(4):  # session, person, the current node, the lines
        again(client, node=0)
