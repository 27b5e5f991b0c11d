"""Sites for journeys: the demo's, shared by all; an empty one for those who begin from nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.site import Running, running


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo, as its command starts it. Journeys share it, each with campaigns of its own."""
    with running(tmp_path_factory.mktemp("demo"), seeded=True) as site:
        yield site


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An installation just made: one sign-in, no people, no Vibes."""
    with running(tmp_path_factory.mktemp("empty"), seeded=False) as site:
        site.manage(
            *("createsuperuser", "--noinput", "--username", "demo", "--email", "demo@example.com"),
            DJANGO_SUPERUSER_PASSWORD="demo",
        )
        yield site
