from datetime import datetime
from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from people import csv_file, importing, receiving, tasks
from people.forms import MappingForm
from people.instance import DEFAULT_REGION
from people.models import Activity, ImportJob, ImportPiece, ImportReject, Person
from tests.people import make, many_numbers
from tests.people.files import begin, counts, finish, upload
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


def emails(count: int, start: int = 0) -> str:
    return "Email\n" + "".join(f"p{n}@example.com\n" for n in range(start, start + count))


def history() -> list[tuple[str, str, dict[str, Any]]]:
    lines = Activity.objects.order_by("id").select_related("person")
    return [(line.person.email, line.kind, line.details) for line in lines]


def test_takes_good_rows_and_returns_the_others_with_reasons() -> None:
    job = finish(begin("Email,Name,Phone\nana@example.com,x,312-555-0142\nana@,x,\n,,\n,,12\n"))

    assert counts(job) == ("done", 3, 1, 0, 2, 0)
    assert list(ImportReject.objects.values_list("number", "reason", "cells")) == [
        (3, "Email Address: “ana@” is not an e-mail address.", ["ana@", "x", ""]),
        (
            5,
            "“12” is not a valid number, and there is no e-mail address or name.",
            ["", "", "12"],
        ),
    ]
    ana = Person.objects.get()
    assert (ana.email, ana.mobile, ana.mobile_region) == ("ana@example.com", "+13125550142", "US")
    told = {"by": "import of people.csv", "import": job.pk}
    assert history() == [("ana@example.com", "new_person", told)]


def test_the_big_file_gives_everybody_their_number(now: datetime) -> None:
    lines = many_numbers.rows()

    job = finish(begin(many_numbers.content()))

    taken = [line for line in lines if line.taken]
    invalid = sum(bool(line.cells[3]) and not line.e164 for line in taken)
    rows = sum(any(line.cells) for line in lines)  # blank lines are none
    assert counts(job) == ("done", rows, len(taken), 0, rows - len(taken), invalid)
    kept = dict(Person.objects.values_list("email", "mobile"))
    assert kept == {line.cells[2]: line.e164 for line in taken}
    assert set(many_numbers.numbers()) <= set(kept.values())


def test_matches_by_address_in_any_case_and_says_what_changed() -> None:
    ana = make.person(email="Ana@example.com", city="Boston", mobile="312-555-0142", score=3)

    job = finish(begin("Email,City,Mobile,Score\nANA@EXAMPLE.COM,Chicago,416-555-0142,\n"))

    ana.refresh_from_db()
    assert counts(job) == ("done", 1, 0, 1, 0, 0)
    assert (ana.email, ana.city, ana.mobile, ana.mobile_region, ana.score) == (
        *("Ana@example.com", "Chicago", "+14165550142", "CA", 3),
    )
    assert history() == [
        (
            "Ana@example.com",
            "change_data_value",
            {
                "changes": {
                    "city": ["Boston", "Chicago"],
                    "mobile": ["+13125550142", "+14165550142"],
                },
                "by": "import of people.csv",
                "import": job.pk,
            },
        )
    ]


def test_a_row_that_says_nothing_new_leaves_no_line() -> None:
    ana = make.person(email="ana@example.com", city="Boston", mobile="312-555-0142")

    finish(begin("Email,City,Mobile\nana@example.com,Boston,+1 312 555 0142\n"))

    assert Person.objects.get().updated_at == ana.updated_at
    assert history() == []


def test_what_is_no_number_does_not_replace_a_number() -> None:
    make.person(email="ana@example.com", mobile="312-555-0142")

    job = finish(begin("Email,Mobile\nana@example.com,call me\n"))

    assert job.invalid_count == 1
    assert Person.objects.get().mobile == "+13125550142"


def test_a_row_matches_an_earlier_row_of_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 2)

    job = finish(
        begin(
            "Email,City\nana@example.com,Boston\nAna@example.com,Chicago\n"
            "ben@example.com,\nana@example.com,Austin\n"
        )
    )

    assert counts(job) == ("done", 4, 2, 2, 0, 0)
    assert list(Person.objects.order_by("id").values_list("email", "city")) == [
        ("ana@example.com", "Austin"),
        ("ben@example.com", ""),
    ]
    told = {"by": "import of people.csv", "import": job.pk}
    assert history() == [
        ("ana@example.com", "new_person", told),
        (
            "ana@example.com",
            "change_data_value",
            {"changes": {"city": ["Boston", "Chicago"]}, **told},
        ),
        ("ben@example.com", "new_person", told),
        (
            "ana@example.com",
            "change_data_value",
            {"changes": {"city": ["Chicago", "Austin"]}, **told},
        ),
    ]


