"""What is archived: apart in the tree, offered nowhere, and otherwise as before."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import archiving, binning, drafts, outline, tree
from campaigns.models import Node, SmsMessage
from campaigns.options import Options
from campaigns.registry import steps
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import static_list

pytestmark = pytest.mark.django_db


def folder(name: str, parent: Node | None = None) -> Node:
    return tree.create_folder(parent=parent, name=name, now=NOON)


def archived() -> dict[str, str]:
    """What is archived, and with what."""
    found = Node.objects.exclude(archived_with=None).values_list("name", "archived_with__name")
    return dict(found)


def names(response: Any) -> list[str]:
    """The names of the tree's lines."""
    parts = response.content.decode().split('class="tree-name">')[1:]
    return [part.split("<", 1)[0] for part in parts]


@pytest.fixture
def outer() -> Node:
    """One folder in another, and a program in that."""
    outer = folder("Outer")
    tree.create_program(parent=folder("Inner", outer), name="Program", now=NOON)
    return outer


def inner() -> Node:
    return Node.objects.get(name="Inner")


def test_a_folder_is_archived_with_all_that_is_in_it_and_back(outer: Node) -> None:
    archiving.archive(outer)
    assert archived() == {"Outer": "Outer", "Inner": "Outer", "Program": "Outer"}

    archiving.unarchive(outer)
    assert archived() == {}


def test_what_was_archived_by_itself_stays_so(outer: Node) -> None:
    archiving.archive(inner())
    archiving.archive(outer)
    assert archived() == {"Outer": "Outer", "Inner": "Inner", "Program": "Inner"}

    archiving.unarchive(outer)
    assert archived() == {"Inner": "Inner", "Program": "Inner"}


def test_what_is_unarchived_in_an_archived_folder_goes_with_that(outer: Node) -> None:
    archiving.archive(inner())
    archiving.archive(outer)

    archiving.unarchive(inner())

    assert archived() == {"Outer": "Outer", "Inner": "Outer", "Program": "Outer"}
    with pytest.raises(archiving.ArchivedAbove, match="archived with “Outer”"):
        archiving.unarchive(inner())


def test_what_is_moved_is_as_archived_as_its_new_place(outer: Node) -> None:
    archiving.archive(outer)
    tree.move(inner(), parent=None)
    assert archived() == {"Outer": "Outer"}

    tree.move(inner(), parent=outer)
    folder("New", outer)
    assert archived() == dict.fromkeys(["Outer", "Inner", "Program", "New"], "Outer")


def test_what_is_archived_by_itself_stays_so_wherever_it_goes(outer: Node) -> None:
    archiving.archive(inner())

    tree.move(inner(), parent=None)

    assert archived() == {"Inner": "Inner", "Program": "Inner"}


def test_out_of_the_bin_it_is_as_archived_as_its_place(outer: Node) -> None:
    binning.delete(inner(), by=None, now=NOON)
    archiving.archive(outer)

    binning.restore(Node.objects.get(name="Inner"))

    assert archived() == dict.fromkeys(["Outer", "Inner", "Program"], "Outer")


def test_it_is_offered_only_where_it_is_chosen() -> None:
    message = make.approved_message(name="Old")
    archiving.archive(message.node)
    options, send = Options(), steps.get("send_sms")

    empty = options.lend_to(send.form({}))
    chosen = options.lend_to(send.form({"message": str(message.pk)}))

    assert [str(label) for _pk, label in empty.fields["message"].choices] == ["Choose…"]  # type: ignore[attr-defined]
    assert [str(label) for _pk, label in chosen.fields["message"].choices][1:] == ["Old"]  # type: ignore[attr-defined]


def test_an_archived_static_list_is_not_offered_either() -> None:
    listed = tree.create_static_list(parent=folder("Old"), name="Newsletter", now=NOON)
    static_list("In no folder")
    archiving.archive(Node.objects.get(name="Old"))

    fields: Any = Options().lend_to(steps.get("add_to_list").form({})).fields

    offered = [str(each) for each in fields["static_list"].queryset.iterator()]
    assert offered == ["In no folder"]
    assert listed.node.archived_with_id is None  # as it was read before


def test_launching_is_not_barred() -> None:
    campaign = make.ready_campaign()
    for each in (campaign.node, SmsMessage.objects.get().node):
        archiving.archive(each)

    assert drafts.read(campaign).problems == []
    assert make.run(campaign).state == "enrolling"


def test_nothing_new_is_put_into_it(outer: Node) -> None:
    archiving.archive(inner())

    assert outline.containers() == [outer]


def test_the_tree_shows_it_only_where_one_is(client: Client, outer: Node) -> None:
    archiving.archive(inner())
    client.cookies["tree_open"] = str(outer.pk)

    assert names(client.get(reverse("campaigns:tree"))) == ["Outer"]
    inside = client.get(reverse("campaigns:node", args=[inner().pk]))
    assert names(inside) == ["Outer", "Inner", "Program"]
    assert '<span class="visually-hidden">, archived</span>' in inside.content.decode()


def test_a_folders_page_shows_it_apart(client: Client, outer: Node) -> None:
    folder("Current", outer)
    archiving.archive(inner())

    context = client.get(reverse("campaigns:node", args=[outer.pk])).context

    assert [each.node.name for each in context["contents"]] == ["Current"]
    assert [each.node.name for each in context["archived"]] == ["Inner"]


def test_all_of_it_has_a_page(client: Client, outer: Node) -> None:
    assert "Nothing is archived" in client.get(reverse("campaigns:archived")).content.decode()
    archiving.archive(inner())

    page = client.get(reverse("campaigns:archived"))

    assert [(line.node.name, above) for line, above in page.context["lines"]] == [
        ("Inner", "Outer")
    ]


def test_it_is_done_from_the_menu_and_undone(client: Client, outer: Node) -> None:
    url = reverse("campaigns:node", args=[outer.pk])
    assert client.post(reverse("campaigns:archive-node", args=[outer.pk]))["Location"] == url
    assert reverse("campaigns:unarchive-node", args=[outer.pk]) in client.get(url).content.decode()

    client.post(reverse("campaigns:unarchive-node", args=[inner().pk]))
    assert archived() != {}
    client.post(reverse("campaigns:unarchive-node", args=[outer.pk]))
    assert archived() == {}
