"""A table of people: the columns of somebody's view, any of them sorted by, page by page.

Whoever shows people calls `context` and includes `people/_people_table.html` and `people/_pager.html`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode

from people import column_views, grid, paging, sorting
from people.grid import Column
from people.models import PersonQuerySet
from people.sorting import Sort


@dataclass(frozen=True)
class Head:
    """The head of a column: where a click on it leads, and how it is sorted now (as ARIA says it)."""

    column: Column
    query: str
    sorted: str


def context(
    request: HttpRequest, people: PersonQuerySet, *, kept: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What the templates of a table need. `kept` stays in every address, as the words of a search do.

    Three queries: the views, the fields, and the people (up to three of these where they are sorted).
    """
    views = column_views.of(request.user)
    asked = request.GET.get("view", "")
    view = column_views.chosen(views, asked)
    columns = grid.chosen(view.columns if view else grid.USUAL)
    by = sorting.read(request.GET.get("sort", "")[:200])
    kept = {name: value for name, value in (kept or {}).items() if value}
    kept |= {"view": asked} if asked else {}
    sort = {"sort": str(by)} if by else {}
    return {
        "columns": columns,
        "heads": [_head(each, by, kept) for each in columns],
        "page": _page(request, people, by),
        "views": views,
        "view": view,
        "sort": by,
        "kept": kept | sort,
        "unsorted": urlencode(kept),
        "without_view": _leading({**kept, **sort}, but="view"),
        "extra": f"&{urlencode(kept | sort)}" if kept or sort else "",
    }


def _leading(kept: Mapping[str, str], *, but: str) -> str:
    """A query to which one more value is added."""
    rest = {name: value for name, value in kept.items() if name != but}
    return f"{urlencode(rest)}&" if rest else ""


def _page(request: HttpRequest, people: PersonQuerySet, by: Sort | None) -> Any:
    before, after = (request.GET.get(name, "")[:2000] for name in ("before", "after"))
    if by:
        return sorting.page(people, by, before=before, after=after)
    return paging.page(people, before=paging.number(before), after=paging.number(after))


def _head(column: Column, by: Sort | None, kept: Mapping[str, str]) -> Head:
    """A second click on a column turns its order round."""
    is_mine = by is not None and by.name == column.name
    falls = is_mine and by is not None and by.descending
    turned = f"-{column.name}" if is_mine and not falls else column.name
    order = ("descending" if falls else "ascending") if is_mine else ""
    return Head(column, urlencode({**kept, "sort": turned}), order)