def test_what_a_later_row_puts_back_is_no_change() -> None:
    make.person(email="ana@example.com", city="Boston")

    finish(begin("Email,City\nana@example.com,Chicago\nana@example.com,Boston\n"))

    assert Person.objects.get().city == "Boston"
    assert history() == []


def test_two_rows_with_one_number_are_two_people() -> None:
    finish(begin("First,Mobile\nAna,312-555-0142\nBen,(312) 555-0142\n"))

    assert list(Person.objects.order_by("id").values_list("first_name", "mobile")) == [
        ("Ana", "+13125550142"),
        ("Ben", "+13125550142"),
    ]


def test_the_oldest_of_several_people_with_one_address_is_updated_and_no_deleted_one() -> None:
    make.person(email="ana@example.com", deleted_at=NOON)
    make.person(email="ana@example.com")
    make.person(email="Ana@example.com")

    finish(begin("Email,City\nana@example.com,Chicago\n"))

    assert list(Person.objects.order_by("id").values_list("city", flat=True)) == ["", "Chicago", ""]


def test_a_number_without_country_code_is_read_in_the_chosen_country() -> None:
    finish(begin("First,Mobile\nAna,0612345678\n", region="FR"))

    assert Person.objects.get().mobile == "+33612345678"


def test_puts_everybody_taken_on_the_chosen_list_once() -> None:
    known = make.person(email="ana@example.com")
    chosen = make.static_list("Newsletter", known)

    finish(begin("Email\nana@example.com\nben@example.com\nben@example.com\n", static_list=chosen))

    assert sorted(chosen.members.values_list("email", flat=True)) == [
        "ana@example.com",
        "ben@example.com",
    ]
    assert [line[:2] for line in history()] == [
        ("ben@example.com", "new_person"),
        ("ben@example.com", "add_to_list"),
    ]


def test_goes_on_after_being_killed_between_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 10)
    job = begin(emails(35))

    assert importing.take_slices(job.pk, now=NOON, slices=2) is True
    assert Person.objects.count() == 20
    finish(job)

    assert counts(job) == ("done", 35, 35, 0, 0, 0)
    assert Person.objects.count() == 35


def test_being_killed_inside_a_slice_leaves_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    job = begin(emails(5))

    with monkeypatch.context() as killed:
        killed.setattr(importing, "_finish", _killed)
        with pytest.raises(KeyboardInterrupt):
            importing.take_slices(job.pk, now=NOON)
    assert (Person.objects.count(), Activity.objects.count()) == (0, 0)
    finish(job)

    assert counts(job) == ("done", 5, 5, 0, 0, 0)


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_the_same_slice_twice_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 2)
    job = begin("First\nAna\nBen\nCleo\n")
    ImportJob.objects.update(state="running")
    first, second = ImportJob.objects.get(), ImportJob.objects.get()

    assert importing.take_slice(first, now=NOON) is True
    assert importing.take_slice(second, now=NOON) is False
    assert Person.objects.count() == 2

    assert counts(finish(job)) == ("done", 3, 3, 0, 0, 0)
    assert importing.take_slice(second, now=NOON) is False  # the file is gone
    assert Person.objects.count() == 3


def test_files_are_taken_one_after_the_other() -> None:
    first, second = begin(emails(2)), begin(emails(2))

    assert importing.take_slices(second.pk, now=NOON) is False
    assert importing.take_slices(first.pk, now=NOON) is True
    assert importing.take_slices(second.pk, now=NOON) is False

    second.refresh_from_db()
    assert counts(second) == ("done", 2, 0, 2, 0, 0)


def test_a_cancelled_import_keeps_what_it_took_and_takes_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 10)
    job = begin(emails(30))
    importing.take_slices(job.pk, now=NOON, slices=1)

    assert importing.cancel(job, now=NOON) is True
    assert importing.take_slices(job.pk, now=NOON) is False

    job.refresh_from_db()
    assert counts(job) == ("cancelled", 10, 10, 0, 0, 0)
    assert importing.cancel(job, now=NOON) is False


