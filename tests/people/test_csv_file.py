import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import csv_file
from people.csv_file import NotTaken, Row, Shape, look, read_in
from people.encodings import Utf8

EVERY_ENCODING = ["utf-8", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "cp932", "euc_jp"]


def shape_of(content: bytes) -> Shape:
    utf8 = Utf8()
    utf8.feed(content, is_last=True)
    return look(content[: csv_file.HEAD], is_utf8=utf8.is_so)


def rows(content: bytes, shape: Shape | None = None, **bounds: int) -> list[Row]:
    """Every row, read stretch by stretch, as the two passes do."""
    return [row for stretch in stretches(content, shape, **bounds) for row in stretch.rows]


def stretches(
    content: bytes, shape: Shape | None = None, **bounds: int
) -> Iterator[csv_file.Stretch]:
    shape = shape or shape_of(content)
    place, line = shape.start, 2
    while place < len(content):
        found = csv_file.stretch(
            lambda at: content[at : at + 70_000], shape, start=place, line=line, **bounds
        )
        yield found
        assert found.end > place
        place, line = found.end, found.line


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_knows_the_encodings_people_save_in(encoding: str, found: str) -> None:
    content = "Name,City\nZoë,Montréal\n".encode(encoding)

    shape = shape_of(content)

    assert (shape.encoding, shape.delimiter, shape.columns) == (found, ",", ["Name", "City"])
    assert rows(content) == [Row(2, ["Zoë", "Montréal"])]


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
def test_knows_japanese_by_its_kana(encoding: str) -> None:
    content = "名前,都市\nさくら,トウキョウ\n".encode(encoding)

    assert shape_of(content).encoding == encoding
    assert rows(content) == [Row(2, ["さくら", "トウキョウ"])]


@pytest.mark.parametrize("encoding", EVERY_ENCODING)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_chosen_encoding_gives_the_same_rows_from_any_place(
    encoding: str, newline: str
) -> None:
    word = {"cp932": "表\\ソ", "euc_jp": "東京"}.get(encoding, "Zoë" if "-1" in encoding else "Zoe")
    lines = [f'{word}{n},"a{newline}b",x' for n in range(50)]
    content = newline.join(["A,B,C", *lines]).encode(encoding)

    found = rows(content, read_in(content, encoding, ","), most=7)

    expected = [Row(n + 2, [f"{word}{n}", f"a{newline}b", "x"]) for n in range(50)]
    assert found == expected


