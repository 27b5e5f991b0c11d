"""Who looks at the Vibes pages, and what they type there."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client as Browser

HTMX = {"HX-Request": "true"}


def browser_of(*permissions: str, **rights: Any) -> Browser:
    """The browser of somebody with these permissions, signed in."""
    user = User.objects.create_user(f"somebody{len(permissions)}{len(rights)}", **rights)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Browser()
    browser.force_login(user)
    return browser


def typed(**fields: Any) -> dict[str, Any]:
    """What somebody types into the form of a service."""
    return {
        "name": "Vibes",
        "username": "demo",
        "password": "demo",
        "company_key": "DEMO0001",
        "region": "simulator",
        "base_url": "",
        "source_code": "65301",
        "country_code": "1",
    } | fields


def page_of(answer: Any) -> str:
    return str(answer.content.decode())
