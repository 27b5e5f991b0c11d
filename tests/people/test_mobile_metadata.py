"""Numbers of every region and type that the library knows are read, or refused, as it says."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from people import mobile
from people.mobile import NONE, Mobile

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
FORMATS = [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL]


def examples(region: str) -> Iterator[PhoneNumber]:
    """One number of each type the region has."""
    for kind in PhoneNumberType.values():
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            yield number


def as_the_library_says(typed: str, region: str) -> Mobile:
    number = phonenumbers.parse(typed, region)
    if not phonenumbers.is_valid_number(number) or number.extension:
        return NONE
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return Mobile(e164, phonenumbers.region_code_for_number(number) or "")


@pytest.mark.parametrize("region", REGIONS)
def test_an_example_of_each_type_is_read_in_each_way_of_writing_it(region: str) -> None:
    numbers = list(examples(region))

    assert numbers
    for number in numbers:
        for form in FORMATS:
            typed = phonenumbers.format_number(number, form)
            assert mobile.parse(typed, region=region) == as_the_library_says(typed, region), typed


@pytest.mark.parametrize("region", REGIONS)
def test_an_example_is_the_number_it_is_wherever_it_is_typed(region: str) -> None:
    for number in examples(region):
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)

        assert {mobile.parse(e164, region=here).e164 for here in ("US", "FR", region)} == {e164}


@pytest.mark.parametrize("region", REGIONS)
def test_a_number_that_the_library_calls_invalid_is_none(region: str) -> None:
    number = phonenumbers.invalid_example_number(region)
    assert number is not None

    for form in FORMATS:
        typed = phonenumbers.format_number(number, form)
        assert mobile.parse(typed, region=region) == as_the_library_says(typed, region)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assert mobile.parse(e164, region=region) == NONE


@pytest.mark.parametrize("code", sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS))
def test_numbers_of_no_country_are_read_too(code: int) -> None:
    number = phonenumbers.example_number_for_non_geo_entity(code)
    assert number is not None

    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assert mobile.parse(e164) == as_the_library_says(e164, "US")
    assert mobile.parse(e164).e164 == e164


def beginnings(written: str) -> Iterator[str]:
    """From two digits on, letter by letter."""
    for end in range(1, len(written) + 1):
        if sum(letter.isdigit() for letter in written[:end]) > 1:
            yield written[:end]


# Argentina writes 011 15-2345-6789 for +54 9 11 2345-6789: no beginning of the one is one of the other.
REWRITTEN = {"AR"}


@pytest.mark.parametrize("region", sorted({*REGIONS} - REWRITTEN))
def test_a_number_begins_as_it_is_written_where_it_is_dialled(region: str) -> None:
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if number is None:  # there is one region without
        return
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    for form in FORMATS:
        for typed in beginnings(phonenumbers.format_number(number, form)):
            assert any(e164.startswith(one) for one in mobile.begins(typed, region=region)), typed
            assert any(one in e164 for one in mobile.holds(typed, region=region)), typed


@pytest.mark.parametrize(
    ("typed", "region", "begun"),
    [
        ("07400", "GB", ("+447400",)),
        ("+44 (0)7400", "GB", ("+447400",)),
        ("00 44 7400", "DE", ("+447400",)),
        ("011 44 (0)74", "US", ("+4474",)),
        ("1 (312)", "US", ("+1312",)),
        ("06 12", "IT", ("+390612",)),  # its nought is part of the number
        ("8 (812)", "RU", ("+7812", "+78812")),
        ("+7 812", "RU", ("+7812",)),
        ("0", "GB", ("+44",)),
    ],
)
def test_how_a_beginning_is_read(typed: str, region: str, begun: tuple[str, ...]) -> None:
    assert mobile.begins(typed, region=region) == begun


@pytest.mark.parametrize(
    ("typed", "region", "held"),
    [
        ("555-01", "US", ("55501",)),
        ("1 312", "US", ("1312",)),
        ("07400", "GB", ("07400", "+447400")),
        ("0014", "GB", ("0014",)),
        ("0111", "US", ("0111",)),  # not everybody in +1
        ("011 44 7400", "US", ("011447400", "+447400")),
        ("0044 7400", "GB", ("00447400", "+447400")),
        ("+44 (0)7400", "GB", ("+447400",)),
    ],
)
def test_how_a_piece_is_read(typed: str, region: str, held: tuple[str, ...]) -> None:
    assert mobile.holds(typed, region=region) == held
