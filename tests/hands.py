"""How things are dragged in a real browser: by mouse, or by a finger that rests before it moves."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import Any

from playwright.sync_api import Locator, Page

Point = tuple[float, float]
Drag = Callable[[Page, Locator, Point], None]
BITS = 20
REST = 0.3  # seconds a finger lies still until it drags: longer than the list's own delay


def by_mouse(page: Page, what: Locator, to: Point) -> None:
    """Press on the middle of something, carry it to a point bit by bit, let go."""
    _carry(middle(what), to, page.mouse.move, page.mouse.down)
    page.mouse.up()


def by_finger(page: Page, what: Locator, to: Point) -> None:
    """The same on a screen that is touched. The page's context has touch."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points: list[Any] = [{"x": at[0], "y": at[1]}] if at else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start = middle(what)
    touch("touchStart", *start)
    sleep(REST)
    _carry(start, to, lambda x, y: touch("touchMove", x, y), lambda: None)
    touch("touchEnd")
    session.detach()


def _carry(
    start: Point, to: Point, move: Callable[[float, float], None], take: Callable[[], None]
) -> None:
    move(*start)
    take()
    for bit in range(1, BITS + 1):
        share = bit / BITS
        move(start[0] + (to[0] - start[0]) * share, start[1] + (to[1] - start[1]) * share)
        sleep(0.02)


def middle(of: Locator) -> Point:
    """The middle of something in sight."""
    return at_height(of, 0.5)


def at_height(of: Locator, share: float) -> Point:
    """A point in something: across in the middle, down at this share of its height."""
    box = of.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * share
