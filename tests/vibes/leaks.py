"""Where a secret could come to light: the database, the logs, the admin, the messages to workers."""

from __future__ import annotations

import io
import logging
import logging.config
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery.signals import before_task_publish
from django.contrib import admin
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from config.celery import app
from config.logs import configure


class Messages:
    """Every message to a worker. Nobody takes them off the broker; `take` does their work here."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._waiting: list[tuple[str, dict[str, Any]]] = []

    def note(self, sender: str, body: Any, headers: dict[str, Any], **_: Any) -> None:
        self.seen.append(f"{sender} {body!r} {headers!r}")
        self._waiting.append((sender, body[1]))

    def take(self) -> int:
        """Do what waits now; returns how much it was."""
        taken, self._waiting = self._waiting, []
        for name, arguments in taken:
            app.tasks[name](**arguments)
        return len(taken)


@contextmanager
def messages() -> Iterator[Messages]:
    found = Messages()
    before_task_publish.connect(found.note, weak=False)
    try:
        yield found
    finally:
        before_task_publish.disconnect(found.note)


@contextmanager
def logs() -> Iterator[io.StringIO]:
    """All that any logger says, as our handler writes it, down to the smallest detail."""
    written, root = io.StringIO(), logging.getLogger()
    line = configure(json=True, level="DEBUG")["formatters"]["line"]
    maker = logging.config.DictConfigurator({"version": 1})
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(maker.configure_formatter(dict(line)))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def tables() -> dict[str, str]:
    """Every table as text."""
    with connection.cursor() as cursor:
        return {name: _dump(cursor, name) for name in connection.introspection.table_names(cursor)}


def _dump(cursor: Any, name: str) -> str:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")  # noqa: S608  # our own tables
    return "\n".join(repr(row) for row in cursor.fetchall())


def files() -> bytes:
    """The database's own files, where it has any we can read."""
    if connection.vendor != "sqlite":
        return b""
    path = Path(connection.settings_dict["NAME"])
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def admin_pages(browser: Browser) -> Iterator[tuple[str, str]]:
    """Every page of the admin about everything there is: (its address, what it shows)."""
    for model in admin.site._registry:
        meta = model._meta
        name = f"admin:{meta.app_label}_{meta.model_name}"
        yield from pages(browser, reverse(f"{name}_changelist"))
        for pk in model._default_manager.values_list("pk", flat=True)[:3]:
            about = [reverse(f"{name}_{page}", args=[pk]) for page in ("change", "history")]
            yield from pages(browser, *about, reverse(f"{name}_delete", args=[pk]))


def pages(browser: Browser, *addresses: str) -> Iterator[tuple[str, str]]:
    """What may be looked at, of these."""
    for address in addresses:
        answer = browser.get(address)
        if answer.status_code == 200:
            yield address, answer.content.decode()
