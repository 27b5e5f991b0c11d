"""Whether this process was asked to end. Work that goes on for long looks here between two pieces of it."""

import signal

_asked = False


def is_asked() -> bool:
    return _asked


def when_told() -> None:
    """From now on SIGTERM and SIGINT break nothing off: the process ends where it looks whether it is to."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, ask)


def ask(*_: object) -> None:
    """Plain, since a signal may come at any moment, and another while this one is heard."""
    global _asked  # noqa: PLW0603
    _asked = True
