"""Phone numbers: how the two API versions write them, and what their endings mean."""

import re
from enum import StrEnum

E164 = re.compile(r"\+[1-9]\d{6,14}")
TEN_DIGITS = re.compile(r"\d{10}")
FICTIONAL = re.compile(r"\+1\d{3}55501(\d\d)")

BAD_FORMAT = "The supplied mobile number is not in proper mobile number format"
BAD_COUNTRY = "countrynotsupported"


class Trait(StrEnum):
    """How a test number behaves. The number is ``+1 area-code 555 01xx``; xx decides."""

    ORDINARY = "waits for a human"
    SAYS_YES = "answers Y after 3 s"
    SAYS_NO = "answers N"
    SAYS_STOP = "answers STOP to any text"
    BABBLES = "answers gibberish"
    SILENT = "never answers"
    LATE_YES = "answers Y after the request expired"
    DOUBLE_YES = "answers Y twice within 100 ms"
    YES_THEN_STOP = "answers Y, and its STOP is reported before the opt-in"
    LANDLINE = "is a landline"
    BLOCKED = "has a confirmation block"
    ID_MISMATCH = "belongs to another external id"
    CARRIER_REJECTS = "is rejected by the carrier"
    CARRIER_FAILS_ONCE = "fails at the carrier once, then works"
    RECEIPT_FAILS = "gets a failed handset receipt"
    NO_RECEIPT = "never gets a handset receipt"
    DISCONNECTS = "disconnects a minute after opting in"
    PORTED = "has two person records"


ENDINGS = {
    60: Trait.SAYS_YES,
    61: Trait.SAYS_NO,
    62: Trait.SAYS_STOP,
    63: Trait.BABBLES,
    64: Trait.SILENT,
    65: Trait.LATE_YES,
    66: Trait.DOUBLE_YES,
    67: Trait.YES_THEN_STOP,
    80: Trait.LANDLINE,
    81: Trait.BLOCKED,
    82: Trait.ID_MISMATCH,
    83: Trait.CARRIER_REJECTS,
    84: Trait.CARRIER_FAILS_ONCE,
    85: Trait.RECEIPT_FAILS,
    86: Trait.NO_RECEIPT,
    87: Trait.DISCONNECTS,
    88: Trait.PORTED,
}


def trait(mdn: str | None) -> Trait:
    """What the number's ending says about it; ordinary unless it is a test number."""
    ending = FICTIONAL.fullmatch(mdn or "")
    return ENDINGS.get(int(ending[1]), Trait.ORDINARY) if ending else Trait.ORDINARY


def parse(text: object, *, version: int) -> str:
    """The number in E.164. Raises ``ValueError`` with Vibes' words for a bad one.

    Version 2 takes E.164 only; version 1, the default, took ten digits only.
    """
    written = text if isinstance(text, str) else ""
    if version == 1:
        if TEN_DIGITS.fullmatch(written):
            return f"+1{written}"
        raise ValueError(BAD_FORMAT)
    if E164.fullmatch(written):
        return written
    raise ValueError(BAD_COUNTRY if TEN_DIGITS.fullmatch(written) else BAD_FORMAT)


def national(mdn: str) -> str:
    """As version 1 writes it: without the country code."""
    return mdn.removeprefix("+1").removeprefix("+")


def spoken(mdn: str) -> str:
    """For people: ``+1 312 555 0142``."""
    digits = mdn.removeprefix("+1")
    return f"+1 {digits[:3]} {digits[3:6]} {digits[6:]}" if len(digits) == 10 else mdn
