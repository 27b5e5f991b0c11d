"""How many parts a text costs (3GPP TS 23.038): GSM-7 160 / 153, UCS-2 70 / 67 units a part."""

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
    """Count the parts of a text. An empty text has none. Quick: a run asks it for every person."""
    dear = dear_characters(text)
    units = _units(text, is_dear=bool(dear))
    one, more = _room(is_dear=bool(dear))
    if units <= one:
        number = min(units, 1)
    elif units == len(text):  # no character of two units, so that parts are filled to the brim
        number = -(-units // more)
    else:
        number = len(pieces(text))
    return Parts("UCS-2" if dear else "GSM-7", units, number, dear[0] if dear else "")


def pieces(text: str) -> list[str]:
    """The text cut where its parts end."""
    ends = _ends(text, is_dear=bool(dear_characters(text)))
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def dear_characters(text: str) -> list[str]:
    """The characters that make the whole text UCS-2, each once, in the order of the text."""
    dear = set(text) - _GSM7
    return [char for char in dict.fromkeys(text) if char in dear] if dear else []


def _room(*, is_dear: bool) -> tuple[int, int]:
    """The units of a text of one part, and of each part of a longer one."""
    return (70, 67) if is_dear else (160, 153)


def _units(text: str, *, is_dear: bool) -> int:
    if is_dear:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text) + sum(map(text.count, _EXTENDED))


def _ends(text: str, *, is_dear: bool) -> list[int]:
    """Where each part ends. A character of two units never straddles two parts."""
    one, more = _room(is_dear=is_dear)
    if _units(text, is_dear=is_dear) <= one:
        return [len(text)] if text else []
    ends, used = [], 0
    for index, char in enumerate(text):
        size = 2 if (ord(char) > 0xFFFF if is_dear else char in _EXTENDED) else 1
        if used + size > more:
            ends.append(index)
            used = 0
        used += size
    return [*ends, len(text)]
