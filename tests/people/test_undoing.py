from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import (
    binning,
    csv_file,
    defining,
    editing,
    importing,
    lists,
    merging,
    tracing,
    undoing,
)
from people.merging import Choice
from people.models import Activity, ImportJob, ImportTrace, Person
from tests.campaigns import make as campaigns
from tests.campaigns.views import runs
from tests.people import make
from tests.people.files import begin, counts, finish, undo
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def test_everything_goes_back_as_if_it_had_never_been() -> None:
    defining.define("Shoe size", "integer", by=None, now=NOON)
    ana = make.person(
        email="ana@example.com",
        mobile="312-555-0142",
        city="Boston",
        date_of_birth=date(1990, 3, 4),
        custom={"shoe_size": 38},
    )
    before = Person.objects.filter(pk=ana.pk).values().get()
    chosen = make.static_list("Fair", make.person(email="cleo@example.com"))
    job = finish(
        begin(
            "Email,Mobile,City,Birthday,Shoe size,Revenue\n"
            "ana@example.com,416-555-0142,Chicago,1991-01-01,39,5.25\n"
            "ben@example.com,,Nice,,,\ncleo@example.com,,,,,\n",
            static_list=chosen,
        )
    )
    assert Person.objects.get(pk=ana.pk).custom == {"shoe_size": 39}

    undo(job)

    after = Person.objects.filter(pk=ana.pk).values().get()
    assert after | {"updated_at": None} == before | {"updated_at": None}
    left = Person.objects.present().order_by("email").values_list("email", flat=True)
    assert list(left) == ["ana@example.com", "cleo@example.com"]
    assert job.undone | {"kept": 0} == {"deleted": 1, "restored": 1, "unlisted": 1, "kept": 0}
    assert set(chosen.members.present().values_list("email", flat=True)) == {"cleo@example.com"}
    kinds = Activity.objects.filter(person=ana).order_by("id").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["change_data_value", "remove_from_list"]
    assert counts(job)[0] == "undone"


def add_to_list(ben: Person) -> None:
    lists.add(make.static_list("Other"), [ben.pk], by="ada", now=LATER)


def change(ben: Person) -> None:
    editing.change(ben, {"city": "Nice"}, by="ada", now=LATER)


def import_again(ben: Person) -> None:
    finish(begin("Email,City\nben@example.com,Paris\n"))


def enrol(ben: Person) -> None:
    campaigns.vibes_list()
    campaign = campaigns.ready_campaign()
    Person.objects.filter(pk=ben.pk).update(city="Chicago")
    runs.running(campaign)
    Activity.objects.filter(person=ben).exclude(kind="new_person").delete()


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (add_to_list, "Something else happened to this person since: Add to List."),
        (change, "Something else happened to this person since: Change Data Value."),
        (import_again, "Something else happened to this person since: Change Data Value."),
        (enrol, "Something knows this person by now: "),
    ],
)
def test_whom_something_else_happened_to_stays_and_it_is_said_why(
    happens: Callable[[Person], None], why: str
) -> None:
    job = finish(begin("Email\nben@example.com\nana@example.com\n"))
    happens(Person.objects.get(email="ben@example.com"))

    undo(job)

    assert list(Person.objects.present().values_list("email", flat=True)) == ["ben@example.com"]
    assert why in ImportTrace.objects.exclude(kept="").get().kept
    assert job.undone == {"deleted": 1, "kept": 1}


def test_a_value_that_was_changed_again_stays_and_the_others_go_back() -> None:
    ana = make.person(email="ana@example.com", city="Boston", state="MA")
    job = finish(begin("Email,City,State\nana@example.com,Chicago,IL\n"))
    editing.change(ana, {"city": "Nice"}, by="ada", now=LATER)

    undo(job)

    ana.refresh_from_db()
    assert (ana.city, ana.state) == ("Nice", "MA")
    assert ImportTrace.objects.get().kept == "Changed again since, and left so: City."


def test_what_two_rows_changed_goes_back_to_what_stood_there_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 1)
    ana = make.person(email="ana@example.com", city="Boston")
    job = finish(begin("Email,City\nana@example.com,Nice\nana@example.com,Paris\nx@example.com,\n"))

    undo(job)

    ana.refresh_from_db()
    assert ana.city == "Boston"


def test_what_a_stopped_import_did_is_undone_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 1)
    job = begin("Email\nana@example.com\nben@example.com\n")
    importing.take_slices(job.pk, now=NOON, slices=1)
    importing.cancel(job, now=NOON)
    job.refresh_from_db()

    undo(job)

    assert not Person.objects.present().exists()


