"""E-mail addresses, in and out. One spelling inside, so that one address is one person."""

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

_check = EmailValidator()


def normal(typed: str) -> str:
    """The address as we keep it: trimmed, `mailto:` taken off, the domain in lower case.

    With that, LOWER() of SQLite (ASCII only) and of PostgreSQL agree with Python's `lower()`: the
    part before the @ is ASCII where `is_valid`.
    """
    text = typed.strip()
    text = text[7:] if text[:7].lower() == "mailto:" else text
    name, at, domain = text.rpartition("@")
    return f"{name}{at}{domain.lower()}" if at else text


def is_valid(address: str) -> bool:
    """Whether it is written as an address must be, and fits. Nobody is asked whether it exists."""
    try:
        _check(address)
    except ValidationError:
        return False
    return len(address) <= 254
