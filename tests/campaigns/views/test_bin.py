"""The page of the recycle bin."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import binning, tree
from campaigns.models import Node, Run, SmsMessage
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views.sent import HTMX

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"campaigns:{name}", args=args)


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def binned(name: str = "Spring", parent: Node | None = None) -> Node:
    node = tree.create_folder(parent=parent, name=name, now=NOON)
    tree.create_folder(parent=node, name="Inner", now=NOON)
    binning.delete(node, by=make.user(), now=NOON)
    return node


def test_it_says_what_where_when_and_by_whom(client: Client) -> None:
    binned(parent=tree.create_program(parent=None, name="Offers", now=NOON))
    Node.objects.exclude(binned_at=None).update(binned_at=NOON.replace(year=2126))

    said = words(client.get(url("bin")))

    assert 'Spring</span> <span class="muted">with 1 thing in it' in said
    assert "<td>Offers</td>" in said
    assert ", ada</td>" in said
    assert "<td>July 1, 2126</td>" in said


def test_an_empty_one_says_so(client: Client) -> None:
    assert "The recycle bin is empty" in words(client.get(url("bin")))


@pytest.mark.parametrize("many", [1, 12])
def test_it_costs_the_same_for_any_number(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    for number in range(many):
        binned(f"Spring {number}")

    with django_assert_num_queries(11):
        client.get(url("bin"))


def test_restoring_opens_what_was_restored(client: Client) -> None:
    spring = binned()

    response = client.post(url("restore-node", spring.pk))

    assert response["Location"] == url("node", spring.pk)
    assert client.post(url("restore-node", spring.pk)).status_code == 404


def test_it_is_said_when_name_and_place_are_gone(client: Client) -> None:
    offers = tree.create_program(parent=None, name="Offers", now=NOON)
    spring = binned(parent=offers)
    binning.delete(offers, by=None, now=NOON)
    tree.create_folder(parent=None, name="Spring", now=NOON)

    response = client.post(url("restore-node", spring.pk))

    (said,) = get_messages(response.wsgi_request)
    assert str(said) == (
        "“Spring (restored)” is restored. Its name was taken meanwhile."
        " What it was in is gone: it is at the top now."
    )


def test_the_dialog_says_where_it_is_used(client: Client) -> None:
    make.ready_campaign()

    response = client.post(url("delete-node", SmsMessage.objects.get().node_id), headers=HTMX)

    assert response.status_code == 422
    assert "Flow of the campaign “Send to Chicago”" in words(response)


def test_what_is_in_it_has_no_page_but_its_results(client: Client) -> None:
    run = make.run(make.ready_campaign())
    Run.objects.update(state="finished")
    binning.delete(run.campaign.node, by=None, now=NOON)

    results = client.get(url("results", run.campaign_id))

    assert "In the recycle bin" in words(results)
    for name in ("flow", "smart-list", "schedule", "run"):
        assert client.get(url(name, run.campaign_id)).status_code == 404


def test_a_static_list_inside_asks_for_its_right(client: Client) -> None:
    spring = tree.create_folder(parent=None, name="Spring", now=NOON)
    tree.create_static_list(parent=spring, name="Newsletter", now=NOON)

    assert client.post(url("delete-node", spring.pk)).status_code == 403
    make.user().user_permissions.add(Permission.objects.get(codename="delete_staticlist"))
    assert client.post(url("delete-node", spring.pk)).status_code == 302


def test_what_is_used_again_says_why_it_stays(client: Client) -> None:
    listed = tree.create_static_list(parent=None, name="Newsletter", now=NOON)
    campaign = make.campaign("Asks", steps=[make.add_to(listed.static_list)])
    for each in (campaign.node, listed.node):
        binning.delete(each, by=None, now=NOON)
    binning.restore(campaign.node)

    html = client.get(reverse("campaigns:bin")).content.decode()

    assert "When nothing uses it any more: something that does came back" in html
