"""A job whose slice fails ends in words and goes on when it is tried again; what passes is tried anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import OperationalError
from django.test import Client
from structlog.testing import capture_logs

from people import checking, columns, csv_file, exporting, importing, tasks, undoing
from people.models import ExportJob, ExportPiece, ImportJob, Person
from tests.people import files, make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
WORDS = "Nothing is lost: try again"


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.fixture(autouse=True)
def _ten_rows_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 10)


def emails(count: int) -> str:
    return "Email\n" + "".join(f"p{n}@example.com\n" for n in range(count))


@pytest.fixture
def half_written(monkeypatch: pytest.MonkeyPatch) -> ExportJob:
    """An export of three people, two of whom are in the file."""
    monkeypatch.setattr(exporting, "SLICE", 2)
    make.people(3)
    source = exporting.sources.get("people")
    job = exporting.begin(source, {}, columns=["email"], user=None, now=NOON)
    exporting.write_slices(job.pk, now=NOON, slices=1)
    return job


def test_an_import_that_fails_stops_and_the_trace_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = files.begin(emails(3))

    with monkeypatch.context() as broken, capture_logs() as logs:
        broken.setattr(columns, "read", failing(KeyError("secret")))
        assert importing.take_slices(job.pk, now=NOON) is False

    job.refresh_from_db()
    assert (job.state, WORDS in job.error, "secret" in job.error) == ("failed", True, False)
    assert f"“import {job.pk}” (KeyError)" in job.error
    assert [(each["event"], each["job"]) for each in logs] == [("job-stopped", f"import {job.pk}")]
    assert logs[0]["exc_info"]
    assert importing.next_job() is None  # no tick finds it again


def test_an_import_tried_again_goes_on_from_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    job = files.begin(emails(30))
    importing.take_slices(job.pk, now=NOON, slices=1)
    taken = Person.objects.count()
    with monkeypatch.context() as broken:
        broken.setattr(columns, "read", failing(KeyError("x")))
        importing.take_slices(job.pk, now=NOON)
    job.refresh_from_db()

    assert importing.retry(job) is True

    assert 0 < taken == job.position < 30
    assert files.counts(files.finish(job)) == ("done", 30, 30, 0, 0, 0)


def test_the_next_import_has_its_turn_after_one_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, _second = files.begin(emails(3)), files.begin("Email\nz@example.com\n")
    monkeypatch.setattr(columns, "read", failing(KeyError("x")))

    assert importing.take_slices(first.pk, now=NOON) is True


def test_an_export_that_fails_stops_and_goes_on_when_it_is_tried_again(
    half_written: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = half_written
    with monkeypatch.context() as broken:
        broken.setattr(exporting, "_cells", failing(ZeroDivisionError()))
        assert exporting.write_slices(job.pk, now=NOON) is False
    job.refresh_from_db()
    assert (job.state, WORDS in job.error, job.rows) == ("failed", True, 2)
    assert exporting.unfinished() == []

    assert exporting.retry(job) is True
    exporting.write_slices(job.pk, now=NOON)

    job.refresh_from_db()
    assert (job.state, job.error, job.rows) == ("done", "", 3)
    text = b"".join(exporting.content(job)).decode("utf-8-sig").split()
    assert text == ["Email", "Address", *(f"person{n}@example.com" for n in range(3))]
    assert exporting.retry(job) is False


def test_trouble_of_the_database_passes_and_is_tried_anew(
    half_written: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = files.begin(emails(3))
    locked = failing(OperationalError("database is locked"))
    monkeypatch.setattr(columns, "read", locked)
    monkeypatch.setattr(exporting, "_cells", locked)

    with pytest.raises(OperationalError):
        importing.take_slices(job.pk, now=NOON)
    with pytest.raises(OperationalError):
        exporting.write_slices(half_written.pk, now=NOON)

    assert importing.next_job() == job.pk
    assert exporting.unfinished() == [half_written.pk]


def test_looking_through_that_fails_goes_back_to_the_mapping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = files.upload(emails(3))
    assert checking.begin(job)
    monkeypatch.setattr(columns, "read", failing(KeyError("x")))

    assert checking.look_through(job.pk, now=NOON) is False

    job.refresh_from_db()
    assert (job.state, WORDS in job.error) == ("mapping", True)


def test_undoing_that_fails_stops_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    job = files.finish(files.begin(emails(3)))
    assert undoing.begin(job, now=NOON)
    with monkeypatch.context() as broken:
        broken.setattr(undoing.Slice, "write", failing(KeyError("x")))
        assert undoing.undo_slices(job.pk, now=NOON) is False
    job.refresh_from_db()
    assert (job.state, job.stopped_in, WORDS in job.error) == ("failed", "undoing", True)

    assert importing.retry(job) is True
    while undoing.undo_slices(job.pk, now=NOON):
        pass

    assert ImportJob.objects.get().state == "undone"
    assert not Person.objects.present().exists()


def test_who_stops_does_not_stop_somebody_who_came_further() -> None:
    job = files.begin(emails(30))
    importing.take_slices(job.pk, now=NOON, slices=1)
    behind = ImportJob.objects.get()
    importing.take_slices(job.pk, now=NOON, slices=1)

    importing.stop(behind, "x", now=NOON)

    assert ImportJob.objects.get().state == "running"


def test_half_a_file_is_let_go_of_after_a_day(
    half_written: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_cells", failing(KeyError("x")))
    exporting.write_slices(half_written.pk, now=NOON)

    assert exporting.forget_old(NOON + timedelta(hours=25)) == 1

    assert not ExportPiece.objects.exists()
    assert exporting.retry(half_written) is False


def test_the_page_of_an_export_that_stopped_tries_it_again(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    ada = User.objects.create_user("ada")
    ada.user_permissions.add(Permission.objects.get(codename="export_people"))
    client.force_login(ada)
    make.person(email="ana@example.com")
    source = exporting.sources.get("people")
    job = exporting.begin(source, {}, columns=["email"], user=ada, now=NOON)
    with monkeypatch.context() as broken:
        broken.setattr(exporting, "_cells", failing(KeyError("x")))
        exporting.write_slices(job.pk, now=NOON)
    rung: list[int] = []
    monkeypatch.setattr(tasks.write_export, "delay", lambda *, job_id: rung.append(job_id))

    page = client.get(f"/database/exports/{job.pk}/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/database/exports/{job.pk}/retry/")

    assert ("Try again" in page, WORDS in page) == (True, True)
    assert (ExportJob.objects.get().state, rung) == ("waiting", [job.pk])
