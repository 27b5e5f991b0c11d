"""In which encodings a file may be: their names, and which one a file seems to be in."""

from __future__ import annotations

import codecs

from django.utils.translation import gettext_lazy as _

CHOICES = [
    ("utf-8", _("UTF-8")),
    ("utf-16-le", _("UTF-16")),
    ("utf-16-be", _("UTF-16, big-endian")),
    ("cp1252", _("Windows-1252 (Western European)")),
    ("latin-1", _("Latin-1 (ISO 8859-1)")),
    ("cp932", _("Shift-JIS (Japanese)")),
    ("euc_jp", _("EUC-JP (Japanese)")),
]
NAMES = dict(CHOICES)
_MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


def guess(head: bytes, *, is_utf8: bool) -> str:
    """The encoding of a file that begins so; `is_utf8`: all of it can be read as UTF-8."""
    for encoding, mark in _MARKS.items():
        if head.startswith(mark):
            return encoding
    start = head[:4096]
    if b"\0" in start:  # UTF-16 without its mark: every other byte of Latin text is zero
        return "utf-16-le" if start[1::2].count(0) >= start[::2].count(0) else "utf-16-be"
    if is_utf8:
        return "utf-8"
    return next((each for each in ("euc_jp", "cp932") if _is_japanese(head, each)), "cp1252")


def mark(head: bytes, encoding: str) -> int:
    """How many bytes before the text only say in which encoding it is."""
    found = _MARKS.get(encoding, b"")
    return len(found) if found and head.startswith(found) else 0


def _is_japanese(head: bytes, encoding: str) -> bool:
    """Western letters in a row may be some Chinese character by chance, but never kana."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head[:65_536])
    except UnicodeDecodeError:
        return False
    foreign = sum(letter > "\x7f" for letter in text)
    return 5 * sum("\u3041" <= letter <= "\u30fc" for letter in text) > foreign


class Utf8:
    """Whether bytes that come in one after the other are UTF-8."""

    def __init__(self) -> None:
        self._decoder, self.is_so = codecs.getincrementaldecoder("utf-8")(), True

    def feed(self, some: bytes, *, is_last: bool = False) -> None:
        try:
            self._decoder.decode(some, is_last) if self.is_so else None
        except UnicodeDecodeError:
            self.is_so = False