def test_after_a_day_it_is_too_late() -> None:
    job = finish(begin("Email\nana@example.com\n"))

    assert undoing.may_be(job, now=NOON + timedelta(hours=23)) is True
    assert undoing.begin(job, now=NOON + timedelta(hours=24)) is False
    assert tracing.forget_old(NOON + timedelta(hours=24, seconds=1)) == 1
    assert not ImportTrace.objects.exists()


def test_the_same_slice_twice_is_undone_once_and_a_crash_is_gone_on_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(undoing, "SLICE", 2)
    job = finish(begin("Email\n" + "".join(f"p{n}@example.com\n" for n in range(5))))
    undoing.begin(job, now=NOON)
    first, second = ImportJob.objects.get(), ImportJob.objects.get()

    assert undoing.undo_slice(first, now=NOON) is True
    assert undoing.undo_slice(second, now=NOON) is False
    assert Person.objects.present().count() == 3
    while undoing.undo_slices(job.pk, now=NOON, slices=1):
        pass

    job.refresh_from_db()
    assert (job.state, job.undone) == ("undone", {"deleted": 5})


def test_a_slice_costs_the_same_few_statements_for_any_number_of_people() -> None:
    assert _statements(4) == _statements(400)


def _statements(number: int) -> int:
    known = make.people(number)
    new = "".join(f"new{number}-{n}@example.org,x\n" for n in range(number))
    old = "".join(f"{each.email},x{number}\n" for each in known)
    chosen = make.static_list(f"L{number}")
    job = finish(begin(f"Email,City\n{new}{old}", static_list=chosen))
    undoing.begin(job, now=NOON)
    job.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        undoing.undo_slice(job, now=NOON)
    return len(queries)


def test_it_is_undone_from_its_page(client: Client) -> None:
    client.force_login(make.user("ada", "import_people", "see_all_jobs"))
    job = finish(begin("Email\nana@example.com\nben@example.com\n"))
    ImportJob.objects.update(finished_at=_now())
    change(Person.objects.get(email="ben@example.com"))
    there = f"/database/imports/{job.pk}/"
    assert "Undo this import" in _text(client.get(there))

    client.post(f"{there}undo/")
    assert "undoing goes on" in _text(client.get(there))
    undoing.undo_slices(job.pk, now=NOON)

    page = _text(client.get(there))
    assert "People put in the recycle bin</dt><dd>1<" in page
    assert "Something else happened to this person since" in page


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def _text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_whom_it_made_waits_in_the_bin_for_the_day_as_everybody_does() -> None:
    undo(finish(begin("Email\nben@example.com\n")))

    ben = Person.objects.in_the_bin().get()
    assert ben.deleted_at is not None
    assert ben.erase_at == ben.deleted_at + timedelta(days=30)
    assert binning.erase_soon([ben.pk], by="ada", now=LATER) == 1


# --- What something else has spoken of since ---------------------------------------------------------

FLAGS = ["block_listed", "marketing_suspended", "unsubscribed", "email_invalid", "do_not_call"]
BLOCKED = "Email,Block Listed,Block Listed Reason\nana@example.com,yes,Complained\n"


def flagged(flag: str, value: str = "yes") -> ImportJob:
    mapping = {"0": "email", "1": flag}
    return finish(begin(f"Email,Flag\nana@example.com,{value}\n", mapping=mapping))


def merge(ana: Person, **anna: Any) -> None:
    merging.merge([ana.pk, make.person(**anna).pk], Choice(), by="ada", now=LATER)


def set_it(ana: Person, name: str, value: Any) -> None:
    people = Person.objects.filter(pk=ana.pk)
    editing.change_many(people, name, value, by="A campaign", now=LATER)


def set_each(ana: Person, name: str, value: Any) -> None:
    people = Person.objects.filter(pk=ana.pk)
    editing.change_each(people, name, {ana.pk: value}, by="A campaign", now=LATER)


def edit(ana: Person, name: str, value: Any) -> None:
    editing.change(ana, {name: value}, by="ada", now=LATER)


def import_it(ana: Person, name: str, value: Any) -> None:
    flagged(name)


@pytest.mark.parametrize("flag", FLAGS)
def test_a_restriction_that_came_by_a_merge_since_is_not_lifted(flag: str) -> None:
    ana = make.person(email="ana@example.com")
    job = flagged(flag)
    merge(ana, **{flag: True})

    undo(job)

    ana.refresh_from_db()
    assert getattr(ana, flag) is True
    said = ImportTrace.objects.get().kept
    assert said.startswith("Not lifted, since something else has spoken of it since: ")


def test_a_restriction_nobody_else_spoke_of_is_lifted_after_a_merge_too() -> None:
    ana = make.person(email="ana@example.com", state="MA")
    job = finish(begin("Email,Block Listed,State\nana@example.com,yes,IL\n"))
    merge(ana)

    undo(job)

    ana.refresh_from_db()
    assert (ana.block_listed, ana.state, ImportTrace.objects.get().kept) == (False, "MA", "")


