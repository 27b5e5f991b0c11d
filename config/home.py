"""What the Home page shows."""

from typing import Any


def contents() -> dict[str, Any]:
    return {}