def test_a_chosen_encoding_that_does_not_fit_rejects_the_rows_it_spoils() -> None:
    content = "Name\nAna\nZoë\n".encode("cp1252")

    assert rows(content, read_in(content, "utf-8", ",")) == [
        Row(2, ["Ana"]),
        Row(3, ["Zo\ufffd"], "A letter cannot be read in the chosen encoding."),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(delimiter: str) -> None:
    content = delimiter.join(["Name", "City"]) + "\n" + delimiter.join(['"Dee, Ann"', "York"])

    assert shape_of(content.encode()).delimiter == delimiter


def test_takes_a_file_of_one_column() -> None:
    assert shape_of(b"Email\nana@example.com\n") == Shape("utf-8", ",", ["Email"], 6)


def test_counts_rows_as_a_spreadsheet_does_and_blank_ones_are_none() -> None:
    content = b'Name,City\r\n"An\na",Chicago\r\n\r\nBen,Boston\r\n,\r\n , \r\nCleo,\r\n'

    assert rows(content) == [
        Row(2, ["An\na", "Chicago"]),
        Row(4, ["Ben", "Boston"]),
        Row(7, ["Cleo", ""]),
    ]


def test_lines_end_as_on_any_machine() -> None:
    assert rows(b"Name\rAna\rBen\r") == [Row(2, ["Ana"]), Row(3, ["Ben"])]


def test_says_what_is_wrong_with_a_row_and_reads_on() -> None:
    long, longer = "x" * 10_241, "x" * 140_000
    content = f"Name,City\nAna\nBen,Boston,\n{long},York\n{longer},York\nNu\0,x\nCleo,Nice\n"

    assert rows(content.encode()) == [
        Row(2, ["Ana"], "The row has 1 cells, the header has 2."),
        Row(3, ["Ben", "Boston"]),
        Row(4, ["x" * 200, "York"], "A cell is longer than 10 KB; is a quotation mark missing?"),
        Row(5, ["x" * 200, "York"], "The row is too long, or a quotation mark is never closed."),
        Row(6, ["Nu\0", "x"], "A cell holds a character (NUL) that cannot be kept."),
        Row(7, ["Cleo", "Nice"]),
    ]


def test_a_quotation_mark_that_is_never_closed_costs_one_row() -> None:
    rest = "".join(f"p{n},York\n" for n in range(9_999))
    content = f'Name,City\nAna,Nice\n"Ben,Boston\n{rest}'.encode()

    found = rows(content)

    assert found[:3] == [
        Row(2, ["Ana", "Nice"]),
        Row(3, ['"Ben', "Boston"], found[1].broken),
        Row(4, ["p0", "York"]),
    ]
    assert "quotation mark" in found[1].broken
    assert (len(found), sum(bool(row.broken) for row in found)) == (10_001, 1)


def test_a_stray_quotation_mark_that_another_row_closes_costs_one_row() -> None:
    content = b'Name,City\n"Ben,Boston\nAna,York\n"Dee, Ann",Nice\nCleo,Nice\n'

    assert [(row.number, row.cells, bool(row.broken)) for row in rows(content)] == [
        (2, ['"Ben', "Boston"], True),
        (3, ["Ana", "York"], False),
        (4, ["Dee, Ann", "Nice"], False),
        (5, ["Cleo", "Nice"], False),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The first row is empty"),
        (b"\n\n", "The first row is empty"),
        (b"Name\n", "no row below"),
        (b"Name,City\0\n\x89PNG\0\0\0", "not a text file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "row|text"),
        (b"PK\x03\x04" + b"\0" * 99, "an Excel workbook or another archive"),
        (b"," * 300 + b"\n1\n", "The first row is empty"),
        (b"a," * 300 + b"\n1\n", "more than 200 columns"),
        (b"a," * 1_000_000 + b"\n1\n", "more than 200 columns"),
        (b"a," * 2_000_000 + b"\n1\n", "A line is longer"),
        (b"x" * 5_000_000, "A line is longer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_says_why_a_file_is_not_taken(content: bytes, why: str) -> None:
    with pytest.raises(NotTaken, match=why):
        shape_of(content)


BOMBS = [
    b'"' * 2_000_000,
    b'"' + b"x,\n" * 500_000,
    b'","\n' * 400_000,
    b",\n" * 900_000,
    b'"""\n' * 300_000,
    b'x,"\n' * 300_000,
    b"\n" * 1_000_000,
    b"," * 1_900_000 + b"\n",
]


@pytest.mark.timed
@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_bombs_of_quotes_and_commas_are_over_quickly(bomb: bytes) -> None:
    began = time.process_time()
    for stretch in stretches(b"a,b\n1,2\n" + bomb):
        assert all(len(row.cells) <= 200 for row in stretch.rows)

    assert time.process_time() - began < 20


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused_with_a_reason(content: bytes) -> None:
    try:
        shape = shape_of(content)
    except NotTaken:
        return
    numbers = [row.number for row in rows(content, shape)]
    assert numbers == sorted(set(numbers))


TEXT = st.text(st.sampled_from('ab,"\r\n é'), max_size=60)


@given(TEXT, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]), st.integers(1, 5))
def test_rows_are_the_same_wherever_reading_stops_in_between(
    text: str, encoding: str, most: int
) -> None:
    content = f"a,b\nx,y\n{text}".encode(encoding)
    shape = read_in(content, encoding, ",")

    assert rows(content, shape, most=most) == rows(content, shape)
