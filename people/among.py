"""One of many: whether a value is, begins with or holds one of thousands, which travel as one parameter."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import BigIntegerField, CharField, ForeignKey, Lookup, TextField

from .columnar import array


@BigIntegerField.register_lookup
@CharField.register_lookup
@TextField.register_lookup
@ForeignKey.register_lookup
class Among(Lookup[Any]):
    """Whether a key is one of many plain ids or words, given as a list, a set or the keys of a dict."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """SQLite: the ids as one JSON text."""
        key, params = self.process_lhs(compiler, connection)
        return f"{key} IN (SELECT value FROM json_each(%s))", (*params, json.dumps([*self.rhs]))  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        key, params = self.process_lhs(compiler, connection)
        kind = "text" if isinstance(self.lhs.output_field, CharField | TextField) else "bigint"
        return f"{key} = ANY(%s::{kind}[])", (*params, array([*self.rhs]))


class Begins(Lookup[Any]):
    """Whether a text begins with one of these. Both as they are: fold them where case must not count."""

    lookup_name = "begins"
    prepare_rhs = False
    place, pattern = "= 1", "{}%"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """SQLite: the text is worked out once a row (LIMIT keeps it from being asked for each word)."""
        text, params = self.process_lhs(compiler, connection)
        words = "(SELECT value AS word FROM json_each(%s))"
        asked = f"SELECT 1 FROM (SELECT {text} AS whole LIMIT 1), {words} WHERE instr(whole, word)"  # noqa: S608
        return f"EXISTS ({asked} {self.place})", (*params, json.dumps([*self.rhs]))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        text, params = self.process_lhs(compiler, connection)
        patterns = [self.pattern.format(_plain(each)) for each in self.rhs]
        return f"{text} LIKE ANY(%s::text[])", (*params, array(patterns))


class Holds(Begins):
    """Whether a text holds one of these anywhere."""

    lookup_name = "holds"
    place, pattern = "> 0", "%{}%"


def _plain(word: str) -> str:
    """The word as LIKE takes it letter by letter."""
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
