"""What a browser sends from a page of cards: its form as the server drew it, changed here and there."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

HTMX = {"HX-Request": "true"}


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._inside = False
        self._select = ""
        self._is_text = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self._inside = has.get("id") == "draft"
        if not self._inside:
            return
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "input" and (has.get("type") != "checkbox" or "checked" in has):
            self.fields.append((name, value if has.get("type") != "checkbox" else "on"))
        elif tag == "select":
            self._select = name
            self.fields.append((name, ""))
        elif tag == "option" and "selected" in has:
            self.fields[-1] = (self._select, value)
        elif tag == "textarea":
            self._is_text = True
            self.fields.append((name, ""))

    def handle_data(self, data: str) -> None:
        """Of a text box: browsers take no notice of the line that ends its tag."""
        if self._is_text:
            self.fields[-1] = (self.fields[-1][0], data.replace("\r\n", "\n").removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        self._is_text = False


def form(response: Any, **changed: str) -> dict[str, list[str]]:
    """The fields of the form `#draft` of an answer, with some of them filled in otherwise."""
    parser = _Form()
    parser.feed(response.content.decode())
    data: dict[str, list[str]] = {}
    for name, value in parser.fields:
        data.setdefault(name, []).append(value)
    return data | {name: [value] for name, value in changed.items()}


def sentences(response: Any) -> list[str]:
    """The numbered sentences of the cards, from the top down."""
    found = re.findall(r'data-card[^>]*aria-label="([^"]*)"', response.content.decode())
    return [unescape(each) for each in found]