@pytest.mark.parametrize("say", [set_it, set_each, edit, import_it])
@pytest.mark.parametrize("flag", FLAGS)
def test_a_restriction_that_was_said_again_since_is_not_lifted(
    flag: str, say: Callable[..., None]
) -> None:
    ana = make.person(email="ana@example.com")
    job = flagged(flag)
    say(ana, flag, True)

    undo(job)

    ana.refresh_from_db()
    assert getattr(ana, flag) is True
    assert "Not lifted" in job.traces.get().kept


def test_a_restriction_that_was_lifted_and_put_back_since_is_not_lifted() -> None:
    ana = make.person(email="ana@example.com")
    job = flagged("block_listed")
    editing.change(ana, {"block_listed": False}, by="ada", now=LATER)
    editing.change(ana, {"block_listed": True}, by="ben", now=LATER)

    undo(job)

    ana.refresh_from_db()
    assert ana.block_listed is True


def test_two_rows_of_the_same_file_are_one_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 1)
    ana = make.person(email="ana@example.com")
    job = finish(begin("Email,Block Listed\nana@example.com,yes\nana@example.com,yes\n"))

    undo(job)

    ana.refresh_from_db()
    assert ana.block_listed is False


@pytest.mark.parametrize("reason", ["", "Asked us by phone"])
def test_a_block_that_stays_keeps_its_reasons(reason: str) -> None:
    ana = make.person(email="ana@example.com")
    job = finish(begin(BLOCKED))
    merge(ana, block_listed=True, block_listed_reason=reason)

    undo(job)

    ana.refresh_from_db()
    assert ana.block_listed_reason == "; ".join(filter(None, ["Complained", reason]))


def test_whoever_worded_the_reason_since_has_spoken_of_the_block() -> None:
    ana = make.person(email="ana@example.com")
    job = finish(begin(BLOCKED))
    editing.change(ana, {"block_listed_reason": "Complained twice"}, by="ada", now=LATER)

    undo(job)

    ana.refresh_from_db()
    assert (ana.block_listed, ana.block_listed_reason) == (True, "Complained twice")


def test_what_a_merge_chose_since_stays_even_where_it_is_the_imports_value() -> None:
    ana = make.person(email="ana@example.com", city="Boston", state="MA", score=5)
    job = finish(begin("Email,City,State,Score\nana@example.com,Chicago,IL,7\n"))
    anna = make.person(city="Nice", state="IL")
    merging.merge([ana.pk, anna.pk], Choice({"city": ana.pk}), by="ada", now=LATER)

    undo(job)

    ana.refresh_from_db()
    assert (ana.city, ana.state, ana.score) == ("Chicago", "IL", 5)
    assert ImportTrace.objects.get().kept == "Changed again since, and left so: City, State."


def test_a_number_that_a_merge_chose_since_stays_whole() -> None:
    ana = make.person(email="ana@example.com", mobile="312-555-0142")
    job = finish(begin("Email,Mobile\nana@example.com,416-555-0142\n"))
    choice = Choice({"mobile_typed": ana.pk})
    merging.merge([ana.pk, make.person().pk], choice, by="ada", now=LATER)

    undo(job)

    ana.refresh_from_db()
    assert (ana.mobile, ana.mobile_region) == ("+14165550142", "CA")


def test_what_came_before_the_import_is_no_objection_and_an_undone_import_neither() -> None:
    ana = make.person(email="ana@example.com", city="Oslo")
    editing.change(ana, {"block_listed": True}, by="ada", now=NOON)
    editing.change(ana, {"block_listed": False, "city": "Boston"}, by="ada", now=NOON)
    job = finish(begin("Email,City,Block Listed\nana@example.com,Chicago,yes\n"))
    undo(finish(begin("Email,City\nana@example.com,Nice\n")))

    undo(job)

    ana.refresh_from_db()
    assert (ana.city, ana.block_listed) == ("Boston", False)


def test_what_an_import_lifted_is_put_back_after_a_merge_with_somebody_free() -> None:
    ana = make.person(email="ana@example.com", block_listed=True)
    job = flagged("block_listed", "no")
    merge(ana)

    undo(job)

    ana.refresh_from_db()
    assert ana.block_listed is True


def test_the_file_of_an_import_that_stopped_goes_when_it_is_undone() -> None:
    job = begin("Email\nana@example.com\n")
    make.person(email="ben@example.com")
    ImportTrace.objects.create(job=job, person_id=Person.objects.get().pk)
    importing.stop(job, "Why", now=NOON)
    job.refresh_from_db()
    assert job.pieces.exists()

    undo(job)

    assert not job.pieces.exists()
