"""What `manage.py doctor` looks at: a function a question, each finding with what to do."""

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import celery
import django
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError
from redis.exceptions import ResponseError

from config.celery import app
from config.processes import PROMPT, QUEUES
from vibes import lock


class Level(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What was seen, and what to do where it is not good."""

    level: Level
    seen: str
    advice: str = ""


Findings = Iterator[Finding]
CELERY = "celery -A config worker -Q"
SYNCHRONOUS_FULL = 2  # PRAGMA synchronous
# Two older lines of SQLite to which the cure of the WAL-reset fault was carried back.
MENDED_LINES: dict[tuple[int, ...], int] = {(3, 44): 6, (3, 50): 7}


def examine() -> Findings:
    """Every finding about this installation, in a fixed order."""
    for question in QUESTIONS:
        yield from question()


def versions() -> Findings:
    names = f"Python {platform.python_version()}, Django {django.__version__}"
    yield Finding(Level.GOOD, f"{names}, Celery {celery.__version__}")


def database() -> Findings:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        advice = "Start the server, or mend DATABASE_URL."
        yield Finding(Level.WRONG, f"The database does not answer: {error}", advice)
        return
    yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()
    yield from _forgetfulness()
    missing = list(_migrations())
    yield from missing or _lock()


def forgetfulness() -> str:
    """Why this database may forget what it said was written, in words; empty when it does not (R2)."""
    if connection.vendor == "sqlite":
        enough = int(_told("PRAGMA synchronous")) >= SYNCHRONOUS_FULL
        return "" if enough else "SQLite runs with synchronous below FULL"
    off = [each for each in ("fsync", "synchronous_commit") if _told(f"SHOW {each}") == "off"]
    return f"PostgreSQL runs with {' and '.join(off)} off" if off else ""


def _told(statement: str) -> str:
    """The one word that the database answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


def _forgetfulness() -> Findings:
    if wrong := forgetfulness():
        advice = (
            "Leave synchronous at FULL, and fsync and synchronous_commit on: after a power cut a text"
            " could be sent twice. Until then no worker starts."
        )
        yield Finding(Level.WRONG, wrong, advice)


def _lock() -> Findings:
    why = lock.why()
    if why and why != lock.Why.NOT_DURABLE:
        advice = "See Operations, or run manage.py unlock on a machine that is to send."
        yield Finding(Level.WRONG, lock.words(why), advice)


def _sqlite() -> Findings:
    version = sqlite3.sqlite_version_info
    seen = f"SQLite {sqlite3.sqlite_version} at {settings.DATABASES['default']['NAME']}"
    if has_wal_reset_fault(version):
        advice = (
            "This version can lose or damage committed rows when several processes write "
            "(mended in 3.51.3). Fine for a look around; send real texts from PostgreSQL."
        )
        yield Finding(Level.WARNING, seen, advice)
    else:
        yield Finding(Level.GOOD, seen)


def has_wal_reset_fault(version: tuple[int, ...]) -> bool:
    """Whether this SQLite may lose rows when several processes write and tidy up at once."""
    line, patch = version[:2], version[2]
    if line in MENDED_LINES:
        return patch < MENDED_LINES[line]
    return (3, 7, 0) <= version < (3, 51, 3)


def _postgresql() -> Findings:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version(), current_setting('synchronous_commit')")
        version, commit = cursor.fetchone()
    yield Finding(Level.GOOD, f"{' '.join(version.split()[:2])}, synchronous_commit {commit}")


def _migrations() -> Findings:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        advice = "Run manage.py migrate."
        yield Finding(Level.WRONG, f"{len(missing)} migrations are not applied", advice)


def broker() -> Findings:
    url = urlsplit(settings.CELERY_BROKER_URL)
    where = f"{url.scheme}://{url.hostname or ''}{url.path}"  # never its password
    try:
        with app.connection_for_write() as doorbell:
            doorbell.ensure_connection(max_retries=1, timeout=3)
    except (OperationalError, OSError) as error:
        advice = (
            "Start Redis or Valkey, or mend CELERY_BROKER_URL. (The demo brings its own broker; "
            "this is about the one in the environment.)"
        )
        yield Finding(Level.WRONG, f"The broker {where} does not answer: {error}", advice)
        return
    yield Finding(Level.GOOD, f"Broker {where}")
    yield from _memory()
    yield from workers()


def _memory() -> Findings:
    """A Redis that throws away what it has no room for loses messages, and the count of calls."""
    if "redis" not in settings.CELERY_BROKER_URL:
        return
    try:
        with app.connection_for_read() as doorbell:
            redis = doorbell.default_channel.client  # type: ignore[attr-defined]
            found = redis.config_get("maxmemory-policy")
    except ResponseError:  # a host that keeps its settings to itself
        return
    if (policy := found.get("maxmemory-policy")) != "noeviction":
        advice = "Set maxmemory-policy to noeviction: nothing is lost for good, but much is late."
        yield Finding(Level.WARNING, f"Redis throws things away when full ({policy})", advice)


def workers() -> Findings:
    """Which workers answer, and whether between them they take all there is to take."""
    found = app.control.inspect(timeout=2).active_queues() or {}
    hears = {name: {queue["name"] for queue in queues} for name, queues in found.items()}
    if not hears:
        advice = f"Start both: {CELERY} {','.join(QUEUES)} and {CELERY} {','.join(PROMPT)}"
        yield Finding(Level.WARNING, "No worker answers: nothing will run or be sent", advice)
        return
    yield Finding(Level.GOOD, f"Workers: {', '.join(sorted(hears))}")
    yield from _queues(list(hears.values()))


def _queues(heard: list[set[str]]) -> Findings:
    """Whether all are taken, and whether somebody is kept free for what must not wait."""
    if missing := [each for each in QUEUES if each not in set().union(*heard)]:
        advice = f"Start one: {CELERY} {','.join(missing)}"
        yield Finding(Level.WRONG, f"No worker takes {', '.join(missing)}", advice)
    elif not any(each <= set(PROMPT) for each in heard):
        advice = f"Start one that takes nothing else: {CELERY} {','.join(PROMPT)} --concurrency 2"
        yield Finding(Level.WARNING, "A STOP may wait until texts were sent", advice)


def field_keys() -> Findings:
    if not settings.FIELD_KEYS:
        advice = "Set FIELD_KEYS (docs/configuration.md says how to make one)."
        yield Finding(Level.WRONG, "Secrets in the database have no key", advice)
        return
    try:
        [Fernet(key) for key in settings.FIELD_KEYS]
    except ValueError:
        advice = "Each must be 32 bytes in URL-safe base64 (docs/configuration.md)."
        yield Finding(Level.WRONG, "A key in FIELD_KEYS is not valid", advice)
        return
    made_up = not os.environ.get("FIELD_KEYS") and settings.VAR_DIR / "secrets.json"
    where = f"made up and kept in {made_up}" if made_up else "from the environment"
    yield Finding(Level.GOOD, f"Keys {where}")


def public_url() -> Findings:
    url = urlsplit(settings.PUBLIC_URL)
    if url.hostname in ("127.0.0.1", "localhost", "::1"):
        advice = "Fine with the simulator. Vibes itself needs PUBLIC_URL to be reachable by https."
        yield Finding(Level.WARNING, f"PUBLIC_URL is {settings.PUBLIC_URL}: this machine", advice)
    elif url.scheme != "https":
        advice = "Vibes calls back over https only: put a TLS proxy in front and change PUBLIC_URL."
        yield Finding(Level.WRONG, f"PUBLIC_URL is {settings.PUBLIC_URL}", advice)
    else:
        yield Finding(Level.GOOD, f"PUBLIC_URL is {settings.PUBLIC_URL}")


QUESTIONS: list[Callable[[], Findings]] = [versions, database, broker, field_keys, public_url]
