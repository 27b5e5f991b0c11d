"""What a log line must not say, and what it must go on saying."""

import io
import logging
import logging.config
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.log import DEFAULT_LOGGING

from config.logs import configure, mask

TOKEN = "Zk3-x_13125550142aaaaaaaaaaaaaaaaaaaaaaaaaaa"  # made up
NAMES = ("", "django", "django.server", "django.request", "gunicorn.access", "gunicorn.error")


def said(value: Any) -> Any:
    return mask(None, "info", {"event": value})["event"]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("to +13125550142 now", "to +1312…42 now"),
        ("to +442079460958 now", "to +4420…58 now"),
        ("to +44 20 7946 0958 now", "to +44 2…58 now"),
        ("/people?mdn=%2B13125550142&x=1", "/people?mdn=%2B13…42&x=1"),
        ("/people?next=%252b13125550142", "/people?next=%252b…42"),
        ("q=to%2013125550142", "q=to%2013125…42"),
        ("q=312+555+0142", "q=312+5…42"),
        ("q=%28312%29+555-0142", "q=%2831…42"),
        ("q=%2B44+20+7946+0958&x=1", "q=%2B44…58&x=1"),
        ("q=%2B1+%28312%29+555-0142", "q=%2B1+…42"),
        ("mdn 13125550142 unknown", "mdn 13125…42 unknown"),
        ("mobile_13125550142", "mobile_13125…42"),
        ("3125550142", "31255…42"),
        ("call 312-555-0142.", "call 312-5…42."),
        ("call 312.555.0142", "call 312.5…42"),
        ("call (312) 555-0142", "call (312)…42"),
        ("call (312)555-0142", "call (312)…42"),
        ("call 1-312-555-0142", "call 1-312…42"),
        ("call 1 312 555 0142", "call 1 312…42"),
        ("call +1 (312) 555-0142", "call +1 (3…42"),
    ],
)
def test_a_number_is_masked_however_it_is_spelled(text: str, hidden: str) -> None:
    assert said(text) == hidden


@pytest.mark.parametrize(
    "plain",
    [
        "2026-07-21T10:15:30.123456+00:00",
        "2026-07-21T10:15:30.123456Z",
        "[21/Jul/2026:10:15:30 +0000]",
        "550e8400-e29b-41d4-a716-446655440000",
        "31255501-4213-4125-8501-423125550142",
        "9f3125550142a47b8f21d0c3e4a5b6c7",
        "entered=2000",
        "http://127.0.0.1:8000/people/123456/",
        "10.128.255.255",
        "took 0.13125550142",
        "at 1784628930, which is 1784628930123 ms",
        "order 8412345678901234",
        "version 131.0.6778.204",
        8000,
        123456789,
        1784628930.123456,
        0.3125550142,
        True,
        None,
    ],
)
def test_times_ids_and_counts_stay(plain: Any) -> None:
    assert said(plain) == plain


def test_numbers_are_masked_at_any_depth_and_in_any_kind_of_value() -> None:
    deep = {"+13125550142": [("312-555-0142", 2000), {"mdn": 13125550142}]}

    assert said(deep) == {"+1312…42": [["312-5…42", 2000], {"mdn": "13125…42"}]}
    assert said(ValueError("no +13125550142")) == "ValueError('no +1312…42')"


@pytest.mark.parametrize("slash", ["/", "%2F"])
def test_the_callback_address_loses_its_token(slash: str) -> None:
    before, after = slash.join(["GET ", "vibes", "callbacks", ""]), f"{slash} HTTP/1.1"

    assert said(f"{before}{TOKEN}{after}") == f"{before}…{after}"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the handlers write, with the logging of a development server set up anew."""
    kept = {
        name: (list(found.handlers), found.level, found.propagate, found.disabled)
        for name in NAMES
        for found in [logging.getLogger(name)]
    }
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        patch.setattr("django.utils.log.RequireDebugTrue.filter", lambda *_: True)
        for name in ("gunicorn.access", "gunicorn.error"):  # as gunicorn does before it loads us
            logging.getLogger(name).addHandler(logging.StreamHandler())
        logging.config.dictConfig(DEFAULT_LOGGING)
        logging.config.dictConfig(configure(json=True, level="INFO"))
        yield written
    for name, (handlers, level, propagate, disabled) in kept.items():
        found = logging.getLogger(name)
        found.handlers[:], found.propagate, found.disabled = handlers, propagate, disabled
        found.setLevel(level)


@pytest.mark.parametrize("name", NAMES[1:])
def test_lines_of_django_and_gunicorn_pass_the_mask_once(name: str, lines: io.StringIO) -> None:
    logging.getLogger(name).warning("Not Found: %s", f"/vibes/callbacks/{TOKEN}/")

    assert TOKEN not in lines.getvalue()
    assert lines.getvalue().count("Not Found: /vibes/callbacks/") == 1


def test_the_text_of_an_exception_is_masked(lines: io.StringIO) -> None:
    try:
        raise ValueError("Key (mobile)=(+13125550142) already exists")
    except ValueError:
        logging.getLogger("vibes").exception("a callback could not be applied")

    assert "+13125550142" not in lines.getvalue()
    assert "Key (mobile)=(+1312\\u202642) already exists" in lines.getvalue()


def test_gunicorn_keeps_no_log_of_requests_unless_asked() -> None:
    asked = "from gunicorn.config import Config; print(Config().accesslog)"
    bare = {name: value for name, value in os.environ.items() if name != "GUNICORN_CMD_ARGS"}
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=bare
    )

    assert done.stdout == "None\n"
