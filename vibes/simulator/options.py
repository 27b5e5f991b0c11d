"""Everything about the simulator that can be turned, with where it starts.

The environment sets the start; ``PUT /_sim/settings`` changes it until the
process ends or ``POST /_sim/reset`` puts it back.
"""

import os
from dataclasses import asdict, dataclass, field, fields
from typing import Any


def _addresses() -> list[str]:
    raw = os.environ.get("SIM_CALLBACK_ALLOW", "http://127.0.0.1:8000,http://localhost:8000")
    return [address.strip() for address in raw.split(",") if address.strip()]


def _number(name: str, otherwise: float) -> float:
    return float(os.environ.get(name, otherwise))


def _flag(name: str) -> bool:
    return os.environ.get(name, "").casefold() in ("1", "true", "yes", "on")


def _receipt_loss() -> float:
    return 0.03 if _number("SIM_TIME_SCALE", 1) else 0.0


@dataclass
class Options:
    """Choices where the real platform is undocumented, and knobs for tests."""

    company_key: str = "DEMO0001"
    username: str = "demo"
    password: str = "demo"  # noqa: S105 - of a pretend account
    latency_ms: float = field(default_factory=lambda: _number("SIM_LATENCY_MS", 40))
    time_scale: float = field(default_factory=lambda: _number("SIM_TIME_SCALE", 1))
    rate_limit_events: int = 300
    """Requests a second on POST /events; 0 switches the limit off."""
    rate_limit_other: int = 100
    retry_after: str = "none"
    strict: bool = field(default_factory=lambda: _flag("SIM_STRICT"))
    """Paths only as the profile spells them, slash and all; unknown query parameters are 400."""
    event_id_reuse: str = "accept_then_fail_callback"
    stop_scope: str = "code"
    stop_blocks: str = "pending"
    """What a STOP blocks besides: the campaigns that were asking, or all on the code."""
    status_style: str = "real"
    person_search: str = "object"
    subscription_status: str = "array"
    receipt_loss: float = field(default_factory=_receipt_loss)
    """The share of texts whose handset receipt never comes, 0 to 1."""
    pending_hours: float = 24.0
    callback_allow: list[str] = field(default_factory=_addresses)
    callback_retries: int = 5
    callback_retry_s: float = 300.0
    callback_timeout_s: float = 2.0
    callback_down_after: int = 10
    """So many failures in a row take an address down."""
    callback_down_s: float = 600.0
    journal_keep: int = 100_000
    """How many requests and callbacks the journals remember. The ledger keeps all."""


CHOICES = {
    "retry_after": {"none", "seconds", "date"},
    "event_id_reuse": {"reject409", "accept_then_fail_callback", "drop_silently"},
    "stop_scope": {"code", "list_of_last_message", "company"},
    "stop_blocks": {"pending", "code"},
    "status_style": {"real", "documented200"},
    "person_search": {"object", "array"},
    "subscription_status": {"array", "object"},
}
KINDS: dict[Any, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    list[str]: (list,),
}
"""What a setting of a type may be set to."""
LARGEST = 10_000_000
BOUNDS = {"callback_down_after": (1, LARGEST), "receipt_loss": (0, 1)}
"""The least and the most of numbers that are not 0 to ``LARGEST``."""

options = Options()


def restore() -> None:
    """Back to what the environment said."""
    _assign(asdict(Options()))


def complaints(changes: dict[str, Any]) -> list[str]:
    """Why these changes cannot be made; empty when they can."""
    now = asdict(options)
    found = [f"{name}: there is no such setting" for name in changes if name not in now]
    for name, value in changes.items():
        if name in now and not _fits(value, name):
            found.append(f"{name}: expected a value like {now[name]!r}")
        elif isinstance(value, int | float) and not _is_within(value, name):
            found.append(f"{name}: too small or too large")
        elif name in CHOICES and value not in CHOICES[name]:
            found.append(f"{name}: choose one of {', '.join(sorted(CHOICES[name]))}")
    return found


def change(changes: dict[str, Any]) -> None:
    _assign(changes)


def _fits(value: object, name: str) -> bool:
    kind = next(item.type for item in fields(Options) if item.name == name)
    texts = not isinstance(value, list) or all(isinstance(each, str) for each in value)
    return texts and isinstance(value, KINDS[kind]) and isinstance(value, bool) == (kind is bool)


def _is_within(value: float, name: str) -> bool:
    least, most = BOUNDS.get(name, (0, LARGEST))
    return least <= value <= most


def _assign(values: dict[str, Any]) -> None:
    known = {item.name for item in fields(Options)}
    for name in known & values.keys():
        setattr(options, name, values[name])
