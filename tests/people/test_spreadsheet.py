import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import spreadsheet

cells = st.text(st.sampled_from("=+-@'\t\r\n \uff1d\uff0b\uff0d\uff201.aé\""), max_size=8)


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", " =1", "'=1"],
)
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert spreadsheet.safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+13125550142", "-3", "-3.5", "Ana", "", "'quoted'", "a=b"])
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    assert spreadsheet.safe(cell) == cell


@given(cells)
def test_what_we_wrote_we_read_back(cell: str) -> None:
    assert spreadsheet.plain(spreadsheet.safe(cell)) == cell or cell != spreadsheet.plain(cell)


@given(st.lists(st.lists(cells, min_size=1), min_size=1))
def test_a_file_holds_its_rows(rows: list[list[str]]) -> None:
    text = "".join(spreadsheet.lines(rows))

    read = list(csv.reader(io.StringIO(text.removeprefix(spreadsheet.BOM), newline="")))
    assert read == [[spreadsheet.safe(cell) for cell in row] for row in rows]
