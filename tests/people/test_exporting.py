from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import defining, exporting, tasks
from people.exporting import NothingThere
from people.models import ExportDownload, ExportJob, ExportPiece, Person
from tests.people import files, make
from tests.people.files import taken_out
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


def begin(**params: Any) -> ExportJob:
    source = exporting.sources.get("static_list" if params else "people")
    return exporting.begin(source, params, columns=["email"], user=None, now=NOON)


def test_values_go_out_by_their_type_and_nothing_is_a_formula() -> None:
    defining.define("Birth weight", "float", by=None, now=NOON)
    make.person(
        first_name="=cmd|' /C calc'!A0",
        mobile="(312) 555-0142",
        date_of_birth=date(1990, 3, 4),
        annual_revenue="1234567.50",
        block_listed=True,
        custom={"birth_weight": 3.5},
    )
    columns = ["first_name", "mobile", "mobile_typed", "date_of_birth", "annual_revenue"]
    columns += ["block_listed", "score", "custom__birth_weight", "created_at"]

    head, row = taken_out("people", columns=columns)

    assert head[1:3] + head[-2:] == [
        *("Mobile Phone Number", "Mobile Phone Number as typed", "Birth weight", "Created At"),
    ]
    assert row == [
        *("'=cmd|' /C calc'!A0", "+13125550142", "(312) 555-0142", "1990-03-04", "1234567.50"),
        *("yes", "0", "3.5", "2026-06-01 17:00:00"),
    ]


def test_what_went_out_comes_in_again_as_it_was() -> None:
    make.person(first_name="-Ana", email="ana@example.com", city="@home", score=-3)
    before = Person.objects.values("first_name", "email", "city", "score").get()
    rows = taken_out("people", columns=["first_name", "email", "city", "score"])
    Person.objects.all().delete()

    files.finish(files.begin("".join(",".join(row) + "\n" for row in rows)))

    assert Person.objects.values("first_name", "email", "city", "score").get() == before


def test_a_list_a_search_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SLICE", 2)
    people = make.people(5)
    Person.objects.filter(pk=people[1].pk).update(deleted_at=NOON)
    chosen = make.static_list("Fair", *people[:4])

    on_list = taken_out("static_list", columns=["email"], list=str(chosen.pk))
    found = taken_out("people", columns=["email"], q="person3")

    assert on_list == [["Email Address"], *([f"person{n}@example.com"] for n in (0, 2, 3))]
    assert found == [["Email Address"], ["person3@example.com"]]
    with pytest.raises(NothingThere, match="deleted"):
        begin(list="999")


def test_the_same_slice_twice_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SLICE", 2)
    make.people(3)
    begin()
    first, second = ExportJob.objects.get(), ExportJob.objects.get()

    assert exporting.write_slice(first, now=NOON) is True
    assert exporting.write_slice(second, now=NOON) is False
    assert exporting.write_slices(first.pk, now=NOON) is False

    job = ExportJob.objects.get()
    assert (job.state, job.rows, job.total) == ("done", 3, 3)
    text = b"".join(exporting.content(job))
    assert (len(text), text.count(b"@")) == (job.size, 3)


def test_a_list_that_is_deleted_meanwhile_stops_it_with_words() -> None:
    chosen = make.static_list("Fair")
    job = begin(list=chosen.pk)
    chosen.delete()

    assert exporting.write_slices(job.pk, now=NOON) is False

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The static list was deleted.")


def test_a_slice_costs_the_same_few_statements_for_any_number_of_people() -> None:
    assert _statements(2) == _statements(1_000)


def _statements(number: int) -> int:
    make.people(number)
    source = exporting.sources.get("people")
    columns = [*source.columns({})]
    job = exporting.begin(source, {}, columns=columns, user=None, now=NOON)
    with CaptureQueriesContext(connection) as queries:
        exporting.write_slice(job, now=NOON)
    return len(queries)


