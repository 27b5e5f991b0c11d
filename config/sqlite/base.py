"""Django's SQLite backend, told how many parameters this SQLite really takes, and how to fold text.

Django 5.2 assumes 999 parameters, the limit of SQLite before 3.32 (2020), and would cut one bulk
insert of a cohort into forty. Django 6 asks the library itself, as this does.
"""

import sqlite3
from typing import Any

from django.db.backends.sqlite3 import base, features
from django.utils.functional import cached_property

from people.folding import SQLITE_FUNCTION, fold


class DatabaseFeatures(features.DatabaseFeatures):
    @cached_property
    def max_query_params(self) -> int:  # type: ignore[override]
        self.connection.ensure_connection()
        return int(self.connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER))


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.create_function(SQLITE_FUNCTION, 1, fold, deterministic=True)
        return connection
