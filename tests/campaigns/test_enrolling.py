from collections import defaultdict
from datetime import UTC, datetime

import pytest

from campaigns import enrolling
from campaigns.models import Cohort, Entry, Run
from people.models import Person
from tests.campaigns import make
from tests.people.make import people

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(enrolling, "SIZE", 10)
    return make.run(make.ready_campaign())


def cohorts_by_number() -> dict[str, set[int]]:
    found = defaultdict(set)
    for mobile, cohort in Entry.objects.values_list("person__mobile", "cohort__number"):
        found[mobile].add(cohort)
    return dict(found)


def with_numbers(count: int, sharing: int) -> None:
    """So many people, each number held by `sharing` of them."""
    made = people(count)
    for place, person in enumerate(made):
        person.mobile = f"+1312555{place // sharing:04d}"
    Person.objects.bulk_update(made, ["mobile"])


def test_everybody_enters_once(run: Run) -> None:
    people(25)

    assert enrolling.enrol(run, Person.objects.all(), now=NOON) == 25
    assert Entry.objects.values("person").distinct().count() == 25


def test_parts_people_into_cohorts_of_even_size(run: Run) -> None:
    with_numbers(25, sharing=1)

    enrolling.enrol(run, Person.objects.all(), now=NOON)

    sizes = [each.entries.count() for each in Cohort.objects.order_by("number")]
    assert sizes == [10, 10, 5]


def test_never_splits_a_number_over_two_cohorts(run: Run) -> None:
    with_numbers(60, sharing=4)

    enrolling.enrol(run, Person.objects.all(), now=NOON)

    assert all(len(cohorts) == 1 for cohorts in cohorts_by_number().values())
    assert Entry.objects.count() == 60


def test_spreads_those_without_a_number(run: Run) -> None:
    people(25)

    enrolling.enrol(run, Person.objects.all(), now=NOON)

    assert Cohort.objects.count() == 3


def test_leaves_no_empty_cohort(run: Run) -> None:
    with_numbers(25, sharing=25)

    enrolling.enrol(run, Person.objects.all(), now=NOON)

    assert Cohort.objects.count() == 1


def test_nobody_is_nobody(run: Run) -> None:
    assert enrolling.enrol(run, Person.objects.none(), now=NOON) == 0
    assert Cohort.objects.count() == 0
