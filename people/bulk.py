"""The one set-based verb the ORM lacks: INSERT … SELECT."""

from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router


def insert_select(
    model: type[models.Model], fields: Sequence[str], rows: models.QuerySet[Any, Any]
) -> int:
    """Insert what `rows` (a `.values_list()` in the order of `fields`) yields; say how many.

    One statement, no row travels. Every column of `model` without a database default must be named.
    """
    connection = connections[router.db_for_write(model)]
    sql, params = rows.query.sql_with_params()
    quote = connection.ops.quote_name
    named = {field.name: field for field in model._meta.concrete_fields}
    columns = ", ".join(quote(str(named[field].column)) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {sql}", params)
        return int(cursor.rowcount)
