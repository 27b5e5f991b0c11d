import pytest

from people.models import Activity, Person
from tests.people import make

pytestmark = pytest.mark.django_db


def test_finds_by_id_as_in_does() -> None:
    ana, _ben, eve = make.people(3)

    found = Person.objects.filter(pk__among={eve.pk, ana.pk, 10**12})

    assert list(found.order_by("pk")) == [ana, eve]


def test_follows_a_foreign_key_and_chains() -> None:
    ana, ben = make.people(2)
    for who in (ana, ben):
        Activity.objects.create(person=who, kind="met", happened_at=make.NOON)

    found = Activity.objects.filter(person__among=[ana.pk]).exclude(person__among=[ben.pk])

    assert [line.person_id for line in found] == [ana.pk]
    assert Person.objects.filter(activities__person__among=[ben.pk]).get() == ben


def test_nobody_is_among_no_ids() -> None:
    make.people(2)

    assert not Person.objects.filter(pk__among=[]).exists()


def test_takes_more_ids_than_a_statement_takes_parameters() -> None:
    ana = make.person()

    assert Person.objects.filter(pk__among=range(ana.pk, ana.pk + 300_000)).count() == 1
