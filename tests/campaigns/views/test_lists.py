"""Lists in the tree: smart lists standing alone, static lists, and what is done with their people."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from campaigns import tree
from campaigns.models import NamedList, Node, Run
from campaigns.tree import create_static_list
from people.models import StaticList
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views.sent import HTMX, form, sentences
from tests.people import make as people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.tasks.prepare_run.delay_on_commit", lambda **_: None)


@pytest.fixture
def chicago() -> NamedList:
    return make.named_list("In Chicago", make.in_city())


@pytest.fixture
def acting() -> None:
    """Ada may do single flow actions."""
    make.user().user_permissions.add(Permission.objects.get(codename="act_on_people"))


@pytest.fixture
def deleting() -> None:
    """Ada may delete static lists."""
    make.user().user_permissions.add(Permission.objects.get(codename="delete_staticlist"))


def url(name: str, *args: Any) -> str:
    return reverse(f"campaigns:{name}", args=args)


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def said(response: Any) -> list[str]:
    return [str(each) for each in get_messages(response.wsgi_request)]


# --- A smart list standing alone -----------------------------------------------------------------


def test_it_is_made_from_the_tree_and_opens_on_its_canvas(client: Client) -> None:
    response = client.post(url("new-node", "smart_list"), {"name": "In Chicago"}, follow=True)

    named = NamedList.objects.get()
    assert response.redirect_chain[-1][0] == url("named-list", named.pk)
    assert "The smart list is empty: it finds nobody" in words(response)
    assert named.edited_by == make.user()


def test_its_filters_are_added_set_moved_and_deleted_as_a_campaigns(
    client: Client, chicago: NamedList
) -> None:
    page = client.get(url("named-list", chicago.pk))
    sent = form(page) | {"kind": ["state"], "position": ["0"]}

    added = client.post(url("add-to-named-list", chicago.pk), sent, headers=HTMX)
    assert sentences(added) == ["1. State", "2. City is Chicago"]

    state, city = chicago.smart_list.filters.all()
    filled = form(added) | {f"filter-{state.pk}-value": ["IL"]}
    client.post(url("filter", state.pk), filled, headers=HTMX)
    moved = client.post(
        url("move-filter", state.pk),
        form(client.get(url("named-list", chicago.pk))) | {"to": ["1"]},
        headers=HTMX,
    )
    assert sentences(moved) == ["1. City is Chicago", "2. State is IL"]

    deleted = client.post(url("delete-filter", city.pk), form(moved), headers=HTMX)
    assert sentences(deleted) == ["1. State is IL"]
    chicago.refresh_from_db()
    assert chicago.revision > 1


def test_its_rule_is_joined_in_words(client: Client) -> None:
    named = make.named_list("Three", make.in_city(), make.in_state(), make.in_city("Boston"))
    sent = form(client.get(url("named-list", named.pk)))
    pk = named.smart_list_id
    changed = sent | {f"match-{pk}": ["advanced"], f"logic-{pk}": ["1 and (2 or 3)"]}

    client.post(url("named-list", named.pk), changed, headers=HTMX)

    named.smart_list.refresh_from_db()
    assert (named.smart_list.match, named.smart_list.logic) == ("advanced", "1 and (2 or 3)")


def test_its_people_are_counted_and_listed(client: Client, chicago: NamedList) -> None:
    people.person(first_name="Ana", city="Chicago")
    people.person(first_name="Ben", city="Boston")

    counted = client.get(url("count-named-list", chicago.pk), headers=HTMX)
    listed = client.get(url("named-list-people", chicago.pk))

    assert "1 person" in words(counted)
    assert words(client.get(url("count-list-people", chicago.pk))).strip() == "1"
    assert url("count-list-people", chicago.pk) in words(listed)
    assert "People where City is Chicago." in words(listed)
    assert "Ana" in words(listed)
    assert "Ben" not in words(listed)


def test_its_people_tab_says_what_is_missing(client: Client) -> None:
    named = make.named_list("Half", ("city", {"operator": "is", "value": ""}))

    assert "1. City: Value: Enter a value." in words(
        client.get(url("named-list-people", named.pk))
    ) or "1. City:" in words(client.get(url("named-list-people", named.pk)))


def test_somebody_else_meanwhile_is_said(client: Client, chicago: NamedList) -> None:
    sent = form(client.get(url("named-list", chicago.pk)))
    NamedList.objects.update(revision=99, edited_by=make.user("ben"))

    response = client.post(url("named-list", chicago.pk), sent, headers=HTMX)

    toast = json.loads(response.headers["HX-Trigger"])["toast"]
    assert "ben changed this smart list" in json.dumps(toast)


def test_it_is_not_deleted_while_used_and_the_dialog_says_where(
    client: Client, chicago: NamedList
) -> None:
    make.campaign("Spring", filters=[make.inside(chicago)])
    make.named_list("Another", make.inside(chicago))
    step = make.step(make.campaign("Choosy"), make.change())
    make.choice(step, condition=make.inside(chicago))

    response = client.post(url("delete-node", chicago.node_id), headers=HTMX)

    html = words(response)
    assert response.status_code == 422
    assert "Smart list of the campaign “Spring”" in html
    assert "Smart list “Another”" in html
    assert "Flow of the campaign “Choosy”" in html
    assert Node.objects.filter(pk=chicago.node_id).exists()


def test_it_is_deleted_and_nobody_with_it(client: Client, chicago: NamedList) -> None:
    ana = people.person(city="Chicago")

    asked = client.get(url("delete-node", chicago.node_id), headers=HTMX)
    client.post(url("delete-node", chicago.node_id))

    assert "The people it finds stay." in words(asked)
    assert not NamedList.objects.present().exists()
    ana.refresh_from_db()


@pytest.mark.parametrize(
    "name", ["named-list", "named-list-people", "count-named-list", "count-list-people"]
)
def test_one_that_is_not_there_is_not_found(client: Client, name: str) -> None:
    assert client.get(url(name, 404)).status_code == 404


# --- A static list in the tree ---------------------------------------------------------------------


def test_a_static_list_is_made_in_the_tree_and_in_the_database(client: Client) -> None:
    response = client.post(url("new-node", "static_list"), {"name": "Newsletter"}, follow=True)

    assert "Nobody is on this list" in words(response)
    assert StaticList.objects.get().name == "Newsletter"


def test_its_name_is_its_own_everywhere(client: Client) -> None:
    people.static_list("Newsletter")

    response = client.post(url("new-node", "static_list"), {"name": "Newsletter"}, headers=HTMX)

    assert response.status_code == 422
    assert "There is already a static list called “Newsletter”" in words(response)
    assert not Node.objects.exists()


def test_renamed_here_or_there_it_is_called_the_same(client: Client) -> None:
    placed = create_static_list(parent=None, name="Old", now=NOON)

    client.post(url("rename-node", placed.node_id), {"name": "New"})
    placed.static_list.refresh_from_db()
    assert placed.static_list.name == "New"

    client.post(reverse("people:rename-list", args=[placed.static_list_id]), {"name": "Newer"})
    placed.node.refresh_from_db()
    assert placed.node.name == "Newer"


@pytest.mark.usefixtures("deleting")
@pytest.mark.parametrize("where", ["tree", "database"])
def test_deleted_here_or_there_it_is_gone_and_its_people_stay(client: Client, where: str) -> None:
    ana = people.person()
    placed = create_static_list(parent=None, name="Old", now=NOON)
    placed.static_list.members.add(ana, through_defaults={"added_at": NOON})

    if where == "tree":
        client.post(url("delete-node", placed.node_id))
    else:
        client.post(reverse("people:delete-list", args=[placed.static_list_id]))

    assert not StaticList.objects.exists()
    assert not Node.objects.present().exists()
    ana.refresh_from_db()


@pytest.mark.usefixtures("deleting")
@pytest.mark.parametrize("where", ["tree", "database"])
def test_it_is_not_deleted_while_a_step_or_a_filter_names_it(client: Client, where: str) -> None:
    placed = create_static_list(parent=None, name="Newsletter", now=NOON)
    on_it = ("member_of_list", {"operator": "in", "static_list": str(placed.static_list_id)})
    make.campaign("Spring", filters=[on_it], steps=[make.add_to(placed.static_list)])
    page = url("delete-node", placed.node_id)
    if where == "database":
        page = reverse("people:delete-list", args=[placed.static_list_id])

    response = client.post(page, headers=HTMX)

    assert response.status_code == 422
    assert "Smart list of the campaign “Spring”" in words(response)
    assert "Flow of the campaign “Spring”" in words(response)
    assert StaticList.objects.exists()


def test_a_list_of_the_database_is_put_into_the_tree_once(client: Client) -> None:
    newsletter = people.static_list()

    assert "Put into the tree…" in words(client.get(reverse("people:list", args=[newsletter.pk])))
    for _ in range(2):
        client.post(url("place-list", newsletter.pk), {"parent": ""})

    assert Node.objects.get().name == "Newsletter"
    shown = words(client.get(reverse("people:list", args=[newsletter.pk])))
    assert "Show in Marketing Activities" in shown


def test_people_can_be_dragged_onto_its_line(client: Client) -> None:
    placed = create_static_list(parent=None, name="Newsletter", now=NOON)

    html = words(client.get(url("tree")))

    assert f'data-static-list="{placed.static_list_id}"' in html


# --- Ticked people -------------------------------------------------------------------------------


def test_ticked_people_are_put_on_a_list_and_the_page_comes_back(client: Client) -> None:
    ana, ben = people.person(), people.person()
    newsletter = people.static_list("Newsletter", ana)
    sent = {"person": [ana.pk, ben.pk, "x"], "list": newsletter.pk, "next": "/database/?q=a"}

    response = client.post(reverse("people:add-ticked"), sent)

    assert response["Location"] == "/database/?q=a"
    assert said(response) == ["1 person is now on “Newsletter”."]
    assert set(newsletter.members.all()) == {ana, ben}


def test_people_who_were_dropped_are_put_on_the_list_without_a_new_page(client: Client) -> None:
    ana, newsletter = people.person(), people.static_list()

    response = client.post(
        reverse("people:add-ticked"), {"person": [ana.pk], "list": newsletter.pk}, headers=HTMX
    )

    assert response.status_code == 204
    assert "toast" in response.headers["HX-Trigger"]
    assert newsletter.members.get() == ana


@pytest.mark.parametrize("away", ["https://example.com/", "//example.com/", "javascript:x"])
def test_nobody_is_led_away_from_here(client: Client, away: str) -> None:
    newsletter = people.static_list()

    response = client.post(
        reverse("people:add-ticked"), {"list": newsletter.pk, "next": away, "person": []}
    )

    assert response["Location"] == reverse("people:list", args=[newsletter.pk])


def test_taken_off_a_list_people_stay_and_the_page_says_so(client: Client) -> None:
    ana = people.person()
    newsletter = people.static_list("Newsletter", ana)
    page = client.get(reverse("people:list", args=[newsletter.pk]))

    response = client.post(
        reverse("people:remove-from-list", args=[newsletter.pk]), {"person": [ana.pk]}
    )

    assert "They stay in the database." in words(page)
    assert "Delete person" not in words(page)
    assert said(response) == ["1 person was taken off the list, and stays in the database."]
    ana.refresh_from_db()


# --- Single flow actions ---------------------------------------------------------------------------


def test_nobody_acts_without_the_right(client: Client) -> None:
    ana = people.person()

    assert client.post(url("act"), {"person": [ana.pk]}).status_code == 403
    assert "Single flow action" not in words(client.get(reverse("people:database")))


def test_ticked_people_a_step_and_its_own_form(client: Client, acting: None) -> None:
    ana, newsletter = people.person(), people.static_list()

    first = client.post(url("act"), {"person": [ana.pk], "next": "/database/"})
    asked = client.post(url("act"), {"person": [ana.pk], "kind": "add_to_list"}, headers=HTMX)
    begun = client.post(
        url("act"),
        {
            "person": [ana.pk],
            "kind": "add_to_list",
            "drawn": "add_to_list",
            "step-static_list": newsletter.pk,
            "token": "once",
            "people": 1,
            "go": "1",
        },
    )

    assert "1 person: 1 ticked person." in words(first)
    assert 'name="step-static_list"' in words(asked)
    assert "Choose one." not in words(asked)
    run = Run.objects.get()
    assert run.started_by == make.user()
    assert begun["Location"].endswith(f"/results/?run={run.pk}")
    results = words(client.get(begun["Location"]))
    assert "A single flow action for 1 ticked person." in results
    assert "/schedule/" not in results.split("<main")[1].split("canvas-body")[0]


def test_many_people_have_to_be_typed(
    client: Client, acting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from campaigns import launch

    launch.CONFIRM_ABOVE.set(1)
    people.people(2)
    newsletter = people.static_list()
    sent = {"all": "system_list:all-people", "kind": "add_to_list", "drawn": "add_to_list"}
    sent |= {"step-static_list": str(newsletter.pk), "token": "once", "people": "2", "go": "1"}

    refused = client.post(url("act"), sent)
    changed = client.post(url("act"), sent | {"people": "3", "typed": "3"})
    begun = client.post(url("act"), sent | {"typed": "2"})

    assert "Type the number of people: 2." in words(refused)
    assert "The number of people has changed meanwhile. It is 2 now." in words(changed)
    assert (begun.status_code, Run.objects.count()) == (302, 1)


def test_an_incomplete_step_keeps_what_was_typed(client: Client, acting: None) -> None:
    ana = people.person()
    sent: dict[str, Any] = {"person": [ana.pk], "kind": "change_data_value"}
    sent |= {"drawn": "change_data_value"}
    sent |= {"step-field": "", "step-value": "Boston", "token": "t", "people": "1", "go": "1"}

    response = client.post(url("act"), sent)

    assert response.status_code == 422
    assert 'value="Boston"' in words(response)
    assert not Run.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"person": ["x"]}, {"person": ["999"]}, {"all": "nothing"}])
def test_with_nobody_there_is_nothing_to_do_and_it_says_so(
    client: Client, acting: None, sent: dict[str, Any]
) -> None:
    response = client.post(url("act"), sent)

    assert response["Location"] == reverse("people:database")
    assert said(response)


@pytest.mark.parametrize("name", ["smart-list", "flow", "schedule"])
def test_the_campaign_behind_them_has_no_pages_of_its_own(
    client: Client, acting: None, name: str
) -> None:
    from django.utils import timezone

    from campaigns import acting as deeds

    behind = deeds.home(now=timezone.now())

    assert client.get(url(name, behind.pk)).status_code == 404
    assert client.post(url("rename-node", behind.node_id), {"name": "x"}).status_code == 404


# --- System smart lists --------------------------------------------------------------------------


def test_they_are_listed_with_their_people_and_counts(client: Client) -> None:
    offers = make.vibes_list()
    make.subscriber(offers, first_name="Ana")
    make.subscriber(offers, first_name="Ben", block_listed=True)

    index = words(client.get(url("system-lists")))
    textable = client.get(url("system-list", f"textable-{offers.pk}"))
    reasons = words(client.get(url("reasons", offers.pk), headers=HTMX))

    assert "Marketing Suspended" in index
    assert "Textable on Offers" in index
    assert "Ana" in words(textable)
    assert "Ben" not in words(textable)
    assert '<dt>Block-listed</dt><dd class="text-nowrap">1</dd>' in reasons
    assert words(client.get(url("count-system-list", "block-list"))).strip() == "1"


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("all-people", {"Ana", "Ben", "Eve"}),
        ("unsubscribed", {"Ben"}),
        ("marketing-suspended", set()),
        ("same-number", {"Ana", "Ben"}),
        ("same-address", {"Ben", "Eve"}),
    ],
)
def test_each_finds_whom_its_name_says(word: str, names: set[str]) -> None:
    from campaigns import system_lists

    people.person(first_name="Ana", mobile="(312) 555-0142")
    people.person(first_name="Ben", mobile="312 555 0142", email="b@x.com", unsubscribed=True)
    people.person(first_name="Eve", email="B@X.com")
    people.person(first_name="Gone", email="b@x.com", mobile="312 555 0142", deleted_at=NOON)

    assert {each.first_name for each in system_lists.get(word).people()} == names


def test_one_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get(url("system-list", "nothing")).status_code == 404


def test_the_tree_shows_lists_of_both_kinds(client: Client, chicago: NamedList) -> None:
    create_static_list(parent=None, name="Newsletter", now=NOON)
    tree.create_folder(parent=None, name="Spring", now=NOON)

    html = words(client.get(url("tree")))

    assert url("named-list", chicago.pk) in html
    assert "Newsletter" in html
