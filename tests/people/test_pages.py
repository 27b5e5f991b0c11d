from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people import activity, checking, defining, importing, uploads
from people.activity import Happening
from people.models import (
    Activity,
    ColumnView,
    CustomField,
    ImportJob,
    ImportPiece,
    ImportReject,
    Person,
    StaticList,
)
from tests.people import files, make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client) -> Client:
    """A browser in which Ada is signed in, who may import, and lift restrictions."""
    client.force_login(make.user("ada", "import_people", "see_all_jobs", "lift_flags"))
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def statements(browser: Client, url: str) -> int:
    browser.get(url)  # what is cached once is not counted
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


PAGES: dict[str, Callable[[], str]] = {
    "database": lambda: reverse("people:database"),
    "search": lambda: reverse("people:database") + "?q=person",
    "new person": lambda: reverse("people:new-person"),
    "person": lambda: reverse("people:person", args=[Person.objects.latest("pk").pk]),
    "memberships": lambda: reverse("people:memberships", args=[Person.objects.latest("pk").pk]),
    "may we text": lambda: reverse("people:may-we-text", args=[Person.objects.latest("pk").pk]),
    "value history": lambda: reverse(
        "people:value-history", args=[Person.objects.latest("pk").pk, "city"]
    ),
    "sorted": lambda: reverse("people:database") + "?sort=-email",
    "fields": lambda: reverse("people:fields"),
    "new view": lambda: reverse("people:new-view"),
    "log": lambda: reverse("people:log", args=[Person.objects.latest("pk").pk]),
    "lists": lambda: reverse("people:lists"),
    "list": lambda: reverse("people:list", args=[StaticList.objects.latest("pk").pk]),
    "imports": lambda: reverse("people:imports"),
    "mapping": lambda: reverse("people:import", args=[ImportJob.objects.latest("pk").pk]),
}


def some_of_everything(number: int) -> None:
    people = make.people(number)
    make.static_list(f"List {number}", *people)
    for _ in range(number):
        files.upload("Email\nana@example.com\n")
        label = f"Own {CustomField.objects.count()}"
        defining.define(label, "string", by=None, now=NOON)
        ColumnView.objects.create(user=User.objects.get(), name=label, columns=["city"])
    lines = [Happening(people[-1].pk) for _ in range(number)]
    activity.record(activity.NEW_PERSON, lines, at=NOON)
    changes = [Happening(people[-1].pk, {"changes": {"city": ["", "Rome"]}}) for _ in range(number)]
    activity.record(activity.CHANGE_DATA_VALUE, changes, at=NOON)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_the_same_statements_however_much_it_shows(ada: Client, page: str) -> None:
    some_of_everything(2)
    few = statements(ada, PAGES[page]())
    some_of_everything(20)

    assert statements(ada, PAGES[page]()) == few


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_page_without_signing_in(client: Client, page: str) -> None:
    User.objects.create_user("ada")
    some_of_everything(1)

    response = client.get(PAGES[page]())

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_database_finds_people_in_a_partial_and_in_a_page(ada: Client) -> None:
    make.person(first_name="Ana", mobile="312-555-0142")
    make.person(first_name="Ben")

    partial = text(ada.get("/database/?q=an", headers=HTMX))
    page = text(ada.get("/database/?q=an"))

    assert partial.strip().startswith('<div id="people">')
    assert "+1 312-555-0142" in partial
    assert ("Ana" in partial, "Ben" in partial, "Ana" in page, "<html" in page) == (
        *(True, False, True, True),
    )


def test_pages_of_a_search_keep_its_words(ada: Client) -> None:
    make.people(60)

    page = text(ada.get("/database/", {"q": "person&1"}))
    assert "Nobody found" in page
    assert "&amp;q=person%40" not in page
    assert "&amp;q=person" in text(ada.get("/database/", {"q": "person"}))


def test_a_new_person_is_made_with_the_number_that_was_typed(ada: Client) -> None:
    typed = {"first_name": "Ana", "mobile_typed": "(312) 555-0142", "score": "0"}

    response = ada.post("/database/people/new/", typed)

    ana = Person.objects.get()
    assert response["Location"] == f"/database/people/{ana.pk}/"
    assert (ana.mobile, ana.mobile_typed, ana.mobile_region) == (
        *("+13125550142", "(312) 555-0142", "US"),
    )
    assert Activity.objects.get().details == {"by": "ada"}


