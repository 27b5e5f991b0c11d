"""Who may import, lift a restriction and delete a list; and what is shown to those who may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from people import rights
from people.models import ImportJob, Person, StaticList
from tests.people import make
from tests.people.files import begin, finish, upload

pytestmark = pytest.mark.django_db


def browser(name: str, *held: str) -> Client:
    client = Client()
    client.force_login(make.user(name, *held))
    return client


def text(response: Any) -> str:
    return " ".join(response.text.split())


def turn(client: Client, person: Person, value: str, **how: Any) -> Any:
    there = f"/database/people/{person.pk}/flag/"
    return client.post(there, {"flag": "block_listed", "value": value}, **how)


def test_anybody_may_restrict_somebody_and_only_who_may_lifts_it() -> None:
    ana, ben = make.person(), browser("ben")

    assert turn(ben, ana, "yes").status_code == 302
    refused = turn(ben, ana, "no")
    ana.refresh_from_db()
    assert (refused.status_code, ana.block_listed) == (403, True)
    assert "“Can lift Block Listed, Unsubscribed and other restrictions”" in text(refused)

    turn(browser("ada", "lift_flags"), ana, "no")
    ana.refresh_from_db()
    assert not ana.block_listed


def test_a_switch_that_may_not_be_turned_back_is_disabled_and_says_why() -> None:
    ana, page = make.person(block_listed=True), "/database/people/{}/"
    here = page.format(ana.pk)

    ben, ada = text(browser("ben").get(here)), text(browser("ada", "lift_flags").get(here))
    assert (ben.count(' flags-lacks" disabled'), ada.count("disabled>")) == (1, 0)
    assert ("You may restrict, not lift" in ben, "You may restrict, not lift" in ada) == (
        True,
        False,
    )


def test_a_file_does_not_lift_either() -> None:
    job = upload("Email,Blocked\nana@example.com,no\n")
    ImportJob.objects.update(created_by=(ben := make.user("ben", "import_people")))
    chosen = {"column-0": "email", "column-1": "block_listed", "region": "US", "key": "email"}
    client = Client()
    client.force_login(ben)

    refused = client.post(f"/database/imports/{job.pk}/", chosen)
    job.refresh_from_db()
    assert (refused.status_code, job.state) == (422, "mapping")
    assert "Can lift Block Listed" in text(refused)


@pytest.mark.parametrize("what", ["", "rejects.csv", "progress/"])
def test_an_import_is_opened_by_who_began_it_and_by_who_may_open_all(what: str) -> None:
    job = finish(begin("Email\nx@\n"))
    ben = make.user("ben", "import_people")
    ImportJob.objects.update(created_by=ben)
    mine = Client()
    mine.force_login(ben)
    there = f"/database/imports/{job.pk}/{what}"

    others = browser("cleo", "import_people")
    assert mine.get(there).status_code == 200
    assert browser("ada", "import_people", "see_all_jobs").get(there).status_code == 200
    assert rights.lacks(rights.SEE_ALL) in text(refused := others.get(there))
    assert refused.status_code == 403
    names = [text(each.get("/database/imports/")) for each in (mine, others)]
    assert [f'href="/database/imports/{job.pk}/"' in each for each in names] == [True, False]


@pytest.mark.parametrize("deed", ["undo", "cancel", "retry", "start", "back"])
def test_nobody_takes_the_import_of_somebody_else_in_hand(deed: str) -> None:
    job = finish(begin("Email\nana@example.com\n"))

    refused = browser("ben", "import_people").post(f"/database/imports/{job.pk}/{deed}/")

    job.refresh_from_db()
    assert (refused.status_code, job.state) == (403, "done")


def test_who_may_not_is_not_shown_what_it_is_for() -> None:
    list_ = make.static_list()
    ben, ada = browser("ben"), browser("ada", "import_people", "delete_staticlist")

    shown = [text(each.get("/database/")) + text(each.get(list_page(list_))) for each in (ben, ada)]

    assert [("/database/imports/" in each, "Delete the list" in each) for each in shown] == [
        (False, False),
        (True, True),
    ]


def list_page(one: StaticList) -> str:
    return f"/database/lists/{one.pk}/"
