"""The product's processes: with which command and in which surroundings each of them runs.

The demo runs one `Site`; tests run others, beside it, on databases and ports of their own.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.supervisor import Program

ROOT = Path(__file__).resolve().parent.parent
# What may keep a process busy for long, what Vibes is asked to confirm among it, and what must not wait
# behind it: every STOP and other no, and the bells that find all due work. A worker takes all of it, so
# that nothing stands still without the listener; the listener takes nothing else.
PROMPT = ("callbacks", "ticks")
QUEUES = ("flow", "send", "import", "confirm", *PROMPT)


@dataclass(frozen=True, kw_only=True)
class Site:
    """One running copy of the product: where its data lies and where it answers."""

    var: Path
    port: int
    sim_port: int
    host: str = "127.0.0.1"
    broker_url: str
    extra: Mapping[str, str] = field(default_factory=dict)
    """What this site sets whatever its surroundings say, such as DATABASE_URL."""
    settings: str = "config.settings.dev"

    @property
    def url(self) -> str:
        """Where a browser and the simulator's callbacks reach the web process."""
        return os.environ.get("PUBLIC_URL") or self.local_url

    @property
    def local_url(self) -> str:
        here = self.host if self.host not in ("0.0.0.0", "::", "localhost") else "127.0.0.1"  # noqa: S104
        return f"http://{here}:{self.port}"

    @property
    def sim_url(self) -> str:
        return f"http://127.0.0.1:{self.sim_port}"

    def environment(self) -> dict[str, str]:
        """For every child alike. The caller's own variables win over the first of these."""
        ours = {
            "PUBLIC_URL": self.url,
            "SIMULATOR_URL": self.sim_url,
            "SIM_CALLBACK_ALLOW": f"{self.url},{self.local_url},http://localhost:{self.port}",
            "SIM_DATABASE": str(self.var / "simulator.sqlite3"),
        }
        fixed = {
            "DJANGO_SETTINGS_MODULE": self.settings,
            "CELERY_BROKER_URL": self.broker_url,
            "VAR_DIR": str(self.var),
            "PORT": str(self.port),
            "SIM_PORT": str(self.sim_port),
            "PYTHONUNBUFFERED": "1",
        }
        return {**ours, **os.environ, **fixed, **self.extra}

    def web(self, *, threads: int = 8) -> Program:
        bind = ["--bind", f"{self.host}:{self.port}"]
        gthread = ["--worker-class", "gthread", "--threads", str(threads), "--no-control-socket"]
        return self._program("web", ["gunicorn", "config.wsgi", *bind, *gthread])

    def worker(self, *, concurrency: int = 4, queues: Sequence[str] = QUEUES) -> Program:
        return self._worker("worker", concurrency, queues)

    def listener(self, *, concurrency: int = 2) -> Program:
        """A worker kept free for what must not wait, so that no amount of sending delays a STOP."""
        return self._worker("listener", concurrency, PROMPT)

    def beat(self) -> Program:
        kept = ["--schedule", str(self.var / "beat-schedule"), "--pidfile="]
        return self._program(
            "beat", ["celery", "-q", "-A", "config", "beat", *kept, "-l", "WARNING"]
        )

    def simulator(self) -> Program:
        return self._program("simulator", ["vibes.simulator"])

    def command(self, *arguments: str) -> list[str]:
        """A manage.py command, to be run with this site's environment."""
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def _worker(self, name: str, concurrency: int, queues: Sequence[str]) -> Program:
        quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
        width = ["--pool", "prefork", "--concurrency", str(concurrency)]
        which = ["--hostname", f"{name}-{self.port}@%h", "--queues", ",".join(queues)]
        command = ["celery", "-q", "-A", "config", "worker", *which, *width, *quiet]
        return self._program(name, command, stop_seconds=40)

    def _program(self, name: str, module: list[str], *, stop_seconds: float = 10) -> Program:
        command = [sys.executable, "-m", *module]
        return Program(name, command, self.environment(), ROOT, stop_seconds)
