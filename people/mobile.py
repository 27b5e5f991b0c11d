"""Mobile numbers: E.164 inside, whatever was typed outside (phonenumbers does the work)."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import timezone as number_zones
from phonenumbers.phonenumberutil import ndd_prefix_for_region

# Spellings people use that the library would read as part of the number, or not at all.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_GAP = re.compile("[\\s\u00b7\u2022]+")


@dataclass(frozen=True)
class Mobile:
    """A number as we keep it: E.164 and ISO 3166 region, both empty when it is no valid number."""

    e164: str = ""
    region: str = ""


NONE = Mobile()


def parse(typed: str, *, region: str = "US") -> Mobile:
    """Read a number as a person wrote it; `region` is assumed when it has no country code.

    Returns `NONE` for anything that is not a valid number. Never raises.
    """
    text = _GAP.sub(" ", _INVISIBLE.sub("", typed)).strip()
    if not text:
        return NONE
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return NONE
    if not phonenumbers.is_valid_number(number) or number.extension:
        return NONE
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Mobile(e164, phonenumbers.region_code_for_number(number) or "")


# --- Parts of numbers, as people write them -------------------------------------------------------


def begins(typed: str, *, region: str) -> tuple[str, ...]:
    """How E.164 has the numbers that people write with this beginning: with +, 00, the national prefix or none.

    `region` is assumed where there is no country code. Two answers where the national prefix may be the
    number's own digit too (8 812 in Russia), none where there is no digit.
    """
    digits = phonenumbers.normalize_digits_only(typed)
    if (abroad := _abroad(typed, digits, region)) is not None:
        return (f"+{_without_nought(abroad)}",)
    return tuple(f"+{_code(region)}{each}" for each in _without_prefix(digits, region))


def holds(typed: str, *, region: str) -> tuple[str, ...]:
    """How E.164 has what is somewhere in a number, as people write it: the digits, and what begins so.

    A short piece that begins with what is dialled to go abroad (00, 011) may be from the middle, so it is only
    that.
    """
    digits = phonenumbers.normalize_digits_only(typed)
    if typed.lstrip().startswith("+"):
        return begins(typed, region=region)
    is_short = len(digits) < WHOLE and _abroad(typed, digits, region) is not None
    begun = () if is_short else begins(typed, region=region)
    return (digits, *(each for each in begun if digits and digits not in each))


WHOLE = 8  # digits, from which on a number with 00 or 011 before it is taken to be whole enough


def _abroad(typed: str, digits: str, region: str) -> str | None:
    """The digits behind + or what is dialled for it; None where the number is a national one."""
    if typed.lstrip().startswith("+"):
        return digits
    known = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    dialled = (known and known.international_prefix) or "00"
    found = re.match(dialled, digits) or re.match("00", digits)
    return digits[found.end() :] if found else None


def _without_nought(digits: str) -> str:
    """Without the (0) that people write behind a country code."""
    for length in (1, 2, 3):
        code, rest = digits[:length], digits[length:]
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0), ())
        if regions:
            is_nought = phonenumbers.ndd_prefix_for_region(regions[0], True) == "0"
            return code + (rest.removeprefix("0") if is_nought else rest)
    return digits


def _without_prefix(digits: str, region: str) -> list[str]:
    prefix = phonenumbers.ndd_prefix_for_region(region, True) or ""
    if not (prefix and digits.startswith(prefix)):
        return [digits]
    # No number of its own begins with these; with an 8 it may.
    is_sure = prefix.startswith("0") or _code(region) == 1
    rest = digits.removeprefix(prefix).removeprefix("0")  # Belarus dials 8 0
    return [rest, *([] if is_sure else [digits])]


def _code(region: str) -> int:
    return int(phonenumbers.country_code_for_region(region))


@lru_cache(maxsize=50_000)
def zones(e164: str) -> tuple[str, ...]:
    """Every IANA zone the holder of this number may be in, by its area code; empty when unknown."""
    try:
        found = number_zones.time_zones_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in found if zone != number_zones.UNKNOWN_TIMEZONE)


# What is dialled before a country code, the world over.
_ABROAD = ("", "00", "011", "001", "0011", "010", "810")


def spellings(e164: str) -> set[str]:
    """The digits of a number in every way people write it; those of what is no number, as they are."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return {e164} - {""}
    region = phonenumbers.region_code_for_number(number) or ""
    at_home = phonenumbers.national_significant_number(number)
    trunk = ndd_prefix_for_region(region, True) or ""
    whole = f"{number.country_code}{at_home}"
    abroad = {before + whole for before in _ABROAD}
    return abroad | {at_home, trunk + at_home, f"{number.country_code}{trunk}{at_home}"}


# What may be a telephone number in the middle of a text.
NUMBER = re.compile(r"\+?\d{8,15}")


def masked(e164: str) -> str:
    """A number for logs and for those who may not see it whole: +1312…42."""
    return f"{e164[:5]}…{e164[-2:]}" if e164 else ""


def national(e164: str) -> str:
    """A number as people write it, for the screen; what is no number is returned as it is."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)