def test_errors_keep_what_was_typed(ada: Client) -> None:
    typed = {"first_name": "<Ana>", "mobile_typed": "12", "email": "ana@", "score": "0"}

    response = ada.post("/database/people/new/", typed)

    page = text(response)
    assert response.status_code == 422
    assert 'value="&lt;Ana&gt;"' in page
    assert "This is not a valid phone number." in page
    assert "“ana@” is not an e-mail address." in page
    assert not Person.objects.exists()


def test_a_person_is_somebody(ada: Client) -> None:
    response = ada.post("/database/people/new/", {"city": "Chicago", "score": "0"})

    assert "Give a name, an e-mail address or a phone number." in text(response)


def test_a_switch_blocks_a_person_and_the_history_says_who_did(ada: Client) -> None:
    ana = make.person(first_name="Ana")
    switch = {"flag": "block_listed", "value": "yes"}

    answer = ada.post(f"/database/people/{ana.pk}/flag/", switch, headers=HTMX)
    history = text(ada.get(f"/database/people/{ana.pk}/log/", headers=HTMX))
    again = ada.post(f"/database/people/{ana.pk}/flag/", switch | {"value": "no"})

    assert 'aria-checked="true"' in text(answer)
    assert "person-changed" in answer["HX-Trigger"]
    assert "Block Listed from no to yes, by ada" in history
    assert again["Location"] == f"/database/people/{ana.pk}/"
    assert Activity.objects.count() == 2


@pytest.mark.parametrize("flag", ["city", "deleted_at", "", "pk"])
def test_a_switch_turns_nothing_but_flags(ada: Client, flag: str) -> None:
    ana = make.person()

    response = ada.post(f"/database/people/{ana.pk}/flag/", {"flag": flag, "value": "yes"})

    assert response.status_code == 404


def test_a_deleted_person_has_no_page(ada: Client) -> None:
    ana = make.person(deleted_at=NOON)

    assert ada.get(f"/database/people/{ana.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("setting", "tab"), [("PERSON_PANELS", "may-we-text"), ("PERSON_MEMBERSHIPS", "memberships")]
)
def test_other_apps_panels_load_by_themselves(
    ada: Client, settings: Any, setting: str, tab: str
) -> None:
    setattr(settings, setting, ["people:log", "no-such:panel"])
    ana = make.person()

    page = text(ada.get(f"{ana.get_absolute_url()}{tab}/"))
    assert f'hx-get="/database/people/{ana.pk}/log/"' in page


def test_lists_are_made_filled_and_emptied(ada: Client) -> None:
    ana = make.person(first_name="Ana")

    made = ada.post("/database/lists/", {"name": "Newsletter"})
    ada.post(f"/database/people/{ana.pk}/add-to-list/", {"list": StaticList.objects.get().pk})
    assert "Ana" in text(ada.get(made["Location"]))
    ada.post(made["Location"] + "remove/", {"person": [ana.pk, "x"]})

    assert not StaticList.objects.get().members.exists()
    assert "There is a list of this name already." in text(
        ada.post("/database/lists/", {"name": "Newsletter"})
    )


def upload(browser: Client, content: bytes | str) -> Any:
    content = content.encode() if isinstance(content, str) else content
    return browser.post("/database/imports/", {"file": SimpleUploadedFile("people.csv", content)})


def test_a_file_is_uploaded_mapped_and_taken(ada: Client) -> None:
    there = upload(ada, "E-mail,Phone,Size\nana@example.com,312-555-0142,38\n,12,\n")["Location"]
    page = text(ada.get(there))
    assert "+13125550142" in page
    assert "“12” is not a valid number, and there is no e-mail address or name." in page

    chosen = {"column-0": "email", "column-1": "mobile_typed", "column-2": "ignore"}
    chosen |= {"key": "email"}
    ada.post(there, chosen | {"region": "US", "new_list": "From the fair"})
    job = ImportJob.objects.get()
    assert job.state == "checking"
    assert "rows so far" in text(ada.get(there))
    checking.look_through(job.pk, now=NOON)
    assert not Person.objects.exists()
    page = text(ada.get(there))
    assert "What the import would do" in page
    assert "“…” is not a valid number, and there is no e-mail address or name." in page
    ada.post(there + "start/")
    importing.take_slices(job.pk, now=NOON)

    page = text(ada.get(there))
    assert "Rejected rows" in page
    assert list(StaticList.objects.get().members.values_list("mobile", flat=True)) == [
        "+13125550142"
    ]


