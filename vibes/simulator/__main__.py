"""``python -m vibes.simulator``: serve until SIGTERM or SIGINT.

One worker process, since the threads that run the pipeline live in it.
"""

import os

from gunicorn.app.base import BaseApplication

THREADS = 64
GRACE_S = 1


class Server(BaseApplication):
    """gunicorn, set up here instead of by a command line."""

    def load_config(self) -> None:
        host, port = os.environ.get("SIM_HOST", "127.0.0.1"), os.environ.get("SIM_PORT", "8099")
        for name, value in _settings(host, port).items():
            self.cfg.set(name, value)

    def load(self) -> object:
        from vibes.simulator.wsgi import application

        return application


def _settings(host: str, port: str) -> dict[str, object]:
    return {
        "bind": f"{host}:{port}",
        "workers": 1,
        "threads": THREADS,
        "worker_class": "gthread",
        "worker_connections": 1000,
        "keepalive": 60,
        "graceful_timeout": GRACE_S,
        "timeout": 60,
        "loglevel": "warning",
        "proc_name": "vibes-simulator",
        "control_socket_disable": True,
        "worker_exit": _stop,
        "when_ready": lambda _: print(f"Vibes simulator: http://{host}:{port}/_sim/", flush=True),
    }


def _stop(server: object, worker: object) -> None:
    from vibes.simulator import engine

    engine.stop()


if __name__ == "__main__":
    Server().run()
