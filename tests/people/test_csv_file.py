import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import csv_file
from people.csv_file import NotTaken, Row, Shape, rows, survey


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_reads_the_encodings_people_save_in(encoding: str, found: str) -> None:
    content = "Name,City\nZoë,Montréal\n".encode(encoding)

    shape = survey(content)

    assert shape == Shape(found, ",", ["Name", "City"], 1)
    assert list(rows(content, shape)) == [Row(2, ["Zoë", "Montréal"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(delimiter: str) -> None:
    content = delimiter.join(["Name", "City"]) + "\n" + delimiter.join(['"Dee, Ann"', "York"])

    assert survey(content.encode()).delimiter == delimiter


def test_takes_a_file_of_one_column() -> None:
    assert survey(b"Email\nana@example.com\n") == Shape("utf-8", ",", ["Email"], 1)


def test_counts_rows_as_a_spreadsheet_does_and_forgets_empty_ones_at_the_end() -> None:
    content = b'Name,City\r\n"An\na",Chicago\r\n\r\nBen,Boston\r\n\r\n,\r\n'
    shape = survey(content)

    assert list(rows(content, shape)) == [
        Row(2, ["An\na", "Chicago"]),
        Row(3, []),
        Row(4, ["Ben", "Boston"]),
    ]


def test_goes_on_where_it_is_told() -> None:
    content = b"Name\nAna\nBen\nCleo\n"

    assert list(rows(content, survey(content), start=2)) == [Row(4, ["Cleo"])]


def test_says_what_is_wrong_with_a_row_and_reads_on() -> None:
    long, longer = "x" * 10_241, "x" * 140_000
    content = f"Name,City\nAna\nBen,Boston,\n{long},York\n{longer},York\nCleo,Nice\n".encode()

    assert list(rows(content, survey(content))) == [
        Row(2, ["Ana"], "The row has 1 cells, the header has 2."),
        Row(3, ["Ben", "Boston"]),
        Row(4, ["x" * 200, "York"], "A cell is longer than 10 KB; is a quotation mark missing?"),
        Row(5, [], "The row is too long, or a quotation mark is never closed."),
        Row(6, ["Cleo", "Nice"]),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The first row is empty"),
        (b"\n\n", "The first row is empty"),
        (b"Name\n", "no row below"),
        (b"Name\n\n\n", "no row below"),
        (b"Name,City\n\x89PNG\0\0", "not a text file"),
        (b"Name\n\x81\x8d\n", "neither UTF-8"),
        (b"PK\x03\x04" + b"\0" * 99, "an Excel workbook"),
        (b"," * 300 + b"\n1\n", "The first row is empty"),
        (b"a," * 300 + b"\n1\n", "more than 200 columns"),
        (b"a,b\n" + b"x" * 3_000_000, "A line is longer"),
        (b"a\n" + b"x" * (csv_file.MAX_BYTES), "larger than 20 MB"),
        (b"a\n" + b"x\n" * 500_001, "more than 500,000 rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_says_why_a_file_is_not_taken(content: bytes, why: str) -> None:
    with pytest.raises(NotTaken, match=why):
        survey(content)


@pytest.mark.timed
@pytest.mark.parametrize(
    "bomb",
    [b'"' * 2_000_000, b'a,b\n"' + b"x,\n" * 500_000, b'","\n' * 400_000, b",\n" * 900_000],
)
def test_bombs_of_quotes_and_commas_are_over_quickly(bomb: bytes) -> None:
    began = time.process_time()
    try:
        shape = survey(b"a,b\n" + bomb)
        assert all(len(row.cells) <= 200 for row in rows(b"a,b\n" + bomb, shape))
    except NotTaken:
        pass

    assert time.process_time() - began < 10


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused_with_a_reason(content: bytes) -> None:
    try:
        shape = survey(content)
    except NotTaken:
        return
    assert [row.number for row in rows(content, shape)] == list(range(2, shape.rows + 2))
