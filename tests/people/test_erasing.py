"""Erasing people for good: nothing of theirs is left, and who was barred is known again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.serializers import serialize
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from people import activity, binning, editing, erasing, merging, pseudonym, suppression
from people.activity import Happening, Kind
from people.columns import Reading
from people.csv_file import Row
from people.matching import Key
from people.merging import Choice
from people.models import Activity, HashKey, ImportReject, ImportTrace, Person, Suppression
from people.upserting import Upsert
from tests.campaigns import make as campaigns
from tests.people import files, make
from tests.people.make import NOON
from vibes import gate
from vibes.models import OutboxRow

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
NUMBER = "+13125550142"
FLAGS = pytest.mark.parametrize(
    "flag", [{"block_listed": True}, {"marketing_suspended": True}], ids=" ".join
)


def erase(*people: Person) -> None:
    ids = [each.pk for each in people]
    binning.delete(ids, by="ada", now=NOON)
    binning.erase_soon(ids, by="ada", now=NOON)
    assert erasing.erase_some(now=NOON) == len(people)


def everything() -> str:
    """The whole database, as text."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            found.append(repr(cursor.fetchall()))
    return "\n".join(found)


def ana(**more: Any) -> Person:
    return make.person(
        first_name="Anastasia",
        last_name="Example",
        email="Ana@Example.com",
        mobile="(312) 555-0142",
        city="Springfield",
        custom={"shoe": "Size forty"},
        **more,
    )


def test_nothing_of_hers_is_left_in_the_whole_database() -> None:
    person = ana()
    make.static_list("News", person)
    editing.change(person, {"first_name": "Anastasya"}, by="ada", now=NOON)
    job = make.import_job()
    ImportReject.objects.create(job=job, number=2, reason="Why", cells=["x", "ana@example.com"])
    ImportReject.objects.create(
        job=job, number=3, reason="“Example” is none", cells=["312-555-0142"]
    )
    ImportReject.objects.create(job=job, number=4, reason="Why", cells=["somebody else"])
    changed = {"before": {"city": "Springfield"}, "after": {"first_name": "Anastasia"}}
    ImportTrace.objects.create(job=job, person_id=person.pk, **changed)
    LogEntry.objects.create(
        user=User.objects.create(username="ops"),
        content_type=ContentType.objects.get_for_model(Person),
        object_id=str(person.pk),
        object_repr=str(person),
        action_flag=CHANGE,
    )

    erase(person)

    left = everything()
    words = ["Anastas", "Example", "xample.com", "5550142", "555-0142", "Springfield", "forty"]
    assert [each for each in words if each in left] == []
    assert "somebody else" in left
    assert ImportReject.objects.count() == 3


def test_the_row_and_its_history_stay_without_words() -> None:
    person = ana()
    activity.record(
        activity.ADD_TO_LIST, [Happening(person.pk, {"list": "News", "by": "b"})], at=NOON
    )

    erase(person)

    person.refresh_from_db()
    assert (str(person), person.created_at, person.erased_at) == (f"#{person.pk}", NOON, NOON)
    kinds = Activity.objects.filter(person=person).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["add_to_list", "delete_person", "erase_person"]


def test_details_of_a_kind_that_nobody_knows_go_as_a_whole() -> None:
    person = ana()
    activity.record(Kind("gone", "Gone", "x"), [Happening(person.pk, {"who": "Ana"})], at=NOON)

    erase(person)

    assert Activity.objects.get(kind="gone").details == {}


def test_whoever_was_merged_into_her_is_erased_with_her() -> None:
    person, other = ana(), make.person(mobile="(312) 555-0143")
    merging.merge([person.pk, other.pk], Choice(), by="ada", now=NOON)

    erase(person)

    assert "5550143" not in everything()
    assert Person.objects.filter(erased_at=NOON).count() == 2


def test_what_a_merge_took_from_somebody_is_erased_from_the_history_too() -> None:
    person = make.person(first_name="Ana", city="Boston")
    other = make.person(first_name="Anastasia", mobile=NUMBER, city="Reno")
    whose = dict.fromkeys(["first_name", "mobile_typed", "city"], other.pk)
    merging.merge([person.pk, other.pk], Choice(whose), by="ada", now=NOON)

    erase(person)

    left = everything()
    assert not [word for word in ("Anastasia", "3125550142", "Reno") if word in left]


def test_whoever_came_back_from_the_bin_meanwhile_is_not_erased() -> None:
    person = ana()
    binning.delete([person.pk], by="ada", now=NOON)
    binning.erase_soon([person.pk], by="ada", now=NOON)
    binning.restore([person.pk], by="ada", now=NOON)

    assert erasing.erase_some(now=LATER) == 0
    person.refresh_from_db()
    assert person.first_name == "Anastasia"


def test_a_number_somebody_else_has_stays_theirs() -> None:
    person, ben = ana(block_listed=True), make.person(first_name="Ben", mobile=NUMBER)

    erase(person)

    ben.refresh_from_db()
    assert ben.mobile == NUMBER
    assert why_not(ben) == ""
    assert Suppression.objects.get().mobile is None


# --- Suppression ----------------------------------------------------------------------------------


def by_hand() -> Person:
    values = editing.number("312 555 0142", region="US")
    return editing.create(values, by="ben", now=LATER)


