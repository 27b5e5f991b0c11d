import pytest

from people.instance import DEFAULT_REGION
from people.models import Person
from tests.people import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ana", ["Ana"]),
        ("bell", ["Ana"]),
        ("ana bell", ["Ana"]),
        ("ana york", []),
        ("BEN@", ["Ben"]),
        ("(312) 555-0142", ["Ana"]),
        ("+1 312 555 0142", ["Ana"]),
        ("5550143", ["Ben"]),
        ("call", ["Cleo"]),
        ("%", []),
    ],
)
def test_search_finds_by_name_address_and_number(words: str, found: list[str]) -> None:
    make.person(first_name="Ana", last_name="Bell", mobile="312-555-0142")
    make.person(first_name="Ben", email="ben@example.com", mobile="312-555-0143")
    make.person(first_name="Cleo", mobile="call me")

    assert [person.first_name for person in Person.objects.search(words)] == found


def test_a_number_without_its_country_is_of_the_country_we_are_in() -> None:
    london = make.person(mobile="+44 20 7946 0018")
    DEFAULT_REGION.set("GB")

    assert list(Person.objects.search("020 7946 0018")) == [london]
