from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q

from campaigns import audience
from campaigns.content import FilterSpec, ListSpec
from people import activity
from people.activity import Happening
from people.models import Person
from tests.campaigns import make
from tests.people.make import person, static_list
from vibes.receipts import SENT

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


def found(*filters: tuple[str, dict[str, Any]], match: str = "all", logic: str = "") -> set[str]:
    specs = tuple(FilterSpec(kind, config) for kind, config in filters)
    people = audience.people(ListSpec(match, logic, specs), now=NOON)
    return {each.first_name for each in people}


def text(operator: str, *values: str) -> dict[str, Any]:
    return {"operator": operator, "value": list(values)}


CHICAGO = ("city", text("is", "Chicago"))
ANA = ("first_name", text("is", "Ana"))
BEN = ("first_name", text("is", "Ben"))


@pytest.fixture(autouse=True)
def three_people() -> None:
    person(first_name="Ana", city="chicago", score=10, email="ana@example.com")
    person(first_name="Ben", city="Chicago Heights", score=20, block_listed=True)
    person(first_name="Eve", city="", mobile="(312) 555-0142", created_at=NOON)


@pytest.mark.parametrize(
    ("config", "names"),
    [
        (text("is", "Chicago"), {"Ana"}),
        (text("is", "Boston", "CHICAGO"), {"Ana"}),
        (text("is_not", "Chicago"), {"Ben", "Eve"}),
        (text("starts_with", "chic"), {"Ana", "Ben"}),
        (text("not_starts_with", "chic"), {"Eve"}),
        (text("contains", "HEIGHTS"), {"Ben"}),
        (text("not_contains", "HEIGHTS"), {"Ana", "Eve"}),
        (text("is_empty"), {"Eve"}),
        (text("is_not_empty"), {"Ana", "Ben"}),
    ],
)
def test_compares_text_without_case(config: dict[str, Any], names: set[str]) -> None:
    assert found(("city", config)) == names


@pytest.mark.parametrize(
    ("operator", "names"),
    [
        ("is", {"Ana"}),
        ("is_not", {"Ben", "Eve"}),
        ("at_least", {"Ana", "Ben"}),
        ("greater_than", {"Ben"}),
        ("less_than", {"Eve"}),
        ("at_most", {"Ana", "Eve"}),
    ],
)
def test_compares_numbers(operator: str, names: set[str]) -> None:
    assert found(("score", {"operator": operator, "value": 10})) == names


def test_asks_whether_a_box_is_ticked() -> None:
    assert found(("block_listed", {"value": "true"})) == {"Ben"}


def test_counts_days_back_from_now() -> None:
    Person.objects.filter(first_name="Ana").update(created_at=NOON - timedelta(days=8))

    recent = ("created_at", {"operator": "in_past_days", "days": 7, "day": None})

    assert found(recent) == {"Ben", "Eve"}


def test_finds_members_of_a_vibes_list_by_number() -> None:
    offers = make.vibes_list()
    eve = Person.objects.get(first_name="Eve")
    make.subscribe(offers, [eve])

    config = {"vibes_list": offers.pk}

    assert found(("member_of_vibes_list", {"operator": "in", **config})) == {"Eve"}
    assert found(("member_of_vibes_list", {"operator": "not_in", **config})) == {"Ana", "Ben"}


def test_finds_members_of_a_static_list() -> None:
    news = static_list("News", Person.objects.get(first_name="Ben"))

    assert found(("member_of_list", {"operator": "in", "static_list": news.pk})) == {"Ben"}


def test_finds_people_who_were_texted_lately() -> None:
    ana = Person.objects.get(first_name="Ana")
    activity.record(SENT, [Happening(ana.pk)], at=NOON - timedelta(days=3))

    assert found(("was_sent_sms_message", {"operator": "yes", "days": 5})) == {"Ana"}
    assert found(("was_sent_sms_message", {"operator": "yes", "days": 2})) == set()
    assert found(("was_sent_sms_message", {"operator": "no", "days": 5})) == {"Ben", "Eve"}


def test_joins_filters_by_all_any_and_advanced_logic() -> None:
    assert found(CHICAGO, ANA) == {"Ana"}
    assert found(CHICAGO, BEN, match="any") == {"Ana", "Ben"}
    assert found(CHICAGO, ANA, BEN, match="advanced", logic="(1 and 2) or 3") == {"Ana", "Ben"}


def test_finds_nobody_without_filters() -> None:
    assert found() == set()


def test_leaves_out_the_deleted() -> None:
    Person.objects.filter(first_name="Ana").update(deleted_at=NOON)

    assert found(CHICAGO) == set()


@pytest.mark.parametrize("names", [[], ["a"], ["a", "b", "c"]])
def test_counts_several_conditions_in_one_statement(
    names: list[str], django_assert_num_queries: Any
) -> None:
    asked = {"a": Q(city="chicago"), "b": Q(pk__in=[]), "c": Q(score__gte=20) | Q(city="")}

    with django_assert_num_queries(1 if names else 0):
        counted = audience.counts({name: asked[name] for name in names})

    assert counted == {name: {"a": 1, "b": 0, "c": 2}[name] for name in names}
