import pytest

from people import paging
from people.models import Person
from tests.people import make

pytestmark = pytest.mark.django_db


def test_pages_lead_to_the_end_and_back_again() -> None:
    everybody = [person.pk for person in make.people(7)][::-1]
    people = Person.objects.all()

    first = paging.page(people, before=None, after=None, size=3)
    second = paging.page(people, before=first.older, after=None, size=3)
    last = paging.page(people, before=second.older, after=None, size=3)
    back = paging.page(people, before=None, after=last.newer, size=3)

    found = [[person.pk for person in page.rows] for page in (first, second, last, back)]
    assert found == [everybody[:3], everybody[3:6], everybody[6:], everybody[3:6]]
    assert (first.newer, last.older) == (None, None)


@pytest.mark.parametrize(
    ("text", "key"),
    [("12", 12), ("", None), ("x", None), ("-1", None), ("²", None), ("9" * 30, None)],
)
def test_only_a_number_is_a_key(text: str, key: int | None) -> None:
    assert paging.number(text) == key


def test_counts_in_words_above_ten_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    make.people(30)
    everybody = Person.objects.present()
    assert paging.count_in_words(everybody, whole=True) == "30"

    monkeypatch.setattr(paging, "COUNTED", 20)
    assert paging.count_in_words(everybody) == "more than 20"
    assert paging.count_in_words(everybody, whole=True).startswith("about ")
