from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import local_time

CHICAGO = "America/Chicago"
# Half an hour (Lord Howe), a whole day left out (Apia), winter time the other way round (Dublin), Ramadan (Casablanca).
ODD = [CHICAGO, "Australia/Lord_Howe", "Pacific/Apia", "Europe/Dublin", "Africa/Casablanca"]
zones = st.sampled_from(ODD) | st.sampled_from(local_time.zones())


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[datetime, str]:
    """A local time within two days of a change of clocks, or anywhere at all, and its zone."""
    zone = draw(zones)
    start = draw(st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)))  # noqa: DTZ001
    changes = [
        day for day in range(400) if _offset(start, day, zone) != _offset(start, day + 1, zone)
    ]
    day = draw(st.sampled_from(changes)) if changes else 0
    minutes = draw(st.integers(-24 * 60, 48 * 60))
    return start.replace(second=0, microsecond=0) + timedelta(days=day, minutes=minutes), zone


def _offset(start: datetime, day: int, zone: str) -> timedelta | None:
    return (start.replace(tzinfo=UTC) + timedelta(days=day)).astimezone(ZoneInfo(zone)).utcoffset()


def wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def instants(local: datetime, zone: str) -> list[datetime]:
    """Every instant at which the clocks of a zone show this, found by looking at all of them."""
    around = local.replace(tzinfo=UTC)
    minutes = (around + timedelta(minutes=each) for each in range(-26 * 60, 26 * 60, 15))
    return [at for at in minutes if wall(at, zone) == local]


@given(near_a_change())
def test_a_time_that_exists_is_kept_and_the_first_of_two_is_taken(
    asked: tuple[datetime, str],
) -> None:
    local, zone = asked
    local = local.replace(minute=local.minute // 15 * 15)
    moment, all_there_are = local_time.resolve(local, ZoneInfo(zone)), instants(local, zone)

    assert moment.is_moved == (not all_there_are)
    assert moment.is_first_of_two == (len(all_there_are) > 1)
    if all_there_are:
        assert moment.at == all_there_are[0]


@given(near_a_change())
def test_a_time_that_does_not_exist_moves_forward_by_what_the_clocks_do(
    asked: tuple[datetime, str],
) -> None:
    local, zone = asked
    moment = local_time.resolve(local, ZoneInfo(zone))
    before, after = (wall(moment.at + timedelta(days=day), zone) for day in (-2, 2))

    moved = wall(moment.at, zone) - local
    forward = after - before - timedelta(days=4)
    assert moved == (forward if moment.is_moved else timedelta())


@given(near_a_change(), st.integers(1, 3 * 60))
def test_what_is_asked_for_later_never_comes_earlier(
    asked: tuple[datetime, str], minutes: int
) -> None:
    local, zone = asked
    earlier = local_time.resolve(local, ZoneInfo(zone))
    later = local_time.resolve(local + timedelta(minutes=minutes), ZoneInfo(zone))

    assert earlier.at < later.at or earlier.is_moved


@pytest.mark.parametrize(
    ("asked_for", "shown", "note"),
    [
        ("2027-03-14T01:30", "March 14, 2027, 1:30 a.m.", ""),
        (
            "2027-03-14T02:30",
            "March 14, 2027, 3:30 a.m.",
            "Clocks go forward in America/Chicago: 2:30 a.m. does not exist on that day.",
        ),
        (
            "2027-11-07T01:30",
            "Nov. 7, 2027, 1:30 a.m.",
            "Clocks go back in America/Chicago: 1:30 a.m. comes twice, this is the first.",
        ),
    ],
)
def test_says_what_becomes_of_a_time_that_is_not_plain(
    asked_for: str, shown: str, note: str
) -> None:
    moment = local_time.resolve(local_time.from_text(asked_for), ZoneInfo(CHICAGO))

    assert local_time.words(moment.at, CHICAGO) == f"{shown} (America/Chicago)"
    assert local_time.note(asked_for, CHICAGO) == note


def test_every_zone_named_for_a_place_can_be_chosen() -> None:
    assert {CHICAGO, "Europe/Paris", "UTC"} <= set(local_time.zones())
    assert all(ZoneInfo(name) for name in local_time.zones())
