import pytest
from django.conf import LazySettings

from config import checkup
from config.checkup import Finding, Level


@pytest.mark.parametrize(
    ("version", "has_fault"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_knows_which_sqlite_may_lose_rows(version: tuple[int, ...], has_fault: bool) -> None:
    assert checkup.has_wal_reset_fault(version) is has_fault


@pytest.mark.django_db
def test_finds_nothing_wrong_with_a_migrated_database() -> None:
    assert Level.WRONG not in [finding.level for finding in checkup.database()]


def test_says_what_to_do_about_an_address_vibes_cannot_reach(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "http://ringdove.example"

    assert list(checkup.public_url()) == [
        Finding(
            Level.WRONG,
            "PUBLIC_URL is http://ringdove.example",
            "Vibes calls back over https only: put a TLS proxy in front and change PUBLIC_URL.",
        )
    ]


def test_never_shows_the_password_of_a_broker(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL = "redis://:hush@127.0.0.1:1/0"

    assert "hush" not in "".join(finding.seen for finding in checkup.broker())


def test_a_broken_key_is_wrong(settings: LazySettings) -> None:
    settings.FIELD_KEYS = ["short"]

    assert [finding.level for finding in checkup.field_keys()] == [Level.WRONG]
