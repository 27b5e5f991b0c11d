"""What others wrote, made fit for any database."""

from typing import Any


def clean(text: str) -> str:
    """The text without what no database takes: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def clean_all(value: Any) -> Any:
    """The same of every text in something that was read from JSON. Raises RecursionError when it is too deep."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_all(each) for each in value]
    if isinstance(value, dict):
        return {clean(name): clean_all(each) for name, each in value.items()}
    return value
