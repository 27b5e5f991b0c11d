"""How many parts a text costs (research/vibes-api 7): GSM-7 160 / 153, UCS-2 70 / 67 units a part."""

from dataclasses import dataclass

# 3GPP TS 23.038: the default alphabet, and the characters of its extension table (two units each).
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
LONGEST = 900  # characters; Vibes and Marketo both end here


@dataclass(frozen=True)
class Parts:
    """A text's cost: its encoding, the units it takes, and the parts that are billed."""

    encoding: str
    units: int
    count: int
    dearest: str = ""  # the first character that makes the whole text UCS-2


def count(text: str) -> Parts:
    """Count the parts of a text. An empty text has none."""
    dear = next((char for char in text if char not in _BASIC and char not in _EXTENDED), "")
    if dear:
        sizes, one, more, encoding = _ucs2(text), 70, 67, "UCS-2"
    else:
        sizes, one, more, encoding = _gsm7(text), 160, 153, "GSM-7"
    units = sum(sizes)
    return Parts(encoding, units, 1 if 0 < units <= one else _filled(sizes, more), dear)


def _gsm7(text: str) -> list[int]:
    return [2 if char in _EXTENDED else 1 for char in text]


def _ucs2(text: str) -> list[int]:
    return [2 if ord(char) > 0xFFFF else 1 for char in text]


def _filled(sizes: list[int], room: int) -> int:
    """Fill parts one after the other: a character of two units never straddles two of them."""
    parts, used = 0, room
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts
