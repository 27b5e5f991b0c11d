"""Counts that the database itself keeps beside the rows they count, in the same transaction.

Counting a million rows takes a second; a page that follows a run asks every two. So triggers add up,
in a table of tallies, what comes and what moves. Each database session has tallies of its own:
nobody waits for another to commit, and the sum over all sessions is the count, at every moment.
Rows are never deleted singly, so nothing is taken back when they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tallying:
    """Rows of `table` counted into `tallies` by `keys`, and the sums of `sums` with them."""

    table: str
    tallies: str
    keys: Sequence[str]
    count: str
    sums: Sequence[str] = ()

    def lay(self, vendor: str) -> Iterator[str]:
        """The statements that start the counting, by the database's kind.

        On SQLite a later migration that alters `table` makes it anew, without them: lay them again there.
        """
        return self._on_postgresql() if vendor == "postgresql" else self._on_sqlite()

    def begin(self) -> str:
        """The statement that counts what is there already; once, before anything is added."""
        totals = ", ".join(f"sum({each})" for each in self._figures)
        keys = ", ".join(self.keys)
        return (
            f"INSERT INTO {self.tallies} ({self._columns}) SELECT {keys}, 0, {totals}"
            f" FROM (SELECT {self._values(1)} FROM {self.table}) found GROUP BY {keys}"
        )

    def lift(self, vendor: str) -> Iterator[str]:
        """The statements that end it."""
        for event in ("insert", "update"):
            on = f" ON {self.table}" if vendor == "postgresql" else ""
            yield f"DROP TRIGGER {self.tallies}_{event}{on}"
            if vendor == "postgresql":
                yield f"DROP FUNCTION {self.tallies}_{event}()"

    # Once a statement, however many rows it brought or moved.
    def _on_postgresql(self) -> Iterator[str]:
        fresh = f"SELECT {self._values(1)} FROM fresh"
        stale = f"SELECT {self._values(-1)} FROM stale"
        for event, source, tables in (
            ("insert", fresh, "NEW TABLE AS fresh"),
            ("update", f"{fresh} UNION ALL {stale}", "OLD TABLE AS stale NEW TABLE AS fresh"),
        ):
            name = f"{self.tallies}_{event}"
            totals = ", ".join(f"sum({each})" for each in self._figures)
            yield (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" INSERT INTO {self.tallies} AS kept ({self._columns})"
                f" SELECT {', '.join(self.keys)}, pg_backend_pid(), {totals} FROM ({source}) moved"
                f" GROUP BY {', '.join(self.keys)} HAVING {self._some}"
                f" {self._add_up('kept')}; RETURN NULL; END $$"
            )
            yield (
                f"CREATE TRIGGER {name} AFTER {event} ON {self.table} REFERENCING {tables}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )

    def _on_sqlite(self) -> Iterator[str]:
        """Once a row; one writes at a time there, so all share one writer."""
        moves = " OR ".join(f"OLD.{each} IS NOT NEW.{each}" for each in (*self.keys, *self.sums))
        for event, when, signs in (
            ("insert", "", {"NEW": 1}),
            ("update", f" WHEN {moves}", {"OLD": -1, "NEW": 1}),
        ):
            adds = "".join(f" {self._add_row(side, sign)};" for side, sign in signs.items())
            yield (
                f"CREATE TRIGGER {self.tallies}_{event} AFTER {event} ON {self.table}"
                f" FOR EACH ROW{when} BEGIN{adds} END"
            )

    def _add_row(self, side: str, sign: int) -> str:
        keys = ", ".join(f"{side}.{each}" for each in self.keys)
        figures = ", ".join([str(sign), *(f"{sign} * {side}.{each}" for each in self.sums)])
        return (
            f"INSERT INTO {self.tallies} ({self._columns}) VALUES ({keys}, 0, {figures})"
            f" {self._add_up(self.tallies)}"
        )

    @property
    def _figures(self) -> list[str]:
        return [self.count, *self.sums]

    @property
    def _columns(self) -> str:
        return ", ".join([*self.keys, "writer", *(f'"{each}"' for each in self._figures)])

    @property
    def _some(self) -> str:
        return " OR ".join(f"sum({each}) <> 0" for each in self._figures)

    def _values(self, sign: int) -> str:
        figures = [f"{sign} AS {self.count}", *(f"{sign} * {each} AS {each}" for each in self.sums)]
        return ", ".join([*self.keys, *figures])

    def _add_up(self, kept: str) -> str:
        sums = ", ".join(
            f'"{each}" = {kept}."{each}" + excluded."{each}"' for each in self._figures
        )
        return f"ON CONFLICT ({', '.join(self.keys)}, writer) DO UPDATE SET {sums}"
