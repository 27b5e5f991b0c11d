from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import mobile
from people.mobile import NONE, Mobile
from tests.people.many_numbers import CA, RUBBISH, SPELLINGS, US, rows

numbers = st.builds(
    lambda area, line: (str(area), "555", f"01{line:02}"),
    st.sampled_from(US + CA),
    st.integers(0, 99),
)
examples = st.sampled_from(
    [
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for number in [phonenumbers.example_number_for_type(region, 1)]
        if number
    ]
)


@given(st.text(max_size=40), st.sampled_from(["US", "CA", "FR", "ZZ", ""]))
def test_reading_a_number_never_raises(typed: str, region: str) -> None:
    found = mobile.parse(typed, region=region)

    assert found == NONE or found.e164.startswith("+")


@given(st.text(alphabet="+0123456789()-. ext;#*", max_size=30))
def test_reading_what_looks_like_a_number_never_raises_and_reads_back(typed: str) -> None:
    found = mobile.parse(typed)

    assert mobile.parse(found.e164) == found


@given(numbers, st.sampled_from(SPELLINGS))
def test_every_spelling_of_a_number_is_the_same_number(
    number: tuple[str, str, str], spell: Callable[[str, str, str], str]
) -> None:
    region = "CA" if int(number[0]) in CA else "US"

    assert mobile.parse(spell(*number)) == Mobile("+1" + "".join(number), region)


@given(examples, st.sampled_from(["US", "CA", "GB"]))
def test_e164_in_is_e164_out_whatever_the_region(e164: str, region: str) -> None:
    assert mobile.parse(e164, region=region).e164 == e164


@given(examples)
def test_a_number_shown_on_screen_can_be_typed_in_again(e164: str) -> None:
    assert mobile.parse(mobile.national(e164)).e164 == e164


@pytest.mark.parametrize("typed", RUBBISH)
def test_rubbish_is_no_number(typed: str) -> None:
    assert mobile.parse(typed) == NONE


def test_the_big_file_holds_what_it_says() -> None:
    lines = rows()

    assert len(lines) == 2_000
    assert [line.cells for line in lines if mobile.parse(line.cells[3]).e164 != line.e164] == []


def test_logs_show_neither_the_middle_of_a_number_nor_nothing_as_something() -> None:
    assert (mobile.masked("+13125550142"), mobile.masked("")) == ("+1312…42", "")
