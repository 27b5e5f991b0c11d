"""Whether the database has the shape this code was written for (F22)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils.translation import gettext as _

APPS = ("campaigns", "people", "vibes")
Shape = dict[str, int]
"""App → the number of its last migration."""


@cache
def known() -> Shape:
    """The shape this code knows."""
    return _last(MigrationLoader(None).disk_migrations)


def found() -> Shape:
    """The shape the database has. One query."""
    ours = MigrationRecorder(connection).migration_qs.filter(app__in=APPS).order_by()
    return _last(ours.values_list("app").annotate(last=Max("name")))


def _last(names: Iterable[tuple[str, str]]) -> Shape:
    ours = [(app, int(name[:4])) for app, name in names if app in APPS and name[:4].isdigit()]
    return {app: max(number for each, number in ours if each == app) for app, _ in sorted(ours)}


def name(shape: Shape) -> str:
    """Short words for a shape, to show beside others: “campaigns 2, people 1, vibes 7”."""
    return ", ".join(f"{app} {number}" for app, number in shape.items())


def trouble() -> str:
    """Why this code must not work on this database, in words; empty when it may."""
    ours, theirs = known(), found()
    if any(theirs.get(app, 0) > ours[app] for app in APPS):
        words = _(
            "The database is newer (%(found)s) than this program (%(known)s): start the new version."
        )
    elif any(theirs.get(app, 0) < ours[app] for app in APPS):
        words = _(
            "The database is older (%(found)s) than this program (%(known)s):"
            " run manage.py migrate."
        )
    else:
        return ""
    return words % {"found": name(theirs), "known": name(ours)}
