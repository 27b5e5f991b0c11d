import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config.settings.base import database


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_sqlite_holds_foreign_keys_and_lets_readers_read_beside_a_writer() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    with connection.cursor() as cursor:
        pragmas = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "foreign_keys")
        }

    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


def test_however_tests_are_started_they_have_settings_of_their_own() -> None:
    assert settings.SETTINGS_MODULE == "config.settings.test"


@pytest.mark.parametrize(
    ("query", "options"), [("", "-c jit=off"), ("?options=-c%20jit%3Don", "-c jit=on")]
)
def test_postgresql_compiles_no_query_unless_it_is_told_to(query: str, options: str) -> None:
    entry = database(f"postgres://ada@db/ringdove{query}")

    assert entry["OPTIONS"]["options"] == options
