"""How many parts a text is billed as: GSM-7 in 160/153 units, UCS-2 in 70/67."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")


def encoding(text: str) -> str:
    return "GSM-7" if all(sign in BASIC or sign in EXTENDED for sign in text) else "UCS-2"


def count(text: str) -> int:
    """Parts on the wire. A sign of two units never straddles two parts."""
    gsm = encoding(text) == "GSM-7"
    units = [_gsm_units(sign) if gsm else _ucs2_units(sign) for sign in text]
    whole, split = (160, 153) if gsm else (70, 67)
    return 1 if sum(units) <= whole else _packed(units, room=split)


def _packed(units: list[int], *, room: int) -> int:
    parts, used = 1, 0
    for unit in units:
        if used + unit > room:
            parts, used = parts + 1, 0
        used += unit
    return parts


def _gsm_units(sign: str) -> int:
    return 2 if sign in EXTENDED else 1


def _ucs2_units(sign: str) -> int:
    return 2 if ord(sign) > 0xFFFF else 1