def test_after_a_day_the_file_goes_and_who_exported_what_stays() -> None:
    job = begin()
    exporting.write_slices(job.pk, now=NOON)

    assert exporting.forget_old(NOON + timedelta(hours=24)) == 0
    assert exporting.forget_old(NOON + timedelta(hours=25)) == 1

    assert not ExportPiece.objects.exists()
    assert ExportJob.objects.get().state == "gone"


def test_the_tick_finds_an_export_whose_message_was_lost(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    job = begin()
    rung: list[int] = []
    monkeypatch.setattr(tasks.write_export, "delay", lambda *, job_id: rung.append(job_id))

    with django_capture_on_commit_callbacks(execute=True):
        tasks.tick()

    assert rung == [job.pk]


# --- Pages ----------------------------------------------------------------------------------------


@pytest.fixture
def ada(client: Client) -> Client:
    """A browser of somebody who may export."""
    user = User.objects.create_user("ada")
    user.user_permissions.add(Permission.objects.get(codename="export_people"))
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_columns_are_chosen_and_the_file_is_taken_away(ada: Client) -> None:
    chosen = make.static_list("Fair", make.person(email="ana@example.com", first_name="Ana"))
    there = f"/database/exports/new/?source=static_list&list={chosen.pk}"
    assert "Static list “Fair”" in text(ada.get(there))

    nothing = ada.post(there, {})
    assert (nothing.status_code, "Choose at least one column." in text(nothing)) == (422, True)
    page = ada.post(there, {"columns": ["email"]})["Location"]
    assert "every 1s" in text(ada.get(page))
    exporting.write_slices(ExportJob.objects.get().pk, now=NOON)

    assert "Download" in text(ada.get(page))
    response = ada.get(f"{page}file.csv")
    assert response.getvalue().decode("utf-8-sig") == "Email Address\r\nana@example.com\r\n"
    assert ExportDownload.objects.get().by == User.objects.get()
    assert "Fair" in text(ada.get("/database/exports/"))


def test_who_may_not_export_is_told_so_and_gets_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("ben"))
    job = begin()

    said = client.get("/database/exports/")
    assert (said.status_code, "You may not export" in text(said)) == (403, True)
    for there in ("new/?source=people", f"{job.pk}/", f"{job.pk}/file.csv"):
        assert client.get(f"/database/exports/{there}").status_code == 403


def test_nobody_takes_the_file_of_somebody_else(ada: Client) -> None:
    job = begin()
    exporting.write_slices(job.pk, now=NOON)

    assert ada.get(f"/database/exports/{job.pk}/file.csv").status_code == 404


@pytest.mark.parametrize("query", ["", "source=nothing", "source=static_list&list=x"])
def test_what_is_not_there_is_not_exported(ada: Client, query: str) -> None:
    assert ada.get(f"/database/exports/new/?{query}").status_code == 404


def test_a_field_deleted_meanwhile_leaves_its_column_empty_and_the_others_in_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "SLICE", 1)
    size = defining.define("Shoe size", "integer", by=None, now=NOON)
    for name in ("ana", "ben"):
        make.person(email=f"{name}@example.com", city="Reno", custom={size.key: 38})
    source, columns = exporting.sources.get("people"), ["email", f"custom__{size.key}", "city"]
    job = exporting.begin(source, {}, columns=columns, user=None, now=NOON)
    exporting.write_slices(job.pk, now=NOON, slices=1)

    defining.delete(size)
    exporting.write_slices(job.pk, now=NOON)

    job.refresh_from_db()
    rows = b"".join(exporting.content(job)).decode().splitlines()
    assert [row.split(",")[1:] for row in rows[1:]] == [["38", "Reno"], ["", "Reno"]]


def test_one_that_fails_leaves_nothing_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SLICE", 1)
    chosen = make.static_list("Fair", make.person(email="a@b.co"), make.person(email="c@d.co"))
    job = begin(list=chosen.pk)
    exporting.write_slices(job.pk, now=NOON, slices=1)
    assert ExportPiece.objects.exists()

    chosen.delete()
    exporting.write_slices(job.pk, now=NOON)

    assert not ExportPiece.objects.exists()
