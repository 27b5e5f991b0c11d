from datetime import UTC, datetime

import pytest
from django.db import connection

from people import partitions
from people.models import Activity
from tests.people import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def table_of(line: Activity) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass FROM people_activity WHERE id = %s", [line.pk])
        return str(cursor.fetchone()[0])


def write(at: datetime) -> Activity:
    ana = make.person(first_name="Ana")
    [line] = Activity.objects.bulk_create([Activity(person=ana, kind="x", happened_at=at)])
    return line


def test_makes_this_month_and_the_next_three_once() -> None:
    at = datetime(2031, 11, 30, 23, 59, tzinfo=UTC)

    assert partitions.ensure_months(at) == [
        "people_activity_2031_11",
        "people_activity_2031_12",
        "people_activity_2032_01",
        "people_activity_2032_02",
    ]
    assert partitions.ensure_months(at) == []


def test_a_line_lands_in_its_month_and_gets_an_id() -> None:
    partitions.ensure_months(datetime(2031, 5, 1, tzinfo=UTC))

    line = write(datetime(2031, 5, 31, 23, 59, tzinfo=UTC))

    assert isinstance(line.pk, int)
    assert table_of(line) == "people_activity_2031_05"


def test_lines_that_came_before_their_month_move_to_it() -> None:
    line = write(datetime(2033, 5, 31, tzinfo=UTC))
    assert table_of(line) == "people_activity_default"

    partitions.ensure_months(datetime(2033, 5, 1, tzinfo=UTC))

    assert table_of(line) == "people_activity_2033_05"


def test_the_table_has_the_columns_of_the_model() -> None:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, "people_activity")

    columns = {column.name: column.null_ok for column in described}
    assert columns == {field.column: field.null for field in Activity._meta.local_fields}
