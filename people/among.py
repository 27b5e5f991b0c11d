"""`filter(pk__among=ids)`: `pk__in` for thousands of ids, which travel as one parameter."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import BigIntegerField, CharField, ForeignKey, Lookup

from .columnar import array


@BigIntegerField.register_lookup
@CharField.register_lookup
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
        kind = "text" if isinstance(self.lhs.output_field, CharField) else "bigint"
        return f"{key} = ANY(%s::{kind}[])", (*params, array([*self.rhs]))
