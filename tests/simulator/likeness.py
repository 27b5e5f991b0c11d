"""Is a body like an example: the same fields, the same kinds of values, and the same words?"""

from typing import Any

WORDS = frozenset(
    {"status", "status_reason", "type", "error_code", "callback_type", "opt_out_reason"}
    | {"channel", "message_format", "selector", "code_type"}
)
"""Fields whose very value matters, as does that of the outer ``event_type``."""


def differences(example: Any, made: Any, where: str = "") -> list[str]:
    """Where they differ.

    Null is like anything, a missing field too; arrays are compared as far as both go.
    """
    if example is None or made is None:
        return []
    if isinstance(example, dict) and isinstance(made, dict):
        return _of_objects(example, made, where)
    if isinstance(example, list) and isinstance(made, list):
        pairs = zip(example, made, strict=False)
        return [it for n, pair in enumerate(pairs) for it in differences(*pair, f"{where}[{n}]")]
    matters = where == ".event_type" or where.rpartition(".")[2] in WORDS
    same = example == made if matters else type(example) is type(made)
    return [] if same else [f"{where}: {example!r}, not {made!r}"]


def _of_objects(example: dict[str, Any], made: dict[str, Any], where: str) -> list[str]:
    alone = () if where.endswith(".custom_fields") else sorted(example.keys() ^ made.keys())
    uneven = [f"{where}.{name}: only in one" for name in alone if (example | made)[name]]
    both = sorted(example.keys() & made.keys())
    return uneven + [
        it for name in both for it in differences(example[name], made[name], f"{where}.{name}")
    ]
