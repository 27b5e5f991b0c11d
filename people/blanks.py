"""A person's row on its way out: what it is in the recycle bin, and without anything that tells who it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from people.models import Person

# What is left of somebody: that there was one, and since when.
KEPT = frozenset(
    {
        *("id", "created_at", "updated_at", "deleted_at", "erase_at", "erased_at", "merged_into"),
    }
)
KEPT_IN_BIN = timedelta(days=30)


def binned(now: datetime) -> dict[str, datetime]:
    """The columns of somebody who is put into the bin now, and when they will be erased."""
    return {"deleted_at": now, "updated_at": now, "erase_at": now + KEPT_IN_BIN}


def blank() -> dict[str, Any]:
    """The empty value of each column that says something of a person."""
    columns = [each for each in Person._meta.concrete_fields if each.name not in KEPT]
    return {each.name: each.get_default() for each in columns}
