"""Back to the page on which something was asked for, and never to another site."""

from __future__ import annotations

import pytest

from people.views.back import back


@pytest.mark.parametrize(
    ("next_page", "leads_to"),
    [
        ("/database/?q=a&view=3", "/database/?q=a&view=3"),
        ("", "/home/"),
        ("https://elsewhere.example/", "/home/"),
        ("//elsewhere.example/", "/home/"),
        ("/\\elsewhere.example/", "/home/"),
        ("javascript:alert(1)", "/home/"),
        ("database", "/home/"),
    ],
)
def test_stays_on_this_site(next_page: str, leads_to: str) -> None:
    assert back({"next": next_page}, otherwise="/home/") == leads_to