def by_import() -> Person:
    values = editing.number("(312) 555-0142", region="US")
    upsert = Upsert([Reading(Row(2, [], ""), values)], key=Key(""), now=LATER)
    upsert.write(told={"by": "import"})
    return upsert.touched[0]


def by_change() -> Person:
    person = make.person(first_name="Ben")
    editing.change(person, editing.number("3125550142", region="US"), by="ben", now=LATER)
    return person


def by_merge() -> Person:
    ben, bens = make.person(first_name="Ben"), make.person(first_name="Benjamin")
    choice = Choice({}, editing.number("312-555-0142", region="US"))
    return merging.merge([ben.pk, bens.pk], choice, by="ben", now=LATER)


def by_undoing() -> Person:
    person = make.person(email="ben@example.com", mobile="312-555-0199")
    job = files.finish(files.begin("Email,Mobile\nben@example.com,312-555-0198\n"))
    before = editing.number("312-555-0142", region="US")
    job.traces.update(before={**job.traces.get().before, "mobile": before["mobile"]})
    files.undo(job)
    person.refresh_from_db()
    return person


def why_not(person: Person) -> str:
    offers = campaigns.vibes_list()
    campaigns.subscribe(offers, [person])
    why = gate.reason(action=OutboxRow.Action.TEXT, vibes_list=offers)
    return str(Person.objects.filter(pk=person.pk).values_list(why, flat=True)[0])


@pytest.mark.parametrize(
    "come_back",
    [by_hand, by_import, by_change, by_merge, by_undoing],
    ids=lambda each: each.__name__,
)
@FLAGS
def test_a_number_that_was_barred_stays_barred_when_it_comes_back(
    flag: dict[str, bool], come_back: Callable[[], Person]
) -> None:
    erase(ana(**flag))

    assert why_not(come_back()) == "suppressed"


def test_a_number_that_was_not_barred_may_come_back() -> None:
    erase(ana())

    assert why_not(by_hand()) == ""


@FLAGS
def test_the_bar_of_somebody_merged_into_her_outlives_her(flag: dict[str, bool]) -> None:
    person, other = make.person(mobile="(312) 555-0143"), ana(**flag)
    merging.merge([person.pk, other.pk], Choice(), by="ada", now=NOON)

    erase(person)

    assert why_not(by_hand()) == "suppressed"


def test_the_bar_of_a_number_that_a_merge_replaced_outlives_her() -> None:
    person, other = ana(block_listed=True), make.person(mobile="(312) 555-0143")
    choice = Choice({"mobile_typed": other.pk})
    merging.merge([person.pk, other.pk], choice, by="ada", now=NOON)

    erase(person)

    assert why_not(by_hand()) == "suppressed"


@FLAGS
@pytest.mark.parametrize("blocked_first", [True, False])
def test_of_two_who_share_a_number_the_bar_outlives_both(
    flag: dict[str, bool], blocked_first: bool
) -> None:
    person, ben = ana(**flag), make.person(first_name="Ben", mobile=NUMBER)

    for each in [person, ben] if blocked_first else [ben, person]:
        erase(each)

    assert why_not(by_hand()) == "suppressed"
    assert "5550142" not in json.dumps([*Suppression.objects.values_list("key", flat=True)])


def test_who_comes_back_while_another_has_the_number_is_known_again() -> None:
    person = ana(block_listed=True)
    make.person(first_name="Ben", mobile=NUMBER)
    erase(person)

    assert why_not(by_hand()) == "suppressed"


def test_a_bar_that_counts_again_goes_on_when_one_of_several_is_erased() -> None:
    erase(ana(block_listed=True))
    ben, again = by_hand(), by_hand()
    editing.change(again, {"block_listed": True}, by="ada", now=NOON)

    erase(again)

    assert why_not(ben) == "suppressed"


def test_the_hash_tells_nobody_the_number_and_is_the_same_each_time() -> None:
    erase(ana(block_listed=True))

    [kept] = Suppression.objects.all()
    assert kept.mobile is None
    assert kept.key == pseudonym.of_all([NUMBER])[NUMBER]
    assert kept.key.startswith("#")
    assert len(kept.key) == 16
    # The secret itself is encrypted: whoever has the database alone cannot try all numbers.
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM people_hashkey")
        [(sealed,)] = cursor.fetchall()
    assert HashKey.objects.get().secret not in sealed
    assert HashKey.objects.get().secret not in json.dumps(serialize("json", HashKey.objects.all()))


def test_who_is_erased_again_stays_barred() -> None:
    erase(ana(block_listed=True))
    erase(by_hand())

    assert why_not(by_hand()) == "suppressed"
    assert Suppression.objects.count() == 1


def test_writing_a_number_costs_little_where_nothing_is_remembered(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 1):
        suppression.recognise([NUMBER], now=NOON)


def test_only_those_write_numbers_who_ask_whether_one_is_remembered() -> None:
    root = Path(settings.BASE_DIR)
    texts = {
        str(path.relative_to(root)): path.read_text()
        for app in ("people", "vibes", "campaigns", "config")
        for path in (root / app).rglob("*.py")
    }
    reads = {path for path, text in texts.items() if "editing.number(" in text}
    writes = {path for path, text in texts.items() if "set_mobile(" in text}

    # `columns` reads for `upserting`; the forms read for `editing` and `merging`, which ask too (above).
    assert reads == {"people/columns.py", "people/person_form.py", "people/merge_form.py"}
    assert writes == {"people/models/person.py", "config/demo_world/cast.py"}  # a new database
