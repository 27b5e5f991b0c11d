"""The rows a run has written, written once more by nothing but `INSERT … SELECT`."""

from __future__ import annotations

from django.db import connection, models, transaction

from campaigns.models import Entry, Run, Verdict
from people.columnar import quoted
from people.models import Activity
from vibes.models import OutboxRow

AHEAD = 1_000_000_000  # of an entry's id stands that of its copy
WRITTEN = (Entry, Verdict, OutboxRow, Activity)


def keep(run: Run) -> None:
    """Lay the rows of a run aside in temporary tables, so that reading costs next to nothing later."""
    people = f"SELECT person_id FROM {_table(Entry)} WHERE run_id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        for model in WRITTEN:
            whose = f"person_id IN ({people})" if model is Activity else "run_id = %s"
            statement = f"CREATE TEMPORARY TABLE {_kept(model)} AS SELECT * FROM {_table(model)} WHERE {whose}"  # noqa: S608
            cursor.execute(statement, [run.pk])


def write_again(for_run: Run) -> int:
    """Write what was kept into the tables with all their indexes, as another run's; how many rows."""
    written = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for model in WRITTEN:
            names, values = zip(*_columns(model, for_run).items(), strict=True)
            cursor.execute(
                f"INSERT INTO {_table(model)} ({', '.join(names)})"  # noqa: S608
                f" SELECT {', '.join(values)} FROM {_kept(model)}"
            )
            written += cursor.rowcount
    return written


def _columns(model: type[models.Model], for_run: Run) -> dict[str, str]:
    """Column → what is written there: as it was, but for keys that must be new."""
    fresh = "gen_random_uuid()" if connection.vendor == "postgresql" else "hex(randomblob(16))"
    others = {"run_id": str(for_run.pk), "entry_id": f"entry_id + {AHEAD}", "event_id": fresh}
    names = [str(each.column) for each in model._meta.concrete_fields if each.column != "id"]
    columns = {quoted(each): others.get(each, quoted(each)) for each in names}
    return columns | ({"id": f"id + {AHEAD}"} if model is Entry else {})


def _table(model: type[models.Model]) -> str:
    return quoted(model._meta.db_table)


def _kept(model: type[models.Model]) -> str:
    return quoted(f"kept_{model._meta.db_table}")
