import pytest
from pytest_django import DjangoAssertNumQueries

from people import lists
from people.models import Activity
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


def test_people_are_put_on_a_list_once_and_told_so() -> None:
    ana, ben = make.person(first_name="Ana"), make.person(first_name="Ben")
    newsletter = make.static_list("Newsletter", ana)

    assert lists.add(newsletter, [ana.pk, ben.pk, ben.pk], by="ada", now=NOON) == {ben.pk}
    assert set(newsletter.members.all()) == {ana, ben}
    assert list(Activity.objects.values_list("person", "kind", "details")) == [
        (ben.pk, "add_to_list", {"list": "Newsletter", "list_id": newsletter.pk, "by": "ada"})
    ]


def test_people_are_taken_off_a_list_and_stay_in_the_database() -> None:
    ana, ben = make.person(), make.person()
    newsletter = make.static_list("Newsletter", ana)

    assert lists.remove(newsletter, [ana.pk, ben.pk], by="ada", now=NOON) == {ana.pk}
    assert not newsletter.members.exists()
    assert list(Activity.objects.values_list("person", "kind")) == [(ana.pk, "remove_from_list")]


@pytest.mark.parametrize("number", [2, 200])
def test_adding_costs_the_same_for_any_number_of_people(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    newsletter, people = make.static_list(), make.people(number)

    with django_assert_num_queries(5):  # a savepoint and its release are two of them
        lists.add(newsletter, [person.pk for person in people], by="ada", now=NOON)
