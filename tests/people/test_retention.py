"""Old months of history go as a whole, and only when they are over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from people import partitions, retention
from people.models import Activity
from tests.people import make

pytestmark = pytest.mark.django_db
JUNE = datetime(2031, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def months() -> None:
    """Lines of April (twice, at its edges), May and June; April came before it had a table."""
    partitions.ensure_months(datetime(2031, 5, 1, tzinfo=UTC))
    ana = make.person()
    for at in ("2031-04-01T00:00", "2031-04-30T23:59", "2031-05-15T12:00", "2031-06-01T00:00"):
        moment = datetime.fromisoformat(f"{at}+00:00")
        Activity.objects.create(person=ana, kind="new_person", happened_at=moment)


def kept() -> list[str]:
    times = Activity.objects.order_by("happened_at").values_list("happened_at", flat=True)
    return [f"{at:%m-%d}" for at in times]


def test_says_what_would_go_month_by_month() -> None:
    found = retention.months_before(JUNE)

    assert [(each.name, each.lines) for each in found if each.lines] == [
        ("2031-04", 2),
        ("2031-05", 1),
    ]
    assert kept() == ["04-01", "04-30", "05-15", "06-01"]


def test_drops_them_and_no_line_of_the_month_that_was_named() -> None:
    gone = retention.drop_before(JUNE)

    assert sum(each.lines for each in gone) == 3
    assert kept() == ["06-01"]
    assert retention.drop_before(JUNE) == []


def test_a_month_that_was_dropped_can_be_written_again() -> None:
    retention.drop_before(JUNE)
    ana = make.person()

    Activity.objects.create(
        person=ana, kind="new_person", happened_at=datetime(2031, 5, 2, tzinfo=UTC)
    )

    assert kept() == ["05-02", "06-01"]


def test_the_command_only_says_it_first(capsys: pytest.CaptureFixture[str]) -> None:
    Activity.objects.filter(happened_at__gte=JUNE).delete()

    with pytest.raises(CommandError, match="this month or an earlier one"):
        call_command("drop_history", "--before", "9999-01")
    Activity.objects.update(happened_at=datetime(2020, 3, 1, tzinfo=UTC))
    call_command("drop_history", "--before", "2020-04", "--dry-run")

    assert "3 lines would go." in capsys.readouterr().out
    assert Activity.objects.count() == 3
    call_command("drop_history", "--before", "2020-04")
    assert "3 lines are gone." in capsys.readouterr().out
    assert not Activity.objects.exists()
