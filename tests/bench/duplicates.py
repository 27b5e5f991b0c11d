"""`make bench NAME=duplicates`: how long Possible Duplicates take among a million people.

By number, e-mail address and name: the groups of the first page, how many people there are, and the filters
that ask the same. One in twenty shares a number, one in twenty an address. SQLite unless `--database
postgres://…`. Nothing is asserted: the figures are for people.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from typing import Any


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="postgres://… of a server to try it on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = options.database or f"sqlite:///{folder}/bench.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        import django

        django.setup()
        print(json.dumps(_measured(options.people), indent=1))
    return 0


def _measured(people: int) -> dict[str, Any]:
    from django.db import connection

    from people import duplicates
    from tests.bench import smart_lists
    from tests.bench.database import thrown_away

    found: dict[str, Any] = {"database": connection.vendor, "people": people}
    with thrown_away():
        smart_lists._fill(people, 1)
        _share_addresses()
        for word, by in duplicates.BY.items():
            found[word] = _looked_at(by)
            print(word, found[word], file=sys.stderr, flush=True)
        for word in ("email", "full_name", "last_name", "mobile"):
            name, filters = f"filter {word}", [("duplicate_fields", {"field": word})]
            found[name] = smart_lists._counted(filters)
            print(name, found[name], file=sys.stderr, flush=True)
    return found


def _looked_at(by: Any) -> dict[str, Any]:
    from people import duplicates, paging
    from people.models import Person
    from tests.bench.smart_lists import _seconds

    sharing = Person.objects.present().filter(duplicates.condition(by))
    return {
        "found": sharing.count(),
        "count, s": _seconds(sharing.count),
        "first groups, s": _seconds(lambda: duplicates.page(by)),
        "first page, s": _seconds(lambda: paging.page(sharing, before=None, after=None)),
    }


def _share_addresses() -> None:
    """One in twenty has the address of the one before, in capitals."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_person SET email = 'P' || (id - 1) || '@example.com' WHERE id % 20 = 0"
        )
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
