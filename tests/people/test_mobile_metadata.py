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
