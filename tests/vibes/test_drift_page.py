from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from people import spreadsheet
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from vibes import drifts, sweeps, tasks
from vibes.models import Drift, Sweep, VibesList

HTMX = {"HX-Request": "true"}


@pytest.fixture
def offers(db: None) -> VibesList:
    return make.vibes_list(make.account())


@pytest.fixture
def sweep(offers: VibesList) -> Sweep:
    return sweeps.start(offers.account, by="ada", now=timezone.now())


def browser_of(*permissions: str) -> Browser:
    user = User.objects.create_user(f"somebody{len(permissions)}")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def operator(db: None) -> Browser:
    return browser_of("change_account")


@pytest.fixture
def marketer(db: None) -> Browser:
    return browser_of()


@pytest.fixture(autouse=True)
def bell(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    rung: list[int] = []
    ring = lambda **call: rung.append(call["sweep_id"])  # noqa: E731
    monkeypatch.setattr(tasks.advance_sweep, "delay_on_commit", ring)
    return rung


def drift(sweep: Sweep, vibes_list: VibesList, mobile: str = ANA, **fields: str) -> Drift:
    told = {
        "ours": "subscribed",
        "theirs": "unsubscribed",
        "outcome": "repaired",
        "explanation": drifts.LEFT,
    } | fields
    return Drift.objects.create(
        sweep=sweep, vibes_list=vibes_list, mobile=mobile, found_at=NOON, **told
    )


def page(browser: Browser, sweep: Sweep, query: str = "") -> str:
    return browser.get(reverse("vibes:drift", args=[sweep.account_id]) + query).content.decode()


def test_says_that_nothing_was_compared_yet(marketer: Browser, offers: VibesList) -> None:
    answer = marketer.get(reverse("vibes:drift", args=[offers.account_id]))
    assert "Nothing has been compared yet" in answer.content.decode()


def test_whoever_may_starts_one_and_stops_it(
    operator: Browser, offers: VibesList, bell: list[int]
) -> None:
    operator.post(reverse("vibes:drift-start", args=[offers.account_id]))

    sweep = Sweep.objects.get()
    assert (sweep.started_by, sweep.changed_since, bell) == ("somebody1", None, [sweep.pk])
    assert "Stop here" in page(operator, sweep)

    operator.post(reverse("vibes:drift-stop", args=[sweep.pk]))
    sweep.refresh_from_db()
    assert sweep.state == "stopped"


@pytest.mark.parametrize("name", ["drift-start", "drift-stop"])
def test_nobody_else_does(marketer: Browser, sweep: Sweep, name: str) -> None:
    pk = sweep.account_id if name == "drift-start" else sweep.pk
    assert marketer.post(reverse(f"vibes:{name}", args=[pk])).status_code == 403
    assert (
        "<button" not in page(marketer, sweep).partition('id="sweep"')[2].partition("</section")[0]
    )


def test_follows_a_running_one_and_looks_at_the_table_when_it_is_over(
    marketer: Browser, sweep: Sweep
) -> None:
    address = reverse("vibes:drift-progress", args=[sweep.pk])
    running = marketer.get(address, headers=HTMX)
    assert 'hx-trigger="every 2s"' in running.content.decode()
    assert "sweep-over" not in running.headers.get("HX-Trigger", "")

    sweeps.stop(sweep, now=timezone.now())
    over = marketer.get(address, headers=HTMX)
    assert "every 2s" not in over.content.decode()
    assert "sweep-over" in over["HX-Trigger"]


def test_says_why_one_pauses(marketer: Browser, sweep: Sweep) -> None:
    Sweep.objects.update(fault="The login was refused.")
    shown = page(marketer, sweep)
    assert "The login was refused. The sweep keeps its place" in shown


def test_says_that_nobody_started_the_nightly_one(marketer: Browser, offers: VibesList) -> None:
    sweep = sweeps.start(offers.account, by=Sweep.NIGHTLY, now=NOON)
    sweeps.stop(sweep, now=NOON)

    said = marketer.get(reverse("vibes:drift", args=[offers.account_id])).content.decode()

    assert "Started by the nightly schedule on" in said


def test_says_that_no_worker_takes_it_up(marketer: Browser, sweep: Sweep) -> None:
    assert "No worker has taken it up yet" not in page(marketer, sweep)
    Sweep.objects.update(started_at=timezone.now() - timedelta(minutes=5))
    assert "No worker has taken it up yet" in page(marketer, sweep)


def test_names_the_holders_and_never_the_whole_number(
    marketer: Browser, sweep: Sweep, offers: VibesList
) -> None:
    ana = people.person(mobile=ANA, first_name="Ana")
    drift(sweep, offers)
    drift(sweep, offers, BEN)

    shown = page(marketer, sweep)
    assert ana.get_absolute_url() in shown
    assert "Nobody now" in shown
    assert (ANA in shown, BEN in shown, "+1312…01" in shown) == (False, False, True)


def test_shows_one_outcome_by_itself(marketer: Browser, sweep: Sweep, offers: VibesList) -> None:
    drift(sweep, offers)
    drift(sweep, offers, BEN, outcome="explained", explanation=drifts.STOP_HOLDS)

    shown = page(marketer, sweep, f"?sweep={sweep.pk}&outcome=explained")
    assert ("+1312…02" in shown, "+1312…01" in shown) == (True, False)
    found = marketer.get(reverse("vibes:drift-found", args=[sweep.pk]) + "?outcome=repaired")
    assert "+1312…01" in found.content.decode()


def test_pages_through_many(marketer: Browser, sweep: Sweep, offers: VibesList) -> None:
    for each in range(51):
        drift(sweep, offers, f"+1312555{each:04}")

    first = page(marketer, sweep)
    last = Drift.objects.order_by("pk")[1]
    assert f"?before={last.pk}&amp;sweep={sweep.pk}" in first
    assert "+1312…00" in page(marketer, sweep, f"?before={last.pk}")


def test_gives_them_as_a_file_no_spreadsheet_calculates(
    marketer: Browser, sweep: Sweep, offers: VibesList
) -> None:
    VibesList.objects.update(name="=1+1")
    people.person(mobile=ANA, first_name="Ana", last_name="Lima")
    drift(sweep, offers)

    answer = marketer.get(reverse("vibes:drift-export", args=[sweep.pk]))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    _head, row = csv.reader(io.StringIO(text.removeprefix(spreadsheet.BOM)))
    assert row[0] == "'+1312…01"
    assert row[1].startswith("Ana Lima (#")
    assert row[2] == "'=1+1"
    assert row[3:7] == ["Subscribed", "Opted out", "repaired", drifts.LEFT]


def test_a_sweep_of_another_service_is_not_found(marketer: Browser, sweep: Sweep) -> None:
    other = make.account(name="Other")
    address = reverse("vibes:drift", args=[other.pk])
    assert marketer.get(f"{address}?sweep={sweep.pk}").status_code == 404