def test_the_preview_follows_the_dropdowns(ada: Client) -> None:
    there = upload(ada, "E-mail,Phone\nana@example.com,0612345678\n")["Location"]

    french = ada.post(there + "preview/", {"column-1": "mobile_typed", "region": "FR"})
    nothing = ada.post(there + "preview/", {"region": "US"})

    assert "+33612345678" in text(french)
    assert "ana@example.com" not in text(french)
    assert "Map at least one column" in text(nothing)


def test_a_wrong_mapping_keeps_the_file_and_the_choices(ada: Client) -> None:
    there = upload(ada, "E-mail,Phone\nana@example.com,1\n")["Location"]

    response = ada.post(there, {"column-0": "email", "column-1": "email", "region": "CA"})

    assert response.status_code == 422
    assert "Two columns are mapped to Email Address." in text(response)
    assert '<option value="CA" selected>' in text(response)
    assert ImportPiece.objects.count() == 1


def test_a_field_that_does_not_exist_is_refused(ada: Client) -> None:
    there = upload(ada, "E-mail\nana@example.com\n")["Location"]

    response = ada.post(there, {"column-0": "deleted_at", "region": "US"})

    assert response.status_code == 422
    assert ImportJob.objects.get().state == "mapping"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "The submitted file is empty."),
        ("Name\n", "no row below"),
        (b"PK\x03\x04\0", "an Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(
    ada: Client, content: str | bytes, why: str
) -> None:
    response = upload(ada, content)

    assert (response.status_code, why in text(response)) == (422, True)


def test_a_file_that_is_too_large_is_not_kept(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("people.csv_file.MAX_BYTES", 100_000)

    response = upload(ada, b"x" * 200_000)

    assert response.status_code == 422
    assert "The file is larger than 100 MB." in text(response)
    assert "Choose a file." not in text(response)


def test_a_file_that_is_far_too_large_is_not_even_read(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "WAY_TOO_MUCH", 1_000)

    assert upload(ada, b"x" * 2_000).status_code == 413


def test_an_upload_from_another_site_is_refused(ada: Client) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = ada.cookies

    assert upload(careful, "Name\nAna\n").status_code == 403


def test_progress_asks_again_until_it_is_done(ada: Client) -> None:
    job = files.begin("First Name\nAna\n")
    there = f"/database/imports/{job.pk}/progress/"

    assert 'hx-trigger="every 1s"' in text(ada.get(there, headers=HTMX))
    importing.take_slices(job.pk, now=NOON)
    assert "every 1s" not in text(ada.get(there, headers=HTMX))


def test_rejects_come_back_as_a_file_no_spreadsheet_calculates(ada: Client) -> None:
    job = make.import_job(columns=["Name", "Phone"], state="done")
    ImportReject.objects.create(job=job, number=3, reason="Why", cells=["=1+1", "+13125550142"])
    ImportReject.objects.create(job=job, number=4, reason="Short", cells=["Ana"])

    response = ada.get(f"/database/imports/{job.pk}/rejects.csv")

    assert b"".join(response).decode("utf-8-sig") == (
        "Name,Phone,Row,Reason\r\n'=1+1,+13125550142,3,Why\r\nAna,,4,Short\r\n"
    )
    assert response["Content-Disposition"] == f'attachment; filename="rejected-rows-{job.pk}.csv"'


def test_many_rejects_are_shown_page_by_page(ada: Client) -> None:
    job = make.import_job(columns=["Name"], state="done")
    ImportReject.objects.bulk_create(
        ImportReject(job=job, number=n, reason=f"Reason {n}.", cells=[]) for n in range(2, 62)
    )

    first, second = (
        text(ada.get(f"/database/imports/{job.pk}/{query}")) for query in ("", "?after=51")
    )

    assert ("Reason 51." in first, "Reason 52." in first, "?after=51" in first) == (
        True,
        False,
        True,
    )
    assert ("Reason 51." in second, "Reason 61." in second) == (False, True)


def test_an_import_is_stopped_and_tried_again(ada: Client) -> None:
    failed = make.import_job(state="failed", error="too long")
    waiting = make.import_job(state="waiting")

    assert "too long" in text(ada.get(f"/database/imports/{failed.pk}/"))
    ada.post(f"/database/imports/{failed.pk}/retry/")
    ada.post(f"/database/imports/{waiting.pk}/cancel/")

    assert set(ImportJob.objects.values_list("pk", "state")) == {
        (failed.pk, "waiting"),
        (waiting.pk, "cancelled"),
    }
