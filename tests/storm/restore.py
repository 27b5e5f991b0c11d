"""A dump of the run in its middle, restored beside the original when that is done: it must send nothing (I14)."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.processes import Site
from config.readiness import wait_for

from . import site as sites
from .provider import Provider
from .servers import Postgres, Redis, program, running
from .site import Crew

TAKEN_AT = 0.4  # of the run's progress
WATCHED = 20  # sweeps
NAME = "restored"


@dataclass
class Copy:
    """A backup of a site, as an operator makes it: the database, and its folder."""

    site: Site
    database: Postgres | None
    folder: Path
    owed: int = field(default=0)
    is_taken: bool = False

    def take(self) -> None:
        """Back up now; says how many texts had not left by then."""
        self.folder.mkdir()
        self.owed, self.is_taken = _owed(), True
        if self.database is None:
            with sqlite3.connect(_file(self.site)) as original:
                original.execute("VACUUM INTO ?", [str(self.folder / "storm.sqlite3")])
        else:
            dump = ["-Fc", "-f", str(self.folder / "dump"), self.database.url]
            subprocess.run([program("pg_dump"), *dump], check=True, capture_output=True)
        for each in ("secrets.json", "instance"):
            _copy(self.site.var / each, self.folder / each)

    def start(self, provider: Provider) -> dict[str, Any]:
        """Restore it beside the original, let workers and beat loose on it, and count what is called."""
        redis = Redis(self.folder, embedded=True)
        with running(redis):
            site = self._site(self._restore(), redis.url)
            crew = Crew(site, workers=1, width=2)
            began = datetime.now(UTC)
            try:
                crew.start_inside()
                if not wait_for(lambda: _works(redis), seconds=sites.START_SECONDS):
                    raise TimeoutError("The copy's worker did not start.\n" + crew.tail())
                time.sleep(WATCHED * float(site.extra.get("SWEEP_SECONDS", 15)))
            finally:
                crew.stop()
        calls = [each for each in provider.calls() if datetime.fromisoformat(each["at"]) > began]
        paths = sorted({f"{each['method']} {each['path']}" for each in calls})
        holds = self.owed > 0 and not calls
        return {
            "holds": holds,
            "evidence": {"owed": self.owed, "calls": len(calls), "for_example": paths[:5]},
        }

    def _restore(self) -> str:
        """The address of the database made from the backup."""
        if self.database is None:
            return f"sqlite:///{self.folder}/storm.sqlite3"
        self.database.ask(f"CREATE DATABASE {NAME}")
        url = self.database.url.rpartition("/")[0] + f"/{NAME}"
        command = [program("pg_restore"), "-d", url, str(self.folder / "dump")]
        subprocess.run(command, check=True, capture_output=True)
        return url

    def _site(self, database_url: str, redis_url: str) -> Site:
        """Like the original in everything else, its own environment too."""
        extra: Mapping[str, str] = {
            **self.site.extra,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
        }
        return Site(
            var=self.folder,
            port=self.site.port,
            sim_port=self.site.sim_port,
            broker_url=redis_url,
            extra=extra,
        )


def _works(redis: Redis) -> bool:
    """Whether a worker listens there: a copy that is not at work proves nothing by its silence."""
    return bool(redis.client().exists("_kombu.binding.celery.pidbox"))


def _owed() -> int:
    from vibes.models import OutboxRow

    return OutboxRow.objects.filter(state="ready").count()


def _file(site: Site) -> str:
    return site.extra["DATABASE_URL"].removeprefix("sqlite:///")


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to)
    elif source.exists():
        shutil.copy(source, to)
