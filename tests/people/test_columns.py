from typing import Any

import pytest

from people import columns, fields, matching
from people.csv_file import Row
from tests.people.make import NOON

EVERYTHING = {"0": "email", "1": "mobile_typed", "2": "first_name", "3": "score", "4": "time_zone"}


def read(*cells: str) -> columns.Reading:
    return columns.read(Row(2, list(cells)), plan(EVERYTHING))


def plan(mapping: dict[str, str], **options: Any) -> columns.Plan:
    known = columns.choices(fields.STANDARD)
    return columns.Plan(mapping, known, matching.get("email", known), NOON, **options)


def test_suggests_a_field_for_every_usual_header_once() -> None:
    headers = ["E-mail", "FIRST_NAME", "lastName", "Cell Phone", "Phone", "ZIP", "Shoe size"]

    assert columns.suggest(headers, fields.STANDARD) == {
        "0": "email",
        "1": "first_name",
        "2": "last_name",
        "3": "mobile_typed",
        "5": "postal_code",
    }


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ({"0": "email"}, ""),
        ({"0": "city"}, "Map at least one column to an e-mail address, a phone number or a name."),
        (
            {"0": "email", "3": "email"},
            "Two columns are mapped to Email Address. Ignore one of them.",
        ),
    ],
)
def test_says_what_is_wrong_with_a_mapping(mapping: dict[str, str], complaint: str) -> None:
    assert columns.complaint(mapping, fields.STANDARD) == complaint


def test_reads_a_good_row() -> None:
    reading = read(" mailto:Ana@EXAMPLE.com", "'+1 (312) 555-0142", "Ana", "-3", "America/Chicago")

    assert reading == columns.Reading(
        reading.row,
        {
            "email": "Ana@example.com",
            "mobile_typed": "+1 (312) 555-0142",
            "mobile": "+13125550142",
            "mobile_region": "US",
            "first_name": "Ana",
            "score": -3,
            "time_zone": "America/Chicago",
        },
        key="ana@example.com",
    )


def test_keeps_a_person_whose_number_is_rubbish_and_the_rubbish() -> None:
    reading = read("ana@example.com", "call me", "", "", "")

    assert (reading.rejected, reading.invalid_number) == ("", "call me")
    assert reading.values == {
        "email": "ana@example.com",
        "mobile_typed": "call me",
        "mobile": "",
        "mobile_region": "",
    }


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("", "", "", "", ""), "There is no e-mail address, no phone number and no name."),
        (("ana@", "", "Ana", "", ""), "Email Address: “ana@” is not an e-mail address."),
        (
            ("", "12", "", "5", ""),
            "“12” is not a valid number, and there is no e-mail address or name.",
        ),
        (("", "", "", "5", ""), "There is no e-mail address, no phone number and no name."),
        (("", "", "Ana", "many", ""), "Score: “many” is not a whole number."),
        (("", "", "Ana", "9" * 5_000, ""), f"Score: “{'9' * 59}…” is not a whole number."),
        (
            ("", "", "Ana", "", "Mars"),
            "Time Zone: “Mars” is not a time zone such as America/Chicago.",
        ),
        (("", "", "A" * 256, "", ""), "First Name: This is longer than 255 characters."),
    ],
)
def test_says_why_a_row_is_rejected(cells: tuple[str, ...], why: str) -> None:
    assert read(*cells).rejected == why
