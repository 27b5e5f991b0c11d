"""The activity log by month: on PostgreSQL a table each, so that old months are dropped at once.

SQLite has one plain table, and everything here does nothing. The ORM sees a plain model either way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, migrations, transaction
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

LOG = "people_activity"
MONTHS_AHEAD = 3


class CreatePartitionedModel(migrations.CreateModel):
    """CreateModel, but on PostgreSQL `PARTITION BY RANGE (by)` with the key (id, by).

    For the autodetector it is a CreateModel: the state is the plain model's. Identity columns of
    partitioned tables came with PostgreSQL 17, so the ids come from a sequence the column owns.
    """

    def __init__(self, name: str, fields: Any, by: str, **rest: Any) -> None:
        super().__init__(name, fields, **rest)
        self.by = by

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"by": self.by}

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.name)
        table = model._meta.db_table
        columns = [f"id bigint NOT NULL DEFAULT nextval('{table}_id_seq')"]
        columns += [
            f'"{field.column}" {schema_editor.column_sql(model, field)[0]}'
            for field in model._meta.local_fields[1:]
        ]
        columns.append(f"PRIMARY KEY (id, {self.by})")
        schema_editor.execute(f"CREATE SEQUENCE {table}_id_seq")
        schema_editor.execute(
            f"CREATE TABLE {table} ({', '.join(columns)}) PARTITION BY RANGE ({self.by})"
        )
        schema_editor.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id")
        schema_editor.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
        for index in model._meta.indexes:
            schema_editor.add_index(model, index)


def ensure_months(now: datetime) -> list[str]:
    """See to it that the log has a table for this month and the next three; return the names made.

    Lines that came before their month did (into the default partition) move to it. Safe to call at
    any time, by anybody, at once; a missed month costs nothing but this move.
    """
    if connection.vendor != "postgresql":
        return []
    missing = _missing([_month(now, ahead) for ahead in range(MONTHS_AHEAD + 1)])
    return [_make(first) for first in missing]


def make_first_months(apps: object, schema_editor: object) -> None:
    """ensure_months() as a migration calls it."""
    ensure_months(timezone.now())


def _month(now: datetime, ahead: int) -> datetime:
    months = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1 + ahead
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _table(first: datetime) -> str:
    return f"{LOG}_{first:%Y_%m}"


def _missing(months: list[datetime]) -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
        there = {name for (name,) in cursor.fetchall()}
    return [first for first in months if _table(first) not in there]


def _make(first: datetime) -> str:
    table, default = _table(first), f"{LOG}_default"
    span = [first.isoformat(), _month(first, 1).isoformat()]
    within = "happened_at >= %s AND happened_at < %s"
    with transaction.atomic(), connection.cursor() as cursor:
        # Rather try again at the next tick than hold up everybody who writes history.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOG])
        if not _missing([first]):
            return table
        cursor.execute(f"LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {table} (LIKE {LOG} INCLUDING DEFAULTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {default} WHERE {within} RETURNING *)"  # noqa: S608
            f" INSERT INTO {table} SELECT * FROM moved",
            span,
        )
        cursor.execute(
            f"ALTER TABLE {LOG} ATTACH PARTITION {table} FOR VALUES FROM (%s) TO (%s)", span
        )
    return table
