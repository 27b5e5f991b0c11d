"""``python -m vibes.simulator``: serve until SIGTERM or SIGINT.

One worker process, since the threads that run the pipeline live in it.
"""

import os
import sys

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from vibes.simulator.fixtures import FIXTURES
from vibes.simulator.scenarios import SCENARIOS
from vibes.simulator.stream import MOST_READERS

THREADS = 64 + MOST_READERS
"""However many follow the stream, 64 are left for everything else."""
GRACE_S = 1


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, set up here instead of by a command line."""

    def load_config(self) -> None:
        host, port = os.environ.get("SIM_HOST", "127.0.0.1"), os.environ.get("SIM_PORT", "8099")
        for name, value in _settings(host, port).items():
            self.cfg.set(name, value)

    def load(self) -> object:
        # Only in the worker: a process that forks must have no threads yet.
        from vibes.simulator.wsgi import application  # noqa: PLC0415

        return application


def _settings(host: str, port: str) -> dict[str, object]:
    return {
        "bind": f"{host}:{port}",
        "workers": 1,
        "threads": THREADS,
        "worker_class": "gthread",
        "worker_connections": 1000,
        "keepalive": 300,
        "graceful_timeout": GRACE_S,
        "timeout": 60,
        "loglevel": "warning",
        "proc_name": "vibes-simulator",
        "control_socket_disable": True,
        "when_ready": lambda _: _say(f"Vibes simulator: http://{host}:{port}/_sim/"),
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _check_environment() -> None:
    """Before anything is started: what it names must exist, and nothing else is listened to."""
    if len(sys.argv) > 1:
        sys.exit(
            "No arguments are taken here: set SIM_PORT and its like, or run manage.py simulator"
        )
    for name, choices in (("SIM_SCENARIO", SCENARIOS), ("SIM_FIXTURE", FIXTURES)):
        if os.environ.get(name, next(iter(choices))) not in choices:
            sys.exit(f"{name}: choose one of {', '.join(choices)}")
    if not os.environ.get("SIM_SEED", "1").isdecimal():
        sys.exit("SIM_SEED: a whole number is wanted")


if __name__ == "__main__":
    _check_environment()
    Server().run()
