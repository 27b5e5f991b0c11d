"""How many parts a text costs (research/vibes-api 7): GSM-7 160 / 153, UCS-2 70 / 67 units a part."""

from dataclasses import dataclass

# 3GPP TS 23.038: the default alphabet, and the characters of its extension table (two units each).
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
_GSM7 = _BASIC | _EXTENDED
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
    dear = dear_characters(text)
    sizes = _sizes(text, is_dear=bool(dear))
    ends = _ends(sizes, is_dear=bool(dear))
    return Parts("UCS-2" if dear else "GSM-7", sum(sizes), len(ends), dear[0] if dear else "")


def pieces(text: str) -> list[str]:
    """The text cut where its parts end."""
    dear = bool(dear_characters(text))
    ends = _ends(_sizes(text, is_dear=dear), is_dear=dear)
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def dear_characters(text: str) -> list[str]:
    """The characters that make the whole text UCS-2, each once, in the order of the text."""
    dear = set(text) - _GSM7
    return [char for char in dict.fromkeys(text) if char in dear] if dear else []


def _sizes(text: str, *, is_dear: bool) -> list[int]:
    """The units of each character."""
    if is_dear:
        return [2 if ord(char) > 0xFFFF else 1 for char in text]
    return [2 if char in _EXTENDED else 1 for char in text]


def _ends(sizes: list[int], *, is_dear: bool) -> list[int]:
    """Where each part ends. A character of two units never straddles two parts."""
    one, more = (70, 67) if is_dear else (160, 153)
    if sum(sizes) <= one:
        return [len(sizes)] if sizes else []
    ends, used = [], 0
    for index, size in enumerate(sizes):
        if used + size > more:
            ends.append(index)
            used = 0
        used += size
    return [*ends, len(sizes)]
