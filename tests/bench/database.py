"""A database for one measurement: migrated, used, thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def thrown_away() -> Iterator[None]:
    """Django's own test database, made next to the configured one and destroyed at the end.

    On SQLite it is a file with the product's own settings: Django would keep it in memory, and then
    the database itself would be measured as growth.
    """
    configured = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = f"{configured}-bench"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(str(configured), verbosity=0)
