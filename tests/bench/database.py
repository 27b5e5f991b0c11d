"""A database for one measurement: migrated, used, thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def thrown_away() -> Iterator[None]:
    """Django's own test database, made next to the configured one and destroyed at the end."""
    configured = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(configured, verbosity=0)
