"""The parts of the tree bench: folders of ten, campaigns and messages at the bottom, and a flow of 60 steps."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import (
    Campaign,
    Choice,
    FlowStep,
    Node,
    SmartList,
    SmartListFilter,
    SmsMessage,
)
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views.sent import form

Figures = dict[str, float]
FEW = 100
INSIDE = [Node.Kind.FOLDER] * 4 + [Node.Kind.CAMPAIGN] * 3 + [Node.Kind.MESSAGE] * 3
STEPS, CHOICES = 60, 5
HTMX = {"HX-Request": "true"}


def measure(many: int, times: int) -> Figures:
    browser = _browser()
    figures = Figures()
    for name, number in (("few", FEW), ("many", many)):
        grow(number)
        _look_over()
        figures |= {f"{key} {name}": value for key, value in _pages(browser, times).items()}
    for each in ("page", "opening", "again"):
        figures[f"{each}_ratio"] = round(figures[f"{each}_ms many"] / figures[f"{each}_ms few"], 2)
        more = figures[f"{each}_queries many"] - figures[f"{each}_queries few"]
        figures[f"{each}_more_queries"] = more
    return figures | _search(browser) | _flow(browser, times)


def grow(number: int) -> None:
    """So many nodes: ten folders at the top, and from there down in each folder what `INSIDE` says."""
    if not Node.objects.exists():
        _plant(None, [Node.Kind.FOLDER] * len(INSIDE))
    while (left := number - Node.objects.count()) > 0:
        empty = Node.objects.filter(kind=Node.Kind.FOLDER, children=None).order_by("pk")
        for parent in empty[: -(-left // len(INSIDE))]:
            _plant(parent, INSIDE)


def _plant(parent: Node | None, kinds: list[Node.Kind]) -> None:
    made = Node.objects.bulk_create(
        Node(parent=parent, kind=kind, name=f"{kind.label} {place}", created_at=NOON)
        for place, kind in enumerate(kinds)
    )
    _assets(made)


def _assets(nodes: Iterable[Node]) -> None:
    campaigns = [each for each in nodes if each.kind == Node.Kind.CAMPAIGN]
    lists = SmartList.objects.bulk_create(SmartList() for _ in campaigns)
    SmartListFilter.objects.bulk_create(
        SmartListFilter(smart_list=each, kind="city", position=0, config=dict(make.in_city()[1]))
        for each in lists
    )
    made = Campaign.objects.bulk_create(
        Campaign(node=node, smart_list=each, edited_at=NOON)
        for node, each in zip(campaigns, lists, strict=True)
    )
    FlowStep.objects.bulk_create(
        FlowStep(campaign=each, kind="wait", position=place, config=dict(make.wait()[1]))
        for each in made
        for place in range(3)
    )
    SmsMessage.objects.bulk_create(
        SmsMessage(node=node, edited_at=NOON) for node in nodes if node.kind == Node.Kind.MESSAGE
    )


def _look_over() -> None:
    """What a database that has been running for a while has done by itself."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _browser() -> Client:
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(make.user())
    return browser


def _pages(browser: Client, times: int) -> Figures:
    """The first page, and the opening of folders of ten, each the median of many."""
    full = Node.objects.filter(children__kind=Node.Kind.CAMPAIGN).order_by("pk").distinct()[:9]
    openings = itertools.cycle(reverse("campaigns:tree-below", args=[each.pk]) for each in full)
    page, again = reverse("campaigns:tree"), reverse("campaigns:tree-again")
    return {
        **_clock("page", lambda: browser.get(page), times),
        **_clock("opening", lambda: browser.get(next(openings), headers=HTMX), times),
        **_clock("again", lambda: browser.get(again, headers=HTMX), times),
    }


def _clock(name: str, ask: Callable[[], Any], times: int) -> Figures:
    """Median and p95 in milliseconds, once it has been asked for before; how many queries it costs; and,
    since others may be busy too, its processor time."""
    _answered(ask())
    with CaptureQueriesContext(connection) as queries:
        _answered(ask())
    cost = len(queries)  # before the next request lets go of them
    took, busy = [], time.process_time()
    for _turn in range(times):
        began = time.perf_counter()
        _answered(ask())
        took.append((time.perf_counter() - began) * 1000)
    busy = time.process_time() - busy
    p95 = sorted(took)[max(0, -(-len(took) * 95 // 100) - 1)]
    return {
        f"{name}_ms": round(statistics.median(took), 1),
        f"{name}_p95_ms": round(p95, 1),
        f"{name}_processor_ms": round(busy * 1000 / times, 1),
        f"{name}_queries": cost,
    }


def _answered(response: Any) -> None:
    assert response.status_code == 200, response.status_code


def _search(browser: Client) -> Figures:
    find = reverse("campaigns:tree-find")
    asked = {"words": {"q": "mess 7"}, "state": {"state": "draft"}, "invalid": {"state": "invalid"}}
    figures = Figures()
    for name, query in asked.items():
        figures |= _clock(f"find {name}", lambda q=query: browser.get(find, q, headers=HTMX), 5)  # type: ignore[misc]
    return figures


# --- A long flow ------------------------------------------------------------------------------------


def _flow(browser: Client, times: int) -> Figures:
    """A change in a card in the middle, as its page posts it; each time another value."""
    campaign = long_flow()
    row = campaign.steps.all()[STEPS // 2]
    opened = browser.get(reverse("campaigns:flow", args=[campaign.pk]), {"open": f"step-{row.pk}"})
    url, sent = reverse("campaigns:step", args=[row.pk]), form(opened)
    values = itertools.count(1)

    def change() -> Any:
        posted = sent | {f"step-{row.pk}-amount": [str(next(values))]}
        headers = {**HTMX, "HX-Target": f"step-{row.pk}"}
        return browser.post(url, posted, headers=headers)

    figures = _clock("card", change, times)
    row.refresh_from_db()
    assert row.config["amount"] == str(times + 2), row.config
    page = reverse("campaigns:flow", args=[campaign.pk])
    state = reverse("campaigns:draft-state", args=[campaign.pk])
    return (
        figures
        | _clock("card state", lambda: browser.get(state, headers=HTMX), 10)
        | _clock("flow page", lambda: browser.get(page), 5)
    )


def long_flow() -> Campaign:
    campaign = make.campaign("Long", filters=[make.in_city()])
    for _place in range(STEPS):
        step = make.step(campaign, make.wait())
        lists = SmartList.objects.bulk_create(SmartList() for _ in range(CHOICES))
        SmartListFilter.objects.bulk_create(
            SmartListFilter(
                smart_list=each, kind="city", position=0, config=dict(make.in_city(f"City {n}")[1])
            )
            for n, each in enumerate(lists)
        )
        Choice.objects.bulk_create(
            Choice(step=step, position=n, condition=each, config=step.config)
            for n, each in enumerate(lists)
        )
    return campaign
