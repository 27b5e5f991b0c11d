"""What a file is taken for, what the first pass counts, and by what people are told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import checking, csv_file, defining, receiving
from people.models import Activity, ImportJob, ImportKey, ImportReject, Person
from tests.people import make
from tests.people.files import begin, check, counts, finish, upload
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


def test_counts_everything_before_anything_is_written() -> None:
    make.person(email="ana@example.com")
    job = check(
        "Email,Mobile,Score\n"
        "Ana@example.com,(312) 555-0142,\n"  # known, number fixed
        "ben@example.com,+13125550143,\n"  # new
        "BEN@example.com,12,\n"  # the same again, number not valid
        "ana@example.com,,\n"  # the same again
        "x@,,\ny@,,\n"
        "cleo@example.com,,many\n"
        ",(312) 555-0144,\n"  # does not say who
    )

    assert (job.state, job.rows) == ("checked", 8)
    assert job.forecast == {
        "new": 2,
        "updated": 3,
        "rejected": 3,
        "invalid": 1,
        "fixed": 2,
        "twice": 2,
        "keyless": 1,
        "evidence": 0,
        "reasons": {
            "Email Address: “…” is not an e-mail address.": 2,
            "Score: “…” is not a whole number.": 1,
        },
    }
    assert (Person.objects.count(), Activity.objects.count()) == (1, 0)
    assert not ImportKey.objects.exists()
    done = finish(begin(_again(job)))
    assert counts(done) == ("done", 8, 2, 3, 3, 1)


def _again(job: ImportJob) -> ImportJob:
    assert checking.back(job)
    job.refresh_from_db()
    return job


def test_the_forecast_is_the_same_in_slices_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    content = "Email,City\n" + "".join(f"p{n % 7}@example.com,{n}\n,x\n" for n in range(40))
    whole = check(content).forecast
    monkeypatch.setattr(csv_file, "SLICE", 3)

    assert check(content).forecast == whole
    assert whole["new"] == 7
    assert whole["twice"] == 33


def test_the_same_slice_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SLICE", 2)
    job = upload("Email\na@example.com\nb@example.com\nc@example.com\n")
    checking.begin(job)
    first, second = ImportJob.objects.get(), ImportJob.objects.get()

    assert checking.look_at_slice(first, now=NOON) is True
    assert checking.look_at_slice(second, now=NOON) is False
    checking.look_through(job.pk, now=NOON)

    job.refresh_from_db()
    assert (job.state, job.rows, job.forecast["new"]) == ("checked", 3, 3)


def test_a_slice_of_the_first_pass_costs_the_same_statements_for_any_number_of_rows() -> None:
    assert _statements(4) == _statements(1_000)


def _statements(rows: int) -> int:
    job = upload("Email\n" + "".join(f"p{n}@example.com\n" for n in range(rows)))
    checking.begin(job)
    job.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        checking.look_at_slice(job, now=NOON)
    return len(queries)


def test_what_is_wrong_further_down_leads_back_to_the_mapping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_file, "MAX_ROWS", 3)
    job = upload("Email\n" + "a@example.com\n" * 4)
    checking.begin(job)

    assert checking.look_through(job.pk, now=NOON) is False

    job.refresh_from_db()
    assert (job.state, job.error) == (
        "mapping",
        "The file has more than 500,000 rows. Split it, please.",
    )


def test_a_file_of_blank_lines_has_no_row() -> None:
    job = upload("Email,Name\n,\n\n , \n")
    checking.begin(job)
    checking.look_through(job.pk, now=NOON)

    job.refresh_from_db()
    assert (job.state, job.error) == ("mapping", "There is no row below the header.")


# --- Who is the same person ------------------------------------------------------------------------


def test_by_number_the_oldest_with_it_is_meant_in_any_spelling() -> None:
    ana = make.person(first_name="Ana", mobile="312-555-0142")
    make.person(first_name="Ben", mobile="312-555-0142")

    job = finish(begin("Mobile,City\n(312) 555 0142,Nice\n416-555-0100,Oslo\n", key="mobile_typed"))

    assert counts(job) == ("done", 2, 1, 1, 0, 0)
    ana.refresh_from_db()
    assert (ana.city, ana.mobile_typed) == ("Nice", "312-555-0142")


def test_by_a_custom_field_in_any_case() -> None:
    defining.define("Card", "string", by=None, now=NOON)
    ana = make.person(first_name="Ana", custom={"card": "Éa-1"})

    content = "First,Card,Email\nAnna,éA-1,ana@example.com\nBen,B-2,\nBen,b-2,ben@example.com\n"
    job = finish(begin(content, key="custom__card"))

    assert counts(job) == ("done", 3, 1, 2, 0, 0)
    ana.refresh_from_db()
    assert (ana.first_name, ana.email, ana.custom) == ("Anna", "ana@example.com", {"card": "Éa-1"})
    ben = Person.objects.exclude(pk=ana.pk).get()
    assert (ben.email, ben.custom) == ("ben@example.com", {"card": "B-2"})


@pytest.mark.parametrize(
    ("key", "people"), [("email", 2), ("mobile_typed", 2), ("source", 2), ("", 4)]
)
def test_the_same_file_again_makes_nobody_twice_by_any_key(key: str, people: int) -> None:
    content = "Email,Mobile,Source\na@example.com,312-555-0142,A\nb@example.com,312-555-0143,B\n"
    finish(begin(content, key=key))
    lines = Activity.objects.count()

    finish(begin(content, key=key))

    assert Person.objects.count() == people
    assert Activity.objects.count() == (lines if key else 2 * lines)


# --- What a file is remembered for -----------------------------------------------------------------


def test_the_same_headers_are_mapped_as_the_last_time() -> None:
    content = "E-mail,Thing\na@example.com,x\n"
    finish(begin(content, mapping={"0": "email", "1": "city"}, key="email", region="FR"))

    job = upload("E-mail,Thing\nb@example.com,y\n")

    assert job.mapping == {"0": "email", "1": "city"}
    assert (job.options["region"], job.options["key"]) == ("FR", "email")
    assert upload("E-mail,Thing,More\nb@example.com,y,z\n").mapping == {"0": "email"}


def test_the_same_file_is_known_again_before_it_is_started() -> None:
    first = finish(begin("Email\na@example.com\n"))

    assert list(receiving.earlier(upload("Email\na@example.com\n", "copy.csv"))) == [first]
    assert not receiving.earlier(upload("Email\nb@example.com\n")).exists()


# --- Cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day_first", "kept"), [(True, "1990-04-03"), (False, "1990-03-04")])
def test_the_order_of_day_and_month_is_chosen(day_first: bool, kept: str) -> None:
    finish(begin("Email,Birthday\na@example.com,3/4/1990\n", day_first=day_first))

    assert str(Person.objects.get().date_of_birth) == kept


def test_what_programs_write_for_nothing_is_nothing_but_somebody_may_be_called_null() -> None:
    make.person(email="a@example.com", mobile="312-555-0142", city="Nice")

    finish(begin("Email,Mobile,City,Last name\na@example.com,NULL,\\N,NULL\n"))

    ana = Person.objects.get()
    assert (ana.mobile, ana.city, ana.last_name) == ("+13125550142", "Nice", "NULL")


def test_formulas_are_kept_as_they_are_typed() -> None:
    finish(begin("Email,First\na@example.com,=cmd|' /C calc'!A0\n"))

    assert Person.objects.get().first_name == "=cmd|' /C calc'!A0"


# --- Consent ---------------------------------------------------------------------------------------

CONSENT = "Mobile,SMS consent,Consent date,Consent source,Consent wording\n"


def test_consent_comes_in_as_evidence_once_and_never_as_a_membership() -> None:
    content = CONSENT + "312-555-0142,yes,2026-01-02 10:00,Web form /join,I agree to texts\n"
    first = finish(begin(content, key="mobile_typed"))
    finish(begin(content, key="mobile_typed"))

    line = Activity.objects.get(kind="sms_consent_evidence")
    assert line.details == {
        "given_at": "2026-01-02 10:00 UTC",
        "how": "Web form /join",
        "wording": "I agree to texts",
        "mobile": "+13125550142",
        "by": "import of people.csv",
        "import": first.pk,
    }
    assert first.forecast["evidence"] == 1


def test_consent_without_proof_is_a_reject_and_a_no_is_nothing() -> None:
    rows = [
        "312-555-0142,yes,,Form,Words",
        "312-555-0143,yes,2026-01-02,Form,",
        "312-555-0144,yes,2036-01-02,Form,Words",
        "12,yes,2026-01-02,Form,Words",
        "312-555-0145,no,,,",
    ]
    job = finish(begin(CONSENT + "\n".join(rows), key="mobile_typed"))

    assert counts(job)[:5] == ("done", 5, 1, 0, 4)
    assert list(ImportReject.objects.values_list("reason", flat=True)) == [
        "Consent without proof: SMS consent: when it was given is empty.",
        "Consent without proof: SMS consent: the exact wording is empty.",
        "Consent without proof: it is said to be given in the future.",
        "Consent without a valid mobile phone number.",
    ]
    assert not Activity.objects.filter(kind="sms_consent_evidence").exists()


# --- Pages -----------------------------------------------------------------------------------------


@pytest.fixture
def ada(client: Client) -> Client:
    """A browser of somebody who may import, and make fields."""
    client.force_login(make.user("ada", "manage_fields", "import_people", "see_all_jobs"))
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_mapping_with_consent_and_no_proof_is_refused_with_the_reason(ada: Client) -> None:
    job = upload("Mobile,SMS consent\n312-555-0142,yes\n")

    said = ada.post(
        f"/database/imports/{job.pk}/",
        {"column-0": "mobile_typed", "column-1": "consent", "region": "US", "key": ""},
    )

    assert said.status_code == 422
    assert "SMS consent is taken only with its proof." in text(said)


def test_a_key_that_is_not_mapped_is_refused_with_the_reason(ada: Client) -> None:
    job = upload("Mobile\n312-555-0142\n")
    chosen = {"column-0": "mobile_typed", "region": "US", "key": "email"}

    assert "People are told by Email Address" in text(
        ada.post(f"/database/imports/{job.pk}/", chosen)
    )


def test_a_field_is_made_in_passing_and_nothing_chosen_is_lost(ada: Client) -> None:
    job = upload("E-mail,Where,Size\na@example.com,Nice,38\n")
    there = f"/database/imports/{job.pk}/"
    chosen = {"column-0": "email", "column-1": "city", "region": "FR", "key": "email"}
    new = {"new-field-column": "2", "new-field-label": "Shoe size", "new-field-kind": "integer"}

    assert ada.post(f"{there}field/", chosen | new).status_code == 302

    job.refresh_from_db()
    assert job.mapping == {"0": "email", "1": "city", "2": "custom__shoe_size"}
    assert job.options["region"] == "FR"
    again = ada.post(f"{there}field/", chosen | new)
    assert (again.status_code, "There is a field called" in text(again)) == (422, True)


def test_who_may_not_make_fields_makes_none(client: Client) -> None:
    client.force_login(make.user("ben", "import_people", "see_all_jobs"))
    job = upload("E-mail,Size\na@example.com,38\n")
    there = f"/database/imports/{job.pk}/"
    new = {"new-field-column": "1", "new-field-label": "Size", "new-field-kind": "integer"}

    assert "Make this field" not in text(client.get(there))
    assert client.post(f"{there}field/", new).status_code == 403


def test_a_file_is_read_anew_as_it_is_chosen(ada: Client) -> None:
    job = upload("E-mail;Ort\na@example.com;Zürich\n".encode("cp1252"))
    there = f"/database/imports/{job.pk}/"
    assert (job.encoding, job.delimiter) == ("cp1252", ";")

    ada.post(f"{there}reading/", {"encoding": "latin-1", "delimiter": ","})
    job.refresh_from_db()
    assert (job.encoding, job.columns) == ("latin-1", ["E-mail;Ort"])
    ada.post(f"{there}reading/", {"encoding": "utf-8", "delimiter": ";"})

    page = text(ada.get(there))
    assert "A letter cannot be read in the chosen encoding." in page


def test_a_file_that_was_imported_before_says_so(ada: Client) -> None:
    finish(begin("Email\na@example.com\n"))
    job = upload("Email\na@example.com\n")

    page = text(ada.get(f"/database/imports/{job.pk}/"))

    assert "This very file was imported on June 1, 2026" in page
    assert "Mapped as the last file with these columns" in page


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '" onmouseover="x', "=1+1"])
def test_hostile_names_of_columns_and_files_are_inert(ada: Client, name: str) -> None:
    cell = name.replace('"', '""')
    job = upload(f'Email,"{cell}"\na@example.com,"{cell}"\nx@,"{cell}"\n', f"{name}.csv")
    there = f"/database/imports/{job.pk}/"
    mapping = ada.get(there).content.decode()
    finish(begin(job))
    done = ada.get(there).content.decode()

    for page in (mapping, done):
        assert "<script>alert" not in page
        assert '" onmouseover="x' not in page


def test_what_was_remembered_while_looking_goes_with_the_file_of_who_stopped() -> None:
    job = make.import_job(state="failed", stopped_in="checking", finished_at=NOON)
    ImportKey.objects.create(job=job, key="ana@example.com")

    receiving.forget_unmapped(NOON + timedelta(days=30))

    assert not ImportKey.objects.exists()
