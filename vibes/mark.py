"""By what a database can be told from its copies, whatever stands in it.

PostgreSQL: the cluster's own number, its timeline (which a promoted standby and a restore to a point in
time begin anew), the number of the database and that of our table, which a restore creates anew.
SQLite: the number of its file on the disk.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Value
from django.db.models.expressions import RawSQL

from .models import Instance

TIMELINE = 1  # its place among the parts
_DATABASE = "(SELECT oid FROM pg_database WHERE datname = current_database())"
_CLUSTER = "(SELECT system_identifier FROM pg_control_system())"
_LINE = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"


def expression() -> models.expressions.Combinable:
    """The mark of the database at hand, to be asked for together with something else."""
    if connection.vendor == "sqlite":
        return Value(_of_file(connection.settings_dict["NAME"]), models.CharField())
    line, cluster = (_LINE, _CLUSTER) if _tells_all() else ("'-'", "'-'")
    table = f"'{Instance._meta.db_table}'::regclass::oid"
    return RawSQL(f"concat_ws('/', {cluster}, {line}, {_DATABASE}, {table})", [])  # noqa: S611


def durable() -> models.expressions.Combinable:
    """Whether what is committed survives a power cut: without, *sending* may be forgotten."""
    if connection.vendor == "sqlite":  # said when the connection is opened; `config.checkup` looks
        return Value("on", models.CharField())
    return RawSQL("current_setting('synchronous_commit')", [])


def is_same(one: str, other: str) -> bool:
    """Whether two marks are of one database. With TRUST_FAILOVER a new timeline is the same one."""
    return _parts(one) == _parts(other)


def _parts(mark: str) -> list[str]:
    parts = mark.split("/")
    if settings.TRUST_FAILOVER and len(parts) > TIMELINE:
        parts[TIMELINE] = "-"
    return parts


def _of_file(name: Any) -> str:
    path = Path(str(name))
    return f"file/{path.stat().st_ino}" if path.exists() else "memory"


@cache
def _tells_all() -> bool:
    """Some hosts of PostgreSQL keep the cluster's number and its log to themselves."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {_CLUSTER}, {_LINE}")
    except DatabaseError:
        return False
    return True
