"""Many rows written at once, columns in: what the ORM does row by row, each of these does in one statement.

Values are prepared by the model's own fields; save(), signals and auto_now do not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.db import connection, models
from django.db.models import NOT_PROVIDED

from .columnar import AnyField, Column, constant, found, quoted

Model = type[models.Model]
Columns = Mapping[str, Sequence[Any]]
"""A field's name (a foreign key's also with `_id`) → one value a row; ids stand for objects."""
Same = Mapping[str, Any]
"""A field's name → the value that every row has."""
NOTHING: Same = MappingProxyType({})
SLICE = 5_000  # rows a statement: some megabytes, and no more memory for a million


def insert_rows(
    model: Model, each: Columns, *, same: Same = NOTHING, ignore_conflicts: bool = False
) -> int:
    """Insert a row for each place of the columns; say how many were new.

    Fields that are not named get their default. Raises FieldDoesNotExist or ValueError for what is
    no column, ValueError for columns of unequal length.
    """
    size, constants = _size(each), _by_field(model, same)
    varying = [*_by_field(model, each).items()]
    _add_defaults(model, varying, constants, size)
    names = ", ".join(quoted(field.column) for field in [*dict(varying), *constants])
    values = [_place(place) for place in range(len(varying))] + [constant(f) for f in constants]
    statement = f"INSERT INTO {quoted(model._meta.db_table)} ({names}) SELECT {', '.join(values)}"
    rest = "WHERE true ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    return _in_slices(
        lambda table: f"{statement} FROM {table} {rest}", varying, size, before=_ready(constants)
    )


def update_rows(
    model: Model,
    *,
    match: Columns,
    each: Columns = NOTHING,
    same: Same = NOTHING,
    where: Same = NOTHING,
) -> int:
    """Set `each` (a value a row) and `same` in the rows whose `match` fields are as given; how many.

    `where` must hold of a row besides. Lock the rows first where others may write them too: they
    are taken in any order. Raises what `insert_rows` raises.
    """
    size, table = _size({**match, **each}), quoted(model._meta.db_table)
    keys, changed = [*_by_field(model, match).items()], [*_by_field(model, each).items()]
    alike, holding = _by_field(model, same), _by_field(model, where)
    sets = [f"{quoted(f.column)} = {_place(n)}" for n, (f, _) in enumerate(changed, len(keys))]
    sets += [f"{quoted(f.column)} = {constant(f)}" for f in alike]
    holds = [f"{table}.{quoted(f.column)} = {_place(n)}" for n, (f, _) in enumerate(keys)]
    holds += [f"{table}.{quoted(f.column)} = {constant(f)}" for f in holding]
    statement = f"UPDATE {table} SET {', '.join(sets)}"  # noqa: S608
    return _in_slices(
        lambda found: f"{statement} FROM {found} WHERE {' AND '.join(holds)}",
        keys + changed,
        size,
        before=_ready(alike),
        after=_ready(holding),
    )


def draw_ids(model: Model, count: int) -> list[int]:
    """So many primary keys that nobody else gets, for rows about to be inserted with them.

    Call it in the transaction that inserts them: SQLite has one writer at a time, and no sequences.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = (
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            )
            cursor.execute(sequence, [quoted(table), count])
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or [0])[0]
    return [*range(last + 1, last + 1 + count)]


def _place(number: int) -> str:
    return f"found.c{number}"


def _size(each: Columns) -> int:
    lengths = {len(values) for values in each.values()}
    if len(lengths) != 1:
        raise ValueError(f"Columns of one length are needed, not of {sorted(lengths)}.")
    return lengths.pop()


def _by_field(model: Model, named: Mapping[str, Any]) -> dict[AnyField, Any]:
    return {_field(model, name): value for name, value in named.items()}


def _field(model: Model, name: str) -> AnyField:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if not isinstance(field, models.Field) or not field.concrete:
        raise ValueError(f"{name} is no column of {model._meta.label}.")
    return field


def _add_defaults(
    model: Model, varying: list[Column], constants: dict[AnyField, Any], size: int
) -> None:
    """Add what is written where nothing was said; what a function draws is drawn for each row."""
    named = {*dict(varying), *constants}
    for field in model._meta.concrete_fields:
        if field in named or field.primary_key or field.db_default is not NOT_PROVIDED:
            continue
        if field.has_default() and callable(field.default):
            varying.append((field, [field.default() for _ in range(size)]))
        else:
            constants[field] = field.get_default()


def _ready(constants: Mapping[AnyField, Any]) -> list[Any]:
    return [field.get_db_prep_save(value, connection) for field, value in constants.items()]


def _in_slices(
    statement: Callable[[str], str],
    varying: Sequence[Column],
    size: int,
    *,
    before: Sequence[Any],
    after: Sequence[Any] = (),
) -> int:
    """Run it over SLICE rows at a time, its other parameters before and after theirs; rows written."""
    written = 0
    with connection.cursor() as cursor:
        for start in range(0, size, SLICE):
            table, params = found([(f, values[start : start + SLICE]) for f, values in varying])
            cursor.execute(statement(table), [*before, *params, *after])
            written += cursor.rowcount
    return written
