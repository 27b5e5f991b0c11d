"""Lines of several processes in one terminal, each behind its name."""

import sys
import threading

from config.supervisor import Say

COLOURS = {"web": 32, "worker": 36, "beat": 34, "simulator": 35, "valkey": 33}


def printer(*, colour: bool) -> Say:
    """A function that writes one whole line at a time, from any thread."""
    turn = threading.Lock()

    def say(name: str, line: str) -> None:
        front = f"{name:<9} |"
        if colour:
            front = f"\x1b[{COLOURS.get(name, 37)}m{front}\x1b[0m"
        with turn:
            sys.stdout.write(f"{front} {line}\n")
            sys.stdout.flush()

    return say
