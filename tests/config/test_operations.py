"""The operations page, and unlocking on it."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from campaigns import tasks
from campaigns.models import Run, Slot
from tests.campaigns import make
from tests.people.make import person
from tests.vibes import make as vibes
from vibes import lock, outbox
from vibes.models import OutboxRow, Unlocking, VibesList
from vibes.outbox import Order, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(settings: Settings, tmp_path: Path) -> None:
    """The database wakes up on another machine, in the middle of a run."""
    offers = make.vibes_list()
    steps = [make.send(make.approved_message(), offers)]
    run = make.run(make.campaign(filters=[make.in_city()], steps=steps))
    for number in (1, 2):
        owed(offers, run, number)
    OutboxRow.objects.filter(entry_id=1).update(state=OutboxRow.State.SENDING)
    settings.INSTANCE_DIR = tmp_path


def owed(offers: VibesList, run: Run, number: int) -> None:
    ana = person(mobile=f"(312) 555-010{number}")
    order = Order(ana.pk, number, ana.mobile, "Hi", 1)
    visit = Visit(run.campaign_id, run.pk, 1, 0, make.NOON)
    outbox.queue_texts([order], vibes_list=offers, visit=visit, message_name="Offer")


@pytest.fixture
def anybody(client: Client) -> Client:
    client.force_login(User.objects.create_user("ben"))
    return client


@pytest.fixture
def operator(client: Client) -> Client:
    ada = User.objects.create_user("ada")
    ada.user_permissions.add(Permission.objects.get(codename="change_instance"))
    client.force_login(ada)
    return client


def states() -> list[str]:
    return list(OutboxRow.objects.order_by("entry_id").values_list("state", flat=True))


def test_lists_the_processes_and_what_each_of_them_is(anybody: Client) -> None:
    vibes.heart("worker", host="one.example", pid=77, version="0.1.0")
    vibes.heart("worker", host="two.example", now=make.NOON)

    page = anybody.get("/operations/").content.decode()

    assert "one.example:77" in page
    assert "two.example" not in page, "it fell silent long ago"


def test_says_to_whom_it_may_concern_who_can_unlock(anybody: Client, locked: None) -> None:
    page = anybody.get("/operations/").content.decode()

    assert "Can change instance" in page
    assert 'href="/operations/unlock/"' not in page
    assert anybody.get("/operations/unlock/").status_code == 403
    assert anybody.post("/operations/unlock/", {"word": "unlock"}).status_code == 403
    assert lock.is_on()


def test_asks_for_the_word_and_says_what_happens(operator: Client, locked: None) -> None:
    asked = operator.get("/operations/unlock/").content.decode()
    wrong = operator.post("/operations/unlock/", {"word": "yes"})

    assert "1 text that was being sent" in asked
    assert "1 run that was not over" in asked
    assert wrong.status_code == 422
    assert 'value="yes"' in wrong.content.decode()
    assert lock.is_on()


def test_unlocked_it_sends_nothing_of_the_past(operator: Client, locked: None) -> None:
    answer = operator.post("/operations/unlock/", {"word": " Unlock "})

    assert answer.headers["Location"] == "/operations/"
    assert not lock.is_on()
    assert states() == ["unknown", "cancelled"]
    assert not Run.objects.filter(state__in=Run.OPEN).exists()


def test_a_planned_run_that_was_due_meanwhile_asks_and_a_later_one_stays(
    operator: Client, locked: None
) -> None:
    now = timezone.now()
    campaign = Run.objects.get().campaign
    due = make.slot(campaign, now - timedelta(minutes=2))
    later = make.slot(campaign, now + timedelta(days=2))

    asked = operator.get("/operations/unlock/").content.decode()
    operator.post("/operations/unlock/", {"word": "unlock"})
    tasks.tick()

    assert "1 planned run whose time has come waits" in asked
    states = dict(Slot.objects.values_list("pk", "state"))
    assert states == {due.pk: "missed", later.pk: "planned"}


def test_nothing_that_is_planned_starts_while_it_is_locked(locked: None) -> None:
    slot = make.slot(Run.objects.get().campaign, timezone.now() - timedelta(minutes=2))

    tasks.tick()
    tasks.start_slot(slot_id=slot.pk)

    slot.refresh_from_db()
    assert (slot.state, Run.objects.count()) == ("planned", 1)


def test_who_unlocked_it_is_kept(operator: Client, locked: None) -> None:
    operator.post("/operations/unlock/", {"word": "unlock"})

    kept = Unlocking.objects.get()
    assert (kept.by_name, kept.why, kept.unknown) == ("ada", "elsewhere", 1)
    assert kept.runs == [Run.objects.get().pk]
    assert "by ada (elsewhere): 1 unknown" in operator.get("/operations/").content.decode()


def test_nobody_unlocks_what_is_open(operator: Client) -> None:
    answer = operator.post("/operations/unlock/", {"word": "unlock"}, follow=True)

    assert "not locked any more" in answer.content.decode()
    assert not Unlocking.objects.exists()


def test_monitoring_learns_why(operator: Client, locked: None) -> None:
    answer = operator.get("/healthz/details")

    assert answer.status_code == 503
    assert [each["code"] for each in answer.json()["reasons"]] == ["locked", "no-worker"]


def test_monitoring_learns_that_all_is_well(operator: Client) -> None:
    for role in ("worker", "beat"):
        vibes.heart(role)

    answer = operator.get("/healthz/details")

    assert (answer.status_code, answer.json()["sending"]) == (200, True)
    assert [each["role"] for each in answer.json()["processes"]] == ["beat", "worker"]


def test_the_command_unlocks_as_the_page_does(locked: None) -> None:
    out = StringIO()
    call_command("unlock", "--yes", stdout=out)

    assert "1 text is unknown, 1 run was stopped" in out.getvalue()
    assert Unlocking.objects.get().by is None
    assert not lock.is_on()


def test_the_command_takes_no_other_word(locked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "y")

    with pytest.raises(CommandError, match="stays locked"):
        call_command("unlock", stdout=StringIO())
    assert lock.is_on()
