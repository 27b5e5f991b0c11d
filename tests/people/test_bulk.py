"""Many rows at once: what goes in comes out, on both databases, as the ORM would have written it."""

import uuid
from datetime import UTC, datetime
from itertools import count

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, IntegrityError, connection, transaction

from people import bulk
from people.models import Activity, Person, StaticList, StaticListMember
from tests.people import make
from tests.vibes import make as vibes
from tests.vibes import owing
from vibes.models import OutboxRow

pytestmark = pytest.mark.django_db
NOON = make.NOON
AWKWARD = ['quote " and \\ back', "a,b{c}", "NULL", "", "line\nbreak", "é ✓ 😀", "it's %s", " x "]


def people(names: list[str], **same: object) -> None:
    always: bulk.Same = {"created_at": NOON, "updated_at": NOON} | same
    bulk.insert_rows(Person, {"first_name": names}, same=always)


def names() -> list[str]:
    return list(Person.objects.order_by("pk").values_list("first_name", flat=True))


def test_words_come_out_as_they_went_in() -> None:
    people(AWKWARD)

    assert names() == AWKWARD


def test_every_other_field_has_its_default() -> None:
    people(["Ana"], score=5)

    ana = Person.objects.get()
    as_made = Person(pk=ana.pk, first_name="Ana", score=5, created_at=NOON, updated_at=NOON)
    fields = [field.attname for field in Person._meta.concrete_fields]
    assert [getattr(ana, each) for each in fields] == [getattr(as_made, each) for each in fields]


def test_dates_flags_and_nothing_keep_their_kind() -> None:
    late = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    columns: bulk.Columns = {
        "created_at": [NOON, late],
        "deleted_at": [None, late],
        "block_listed": [True, False],
    }

    bulk.insert_rows(Person, columns, same={"updated_at": late})

    rows = Person.objects.order_by("pk").values_list("created_at", "deleted_at", "block_listed")
    assert list(rows) == [(NOON, None, True), (late, late, False)]
    assert Person.objects.filter(deleted_at=late, updated_at=late).count() == 1


def test_json_is_json_and_can_be_asked() -> None:
    ana = make.person()
    details: list[object] = [{"why": 'a "b" \\ é', "n": [1, None, True]}, {}]

    columns: bulk.Columns = {"person": [ana.pk, ana.pk], "details": details}
    bulk.insert_rows(Activity, columns, same={"kind": "bulk", "happened_at": NOON})

    lines = Activity.objects.filter(kind="bulk").order_by("pk")
    assert [line.details for line in lines] == details
    assert lines.filter(details__why='a "b" \\ é').count() == 1


def test_uuids_are_found_again() -> None:
    owing.texts(vibes.vibes_list(vibes.account()), "+13125550142", "+13125550143")
    ids = list(OutboxRow.objects.order_by("pk").values_list("pk", flat=True))
    drawn = [uuid.uuid4(), uuid.uuid4()]

    bulk.update_rows(OutboxRow, match={"pk": ids}, each={"event_id": drawn})

    assert OutboxRow.objects.get(event_id=drawn[1]).pk == ids[1]


def test_sets_each_its_own_where_the_condition_holds() -> None:
    people(["Ana", "Ben", "Eve"])
    Person.objects.filter(first_name="Ben").update(score=1)
    ids = list(Person.objects.order_by("pk").values_list("pk", flat=True))

    changed = bulk.update_rows(
        Person,
        match={"pk": ids, "first_name": ["Ana", "Ben", "Zoe"]},
        each={"city": ["Rome", "Oslo", "Bern"]},
        same={"state": "IL"},
        where={"score": 0},
    )

    rows = Person.objects.order_by("pk").values_list("first_name", "city", "state")
    assert changed == 1
    assert list(rows) == [("Ana", "Rome", "IL"), ("Ben", "", ""), ("Eve", "", "")]


def test_a_field_may_be_matched_and_set() -> None:
    people(["Ana", "Ben"])

    bulk.update_rows(
        Person, match={"first_name": ["Ana", "Zoe"]}, each={"first_name": ["Anna", "Zoë"]}
    )

    assert names() == ["Anna", "Ben"]


def test_says_how_many_were_new_and_leaves_the_others() -> None:
    ana, ben = make.person(), make.person()
    news = StaticList.objects.create(name="News", created_at=NOON)
    members = {"person": [ana.pk, ben.pk]}
    same = {"static_list": news.pk, "added_at": NOON}
    StaticListMember.objects.create(static_list=news, person=ana, added_at=NOON)

    assert bulk.insert_rows(StaticListMember, members, same=same, ignore_conflicts=True) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_rows(StaticListMember, members, same=same)


def test_a_default_that_is_drawn_is_drawn_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = count(7)
    monkeypatch.setattr(Person._meta.get_field("score"), "default", lambda: next(drawn))

    people(["Ana", "Ben"])

    assert list(Person.objects.order_by("pk").values_list("score", flat=True)) == [7, 8]


@pytest.mark.parametrize("size", [1, bulk.SLICE, bulk.SLICE + 1])
def test_takes_any_number_in_slices(size: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(-(-size // bulk.SLICE)):
        people([f"P{each}" for each in range(size)])

    assert Person.objects.count() == size


def test_nobody_costs_nothing(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        people([])


def test_refuses_what_is_no_column() -> None:
    with pytest.raises(FieldDoesNotExist):
        bulk.insert_rows(Person, {"nickname": ["Ana"]})
    with pytest.raises(ValueError, match="no column"):
        bulk.insert_rows(Person, {"activities": [1]})


def test_refuses_columns_of_unequal_length() -> None:
    with pytest.raises(ValueError, match=r"\[1, 2\]"):
        bulk.insert_rows(Person, {"first_name": ["Ana"], "last_name": ["Ray", "Roe"]})


@pytest.mark.postgres
def test_what_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(DataError), transaction.atomic():
        people(["A" * 256])
    assert connection.vendor == "postgresql"
