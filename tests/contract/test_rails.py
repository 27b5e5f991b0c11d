"""House law a linter does not know: read from the source itself."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = [
    path
    for app in ("config", "campaigns", "vibes", "people")
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts and "simulator" not in path.parts
]
# The edges: they read the clock and hand it inwards. Forms are filled in by people, and the client
# compares its clock with Vibes'.
EDGES = {
    "clock.py",
    "views",
    "tasks.py",
    "management",
    "admin.py",
    "admin",
    "checklist.py",
    "partitions.py",
} | {
    "forms.py",
    "client",
}


def _found(pattern: str, paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line) and not line.lstrip().startswith(("#", '"""'))
    ]


@pytest.mark.parametrize("pattern", [r"\beta=", r"\bcountdown=", r"\b(self|task)\.retry\("])
def test_celery_is_a_doorbell_and_waiting_is_a_column(pattern: str) -> None:
    assert _found(pattern, PRODUCT) == []


def test_no_message_leaves_inside_a_transaction() -> None:
    tasks = [path for path in PRODUCT if path.name != "celery.py"]

    assert _found(r"\w\.delay\(", tasks) == []


def test_the_clock_is_read_at_the_edge() -> None:
    inside = [
        path
        for path in PRODUCT
        if path.relative_to(ROOT).parts[0] != "config" and not EDGES & set(path.parts)
    ]

    assert (
        _found(r"timezone\.now\(\)|datetime\.now\(|\.utcnow\(|database_(clock|now)\(", inside) == []
    )


def test_no_step_is_known_by_name() -> None:
    assert _found(r"\.kind == [\"']", PRODUCT) == []


def test_only_the_client_and_outward_speak_http() -> None:
    others = [path for path in PRODUCT if not {"client", "config", "outward.py"} & set(path.parts)]

    assert _found(r"^\s*(import requests|from requests)", others) == []