def test_what_the_database_refuses_stops_the_import_and_can_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = begin(emails(3))
    with monkeypatch.context() as broken:
        broken.setattr(importing, "_count", _refused)
        assert importing.take_slices(job.pk, now=NOON) is False
    job.refresh_from_db()
    assert (job.state, "Nothing is lost: try again" in job.error) == ("failed", True)
    assert job.position == 0

    assert importing.retry(job) is True
    assert counts(finish(job)) == ("done", 3, 3, 0, 0, 0)


def _refused(*_: object, **__: object) -> None:
    raise DataError("too long")


def test_a_file_is_started_once() -> None:
    job = begin(emails(1))

    assert importing.start(job, now=NOON) is False


def test_the_file_is_gone_when_it_is_taken() -> None:
    finish(begin(emails(1)))

    assert not ImportPiece.objects.exists()


def test_a_file_nobody_mapped_is_forgotten_after_a_week() -> None:
    upload(emails(1))

    receiving.forget_unmapped(NOON + receiving.KEEP_UNMAPPED)
    assert ImportJob.objects.count() == 1
    receiving.forget_unmapped(NOON + receiving.KEEP_UNMAPPED * 2)
    assert ImportJob.objects.count() == 0


def test_a_slice_costs_the_same_few_statements_for_any_number_of_rows() -> None:
    assert _statements(4) == _statements(1_000)


def _statements(rows: int) -> int:
    """Of a slice in which half are new, half are known, some are rejected and all go on a list."""
    start = Person.objects.count()
    make.people(rows)
    known = [f"person{start + n}@example.com,Chicago,{312_555_0100 + n % 100}" for n in range(rows)]
    new = [f"new{start + n}@example.org,Boston,{416_555_0100 + n % 100}" for n in range(rows)]
    mixed = ["x@,,", *known[: rows // 2], *new[: rows // 2 - 1]]
    job = begin("Email,City,Mobile\n" + "\n".join(mixed), static_list=make.static_list(f"L{rows}"))
    ImportJob.objects.filter(pk=job.pk).update(state="running")
    job.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        assert importing.take_slice(job, now=NOON)
    assert job.rows == rows
    return len(queries)


def test_the_tick_finds_a_file_whose_message_was_lost(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    job = begin(emails(3))
    rung: list[int] = []
    monkeypatch.setattr(tasks.import_slice, "delay", lambda *, job_id: rung.append(job_id))

    with django_capture_on_commit_callbacks(execute=True):
        tasks.tick()

    assert rung == [job.pk]


def test_the_file_of_one_that_failed_is_let_go_of_after_a_week() -> None:
    job = upload(emails(1))
    ImportJob.objects.update(state="failed", finished_at=NOON)

    receiving.forget_unmapped(NOON + receiving.KEEP_UNMAPPED)
    assert ImportPiece.objects.exists()
    receiving.forget_unmapped(NOON + receiving.KEEP_UNMAPPED * 2)

    job.refresh_from_db()
    assert (job.state, ImportPiece.objects.exists()) == ("cancelled", False)


def test_read_in_another_encoding_the_same_columns_keep_what_was_chosen_for_them() -> None:
    job = upload("Wert,Email\nReno,ana@example.com\n")
    mapping = {"0": "city", "1": "email"}
    receiving.choose(job, mapping=mapping, options={"region": "CA"}, static_list=None)

    receiving.read_again(job, encoding="cp1252", delimiter=",")
    job.refresh_from_db()
    assert (job.mapping, job.options["region"], job.encoding) == (mapping, "CA", "cp1252")

    receiving.read_again(job, encoding="cp1252", delimiter=";")
    job.refresh_from_db()
    assert job.mapping != mapping


def test_the_country_of_this_instance_is_offered_whichever_it_is() -> None:
    DEFAULT_REGION.set("NL")

    asked = MappingForm(upload(emails(1)))

    assert asked["region"].value() == "NL"
    assert "NL" in dict(asked.fields["region"].choices)  # type: ignore[attr-defined]
    assert asked.options()["region"] == "NL"


def test_one_that_failed_can_be_left_at_that(now: datetime) -> None:
    job = begin(emails(3))
    ImportJob.objects.update(state="failed", finished_at=NOON, stopped_in="waiting")

    assert importing.cancel(job, now=now)

    job.refresh_from_db()
    assert (job.state, job.finished_at, job.pieces.exists()) == ("cancelled", NOON, False)


def test_an_undo_that_failed_is_no_import_to_be_left() -> None:
    job = begin(emails(3))
    ImportJob.objects.update(state="failed", finished_at=NOON, stopped_in="undoing")

    assert not importing.cancel(job, now=NOON)
