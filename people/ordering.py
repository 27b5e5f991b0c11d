"""The order in which people read texts: without regard to upper and lower case, by built-in collations.

SQLite ignores the case of ASCII only; PostgreSQL has ICU's order, the same however its database was made.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Func, TextField


class InOrder(Func):
    """A text as it is sorted. An index on it serves both directions."""

    arity = 1
    template = "(%(expressions)s) COLLATE NOCASE"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **rest: Any) -> tuple[str, Any]:
        return self.as_sql(
            compiler, connection, template='(%(expressions)s) COLLATE "und-x-icu"', **rest
        )


class Joined(Func):
    """Texts with a space between them, and none around: by what a name is sorted."""

    template = "TRIM(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()
