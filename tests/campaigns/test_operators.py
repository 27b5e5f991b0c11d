"""Filters as their cards are filled in: what is refused and why, what earlier versions kept, what is said."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from campaigns import audience, drafts, launch, versions
from campaigns.content import FilterSpec, ListSpec
from campaigns.operators import DateFilter, NumberFilter, durations
from campaigns.operators.number import number_form
from campaigns.registry import FilterType, UnknownKind, filters
from people import activity, defining, fields
from people.activity import Happening
from people.field_types import TYPES
from people.instance import DEFAULT_REGION
from people.models import CustomField, Person
from tests.campaigns import make
from tests.contract.test_registry import params
from tests.people.make import people, person, static_list
from vibes.receipts import SENT

NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


def errors(kind: str, **config: str) -> dict[str, list[str]]:
    return {name: [*each] for name, each in filters.get(kind).form(config).errors.items()}


def said(kind: str, **config: Any) -> str:
    filter_type = filters.get(kind)
    return filter_type.summary(filter_type.params(filter_type.form(config)))


def found(kind: str, now: datetime = NOON, **frozen: Any) -> set[str]:
    spec = ListSpec(filters=(FilterSpec(kind, frozen),))
    return {each.first_name for each in audience.people(spec, now=now)}


# --- Texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posted", "values"),
    [
        ("Chicago; Boston", ("Chicago", "Boston")),  # as it was kept once
        ("Acme, Inc.", ("Acme, Inc.",)),
        ("a; b\n", ("a; b",)),
        ("Chicago\r\nBoston\r\n", ("Chicago", "Boston")),
        ("a\n a \nb\n\n", ("a", "b")),
        ("E\u0301\n", ("É",)),
    ],
)
def test_takes_several_values(posted: str, values: tuple[str, ...]) -> None:
    city = filters.get("city")

    assert city.params(city.form({"operator": "is", "value": posted})).value == values


def test_refuses_too_many_values_and_too_long_ones() -> None:
    many = "".join(f"{each}\n" for each in range(1_001))

    assert errors("city", operator="is", value=many) == {
        "value": ["These are 1,001 values. A filter takes 1,000 at most."]
    }
    assert errors("city", operator="is", value="x" * 256) == {
        "value": [f"“{'x' * 30}…” is longer than 255 characters."]
    }
    assert errors("city", operator="is", value=" \n") == {"value": ["Enter a value."]}


@pytest.mark.django_db
@pytest.mark.parametrize("operator", ["is", "starts_with", "contains", "not_contains"])
def test_a_thousand_values_are_one_parameter(operator: str) -> None:
    person(first_name="Ana", city="City 999")
    person(first_name="Ben", city="Paris")
    values = [f"city {each}" for each in range(1_000)]

    people = audience.people(
        ListSpec(filters=(FilterSpec("city", {"operator": operator, "value": values}),)), now=NOON
    )

    assert {each.first_name for each in people} == ({"Ben"} if "not" in operator else {"Ana"})
    assert len(people.query.sql_with_params()[1]) < 5


def test_says_the_first_few_of_many_values() -> None:
    assert said("city", operator="is", value="a\nb\n") == "City is a or b"
    assert said("city", operator="is", value="a\nb\nc\nd\n") == "City is a or b or c or one more"
    assert said("city", operator="not_contains", value="a;b;c;d;e") == (
        "City does not contain a or b or c or 2 more"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operator", "typed", "kept"),
    [
        ("is", "(312) 555-0142", "+13125550142"),
        ("is", "312.555.0142; 13125550142", "+13125550142"),
        ("starts_with", "(312)", "+1312"),
        ("starts_with", "+4420", "+4420"),
        ("starts_with", "1 (312)", "+1312"),
        ("starts_with", "011 44 20", "+4420"),
        ("contains", "555-01", "55501"),
        ("contains", "0014", "0014"),
        ("contains", "nobody", "nobody"),
    ],
)
def test_reads_a_number_in_any_spelling(operator: str, typed: str, kept: str) -> None:
    number = filters.get("mobile_phone_number")

    params = number.params(number.form({"operator": operator, "value": typed}))

    assert params.value == (kept,)


TYPED_IN_BRITAIN = [
    "07400",
    "(0)7400",
    "7400",
    "+44 7400",
    "+44 (0)7400",
    "0044 74 00",
    "+44-07400",
]


@pytest.mark.django_db
@pytest.mark.parametrize("operator", ["starts_with", "contains"])
@pytest.mark.parametrize(
    "typed", [*TYPED_IN_BRITAIN, "07400 123", "07400 123456", "00447400123456"]
)
def test_a_part_of_a_number_is_read_as_people_of_the_country_write_it(
    operator: str, typed: str
) -> None:
    DEFAULT_REGION.set("GB")
    for name, mobile in [("Ana", "+44 7400 123456"), ("Ben", "+44 7500 123456")]:
        person(first_name=name, mobile=mobile)
    number = filters.get("mobile_phone_number")

    def asked(operator: str) -> set[str]:
        kept = number.params(number.form({"operator": operator, "value": typed})).value
        return found("mobile_phone_number", operator=operator, value=list(kept))

    assert (asked(operator), asked(f"not_{operator}")) == ({"Ana"}, {"Ben"})


@pytest.mark.django_db
def test_the_end_of_a_number_that_begins_with_nought_is_found_in_it() -> None:
    DEFAULT_REGION.set("GB")
    person(first_name="Ana", mobile="+44 7400 120456")
    number = filters.get("mobile_phone_number")

    kept = number.params(number.form({"operator": "contains", "value": "0456"})).value

    assert found("mobile_phone_number", operator="contains", value=list(kept)) == {"Ana"}


# --- Numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "config", "why"),
    [
        ("score", {"value": ""}, {"value": ["Enter a value."]}),
        ("score", {"value": "2.5"}, {"value": ["“2.5” is not a whole number."]}),
        ("score", {"value": "9" * 12}, {"value": [f"“{'9' * 12}” is not a whole number."]}),
        ("annual_revenue", {"value": "ten"}, {"value": ["“ten” is not an amount."]}),
        (
            "score",
            {"operator": "between", "value": "5", "to": "4"},
            {"to": ["This comes before the first one."]},
        ),
    ],
)
def test_refuses_what_is_no_such_number(kind: str, config: dict[str, str], why: Any) -> None:
    assert errors(kind, **({"operator": "at_least"} | config)) == why


def test_says_numbers_as_people_write_them() -> None:
    assert said("annual_revenue", operator="between", value="1000", to="2000.5") == (
        "Annual Revenue between 1,000.00 and 2,000.50"
    )
    assert said("score", operator="is_not_empty", value="left over") == "Score is not empty"


def test_a_float_neither_is_nor_is_not() -> None:
    forms: list[Any] = [number_form(word) for word in ("float", "score")]
    offered = [dict(form.base_fields["operator"].choices) for form in forms]

    assert set(offered[1]) - set(offered[0]) == {"is", "is_not"}


@pytest.mark.django_db
def test_nothing_is_not_nought() -> None:
    person(first_name="Nought", employees=0)
    person(first_name="Nothing", employees=None)

    assert found("num_employees", operator="is", value=0) == {"Nought"}
    assert found("num_employees", operator="is_not", value=0) == {"Nothing"}
    assert found("num_employees", operator="is_empty", value=None) == {"Nothing"}


# --- Dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1 hour", "82 days", "3 weeks", "14 months", "1 year"])
def test_reads_natural_durations(text: str) -> None:
    assert str(durations.read(text.upper().replace(" ", "  "))) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("4 hrs", "Write a number and a unit: 1 hour, 82 days, 3 weeks, 14 months, 1 year."),
        ("three weeks", "Write a number and a unit: 1 hour, 82 days, 3 weeks, 14 months, 1 year."),
        ("0 days", "Write at least 1."),
        ("201 years", "This is more than 200 years. Write less."),
    ],
)
def test_refuses_what_is_no_duration(text: str, why: str) -> None:
    assert errors("created_at", operator="in_past", duration=text) == {"duration": [why]}


def test_refuses_hours_of_a_date_and_days_out_of_all_reason() -> None:
    assert errors("date_of_birth", operator="in_past", duration="3 hours") == {
        "duration": ["A date has no hours: write days or more."]
    }
    assert errors("created_at", operator="after", day="9999-12-31") == {
        "day": ["Choose a day between the years 1800 and 2199."]
    }


def test_what_an_operator_does_not_need_does_not_count() -> None:
    """A duration that made no sense, and is hidden since another operator was chosen."""
    assert errors("created_at", operator="after", day="2026-05-01", duration="soon") == {}


@pytest.mark.parametrize(
    ("day", "duration", "times", "result"),
    [
        (date(2026, 3, 31), "1 month", -1, date(2026, 2, 28)),
        (date(2028, 2, 29), "1 year", -1, date(2027, 2, 28)),
        (date(2026, 1, 31), "14 months", 1, date(2027, 3, 31)),
        (date(2026, 1, 1), "3 weeks", -1, date(2025, 12, 11)),
    ],
)
def test_counts_months_by_the_calendar(day: date, duration: str, times: int, result: date) -> None:
    assert durations.read(duration).after(day, times=times) == result


@pytest.mark.django_db
def test_exactly_ninety_days_ahead_takes_two_filters(settings: Any) -> None:
    settings.TIME_ZONE = "America/Chicago"
    for days in (89, 90, 91):
        person(first_name=f"{days}", date_of_birth=date(2026, 6, 1) + timedelta(days=days))
    ahead = [
        FilterSpec("date_of_birth", {"operator": "in_future_after", "duration": "90 days"}),
        FilterSpec("date_of_birth", {"operator": "in_future", "duration": "91 days"}),
    ]

    people = audience.people(ListSpec(filters=tuple(ahead)), now=NOON)

    assert [each.first_name for each in people] == ["90"]


@pytest.mark.django_db
def test_no_date_is_not_before_any_other() -> None:
    person(first_name="Ana")
    person(first_name="Old", date_of_birth=date(1950, 1, 1))

    assert found("date_of_birth", operator="before", day="2026-01-01") == {"Old"}
    assert found("date_of_birth", operator="in_past_before", duration="1 year") == {"Old"}
    assert found("date_of_birth", operator="is_not", day="1950-01-01") == {"Ana"}
    help_text = filters.get("date_of_birth").form({}).fields["operator"].help_text
    assert "no date is not before any other" in str(help_text)


def test_says_dates_as_people_do() -> None:
    assert (
        said("created_at", operator="in_past", duration="3 weeks") == "Created At in past 3 weeks"
    )
    assert said("created_at", operator="in_time_frame", frame="last_month") == (
        "Created At in time frame last month"
    )
    assert said("created_at", operator="between", day="2026-05-01", to="2026-05-03") == (
        "Created At between May 1, 2026 and May 3, 2026"
    )


# --- What earlier versions kept -------------------------------------------------------------------

EARLIER: list[tuple[str, dict[str, Any], str]] = [
    ("city", {"operator": "is", "value": ["Chicago"]}, "City is Chicago"),
    ("city", {"operator": "is_empty", "value": []}, "City is empty"),
    ("score", {"operator": "at_least", "value": 10}, "Score at least 10"),
    ("block_listed", {"value": "true"}, "Block Listed is true"),
    ("created_at", {"operator": "in_past_days", "days": 7, "day": None}, "Created At in past 168 hours"),
    ("created_at", {"operator": "before", "days": None, "day": "2026-05-01"}, "Created At before May 1, 2026"),
    ("was_sent_sms_message", {"operator": "yes", "days": 2}, "Was Sent SMS Message (in past 48 hours)"),
    ("was_sent_sms_message", {"operator": "no", "days": 1}, "NOT Was Sent SMS Message (in past 24 hours)"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "frozen", "sentence"), EARLIER)
def test_a_version_from_before_still_means_the_same(
    kind: str, frozen: dict[str, Any], sentence: str
) -> None:
    filter_type = filters.get(kind)

    params = filter_type.thaw(frozen)

    assert filter_type.summary(params) == sentence
    assert isinstance(filter_type.q(params, now=NOON), Q)


@pytest.mark.parametrize(("kind", "frozen", "sentence"), EARLIER[:4])
def test_a_version_from_before_is_still_the_same_version(
    kind: str, frozen: dict[str, Any], sentence: str
) -> None:
    filter_type = filters.get(kind)

    assert json.loads(json.dumps(filter_type.freeze(filter_type.thaw(frozen)))) == frozen


@pytest.mark.django_db
def test_a_version_from_before_counts_its_days_by_24_hours() -> None:
    ana = person(first_name="Ana")
    for days in (7, 8):
        activity.record(SENT, [Happening(ana.pk)], at=NOON - timedelta(days=days, minutes=1))

    assert found("was_sent_sms_message", operator="yes", days=7) == set()
    assert found("was_sent_sms_message", operator="yes", days=8) == {"Ana"}


@pytest.mark.parametrize(
    ("kind", "config", "sentence"),
    [
        ("created_at", {"operator": "in_past_days", "days": "7", "day": ""}, "Created At in past 7 days"),
        ("was_sent_sms_message", {"operator": "yes", "days": "1"}, "Was Sent SMS Message (in past 1 day)"),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_a_draft_from_before_is_read(kind: str, config: dict[str, str], sentence: str) -> None:
    assert said(kind, **config) == sentence


# --- Fields of this installation ------------------------------------------------------------------

FIELD_VALUES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "boolean": (True, {"value": "true"}, "My Field is true"),
    "integer": (10, {"operator": "is", "value": "10"}, "My Field is 10"),
    "float": (2.5, {"operator": "at_least", "value": "2.5"}, "My Field at least 2.5"),
    "score": (3, {"operator": "less_than", "value": "4"}, "My Field less than 4"),
    "currency": ("12.50", {"operator": "is", "value": "12.5"}, "My Field is 12.50"),
    "percent": ("5", {"operator": "between", "value": "4", "to": "6"}, "My Field between 4 % and 6 %"),
    "string": ("Éa", {"operator": "is", "value": "éA"}, "My Field is éA"),
    "text": ("long", {"operator": "contains", "value": "ON"}, "My Field contains ON"),
    "email": ("a@b.example", {"operator": "starts_with", "value": "A@"}, "My Field starts with A@"),
    "phone": ("+13125550142", {"operator": "contains", "value": "0142"}, "My Field contains 0142"),
    "url": ("https://x.example", {"operator": "is_not_empty"}, "My Field is not empty"),
    "date": (
        "2026-05-31",
        {"operator": "in_past", "duration": "1 day"},
        "My Field in past 1 day",
    ),
    "datetime": (
        "2026-06-01 16:59:59",
        {"operator": "in_past", "duration": "1 hour"},
        "My Field in past 1 hour",
    ),
}  # fmt: skip


def custom(word: str, label: str = "My Field") -> tuple[CustomField, FilterType[Any]]:
    row = defining.define(label, word, meaning="", by=None, now=NOON)
    return row, filters.get(f"custom_{row.pk}")


@pytest.mark.django_db
@pytest.mark.parametrize("word", sorted(TYPES))
def test_every_field_of_ours_has_a_filter_by_its_type(word: str) -> None:
    row, filter_type = custom(word)
    value, config, sentence = FIELD_VALUES[word]
    ana = person(first_name="Ana")
    field = fields.get(f"custom__{row.key}")
    field.put(ana, field.type.read(str(value)))
    ana.save()
    person(first_name="Ben")

    params = filter_type.params(filter_type.form(config))
    frozen = json.loads(json.dumps(filter_type.freeze(params)))

    assert found(filter_type.kind, **frozen) == {"Ana"}
    assert filter_type.thaw(frozen) == params
    assert filter_type.summary(params) == sentence
    assert filter_type in filters.offered()
    assert filter_type.tooltip == "People by the field “My Field”."


@pytest.mark.django_db
def test_a_field_may_be_called_like_a_lookup() -> None:
    row, filter_type = custom("string", "Contains")
    ana = person(first_name="Ana", custom={row.key: "x"})

    assert found(filter_type.kind, operator="is", value=["X"]) == {ana.first_name}


@pytest.mark.django_db
def test_a_filter_on_a_deleted_field_says_so_and_finds_nobody() -> None:
    row, filter_type = custom("string")
    campaign = make.campaign(filters=[(filter_type.kind, {"operator": "is_not", "value": "x"})])
    defining.delete(row)
    spec = ListSpec(filters=(FilterSpec(filter_type.kind, {"operator": "is_not", "value": ["x"]}),))

    with pytest.raises(UnknownKind, match="The field of this filter was deleted"):
        audience.people(spec, now=NOON)
    assert audience.obstacle(spec, now=NOON) == "1. The field of this filter was deleted."
    (card,) = drafts.read(campaign).smart_list.cards
    assert [each.words for each in card.errors] == [
        "The field of this filter was deleted. Remove the card."
    ]


@pytest.mark.django_db
def test_a_version_that_asks_about_a_deleted_field_does_not_run() -> None:
    row, filter_type = custom("string")
    campaign = make.ready_campaign()
    make.filter_(campaign.smart_list, (filter_type.kind, {"operator": "is_not", "value": "x"}))
    version = launch.pin(campaign, by=make.user(), now=NOON)
    before = versions.obstacles(version)
    defining.delete(row)

    assert before == []
    assert [each.words for each in versions.obstacles(version)] == [
        "2. The field of this filter was deleted."
    ]
    with pytest.raises(versions.NotReady, match="The field of this filter was deleted"):
        launch.begin(campaign, token="t", by=make.user(), now=NOON, version=version)


@pytest.mark.django_db
def test_a_list_that_names_something_deleted_says_which_filter() -> None:
    gone = static_list()
    config = {"operator": "in", "static_list": gone.pk}
    gone.delete()

    assert audience.obstacle(
        ListSpec(filters=(FilterSpec("member_of_list", config),)), now=NOON
    ) == ("1. What the filter “Member of List” names was deleted.")


@pytest.mark.django_db
def test_offers_the_values_that_people_have(client: Client) -> None:
    client.force_login(make.user())
    for city in ("paris", "Oslo", "Oslo", ""):
        person(city=city)

    def offered(kind: str) -> Any:
        return client.get(reverse("campaigns:filter-values", args=[kind]))

    assert offered("city").json() == {"values": ["Oslo", "paris"]}
    assert [offered(kind).status_code for kind in ("email_address", "score", "nonsense")] == [
        404
    ] * 3


@pytest.mark.django_db
def test_a_new_field_of_an_old_name_is_another_field() -> None:
    row, filter_type = custom("string")
    defining.delete(row)
    again, _filter = custom("integer")

    assert again.key == row.key
    with pytest.raises(UnknownKind):
        filters.get(filter_type.kind)


# --- The whole catalogue --------------------------------------------------------------------------


def test_every_standard_field_has_its_filter() -> None:
    asked = {getattr(each, "field", "") for each in filters.all()}

    assert set(fields.STANDARD) - asked == {"mobile_typed"}  # which is asked about as a number


def test_there_are_at_least_forty() -> None:
    assert len(filters.all()) >= 40


@pytest.mark.django_db
@pytest.mark.parametrize("filter_", filters.all(), ids=lambda each: str(each.kind))
def test_a_filter_and_its_negation_part_everybody(filter_: FilterType[Any]) -> None:
    """No NULL leaks: whoever a condition does not find, its negation does."""
    offers = make.vibes_list()
    make.acquisition_campaign(offers)
    make.draft_message()
    make.campaign("One")
    make.named_list("In Chicago", make.in_city())
    person(first_name="Ana")
    person(
        first_name="Ben",
        city="x",
        employees=1,
        date_of_birth=date(2026, 1, 1),
        mobile="+13125550142",
    )
    static_list()

    condition = filter_.q(params(filter_), now=NOON)
    both = [
        Person.objects.filter(each).values_list("pk", flat=True) for each in (condition, ~condition)
    ]

    assert sorted([*both[0], *both[1]]) == sorted(Person.objects.values_list("pk", flat=True))


# --- Within one another ---------------------------------------------------------------------------

CITY = FilterSpec("city", {"operator": "is", "value": ["Chicago"]})


def test_smart_lists_may_be_nested_but_neither_in_a_circle_nor_too_deep() -> None:
    spec = ListSpec(filters=(CITY,))

    with audience.nested(1), audience.nested(2):
        assert isinstance(audience.condition(spec, now=NOON), Q)
        with pytest.raises(audience.NotAsked, match="in a circle"), audience.nested(1):
            pass
        with (
            audience.nested(3),
            audience.nested(4),
            audience.nested(5),
            pytest.raises(audience.NotAsked, match="more than 5 deep"),
            audience.nested(6),
        ):
            pass
    with audience.nested(1):  # what was left is left
        pass


def test_a_random_sample_is_not_asked_from_within_another_list() -> None:
    spec = ListSpec(filters=(FilterSpec("random_sample", {"percent": 10, "draw": 1}),))

    with (
        audience.nested(1),
        pytest.raises(audience.NotAsked, match="Random Sample cannot be asked"),
    ):
        audience.condition(spec, now=NOON)


@pytest.mark.django_db
def test_a_random_sample_is_a_fair_share_and_the_same_again() -> None:
    people(2_000)

    def drawn(draw: int, percent: Any = 10) -> set[int]:
        spec = ListSpec(filters=(FilterSpec("random_sample", {"percent": percent, "draw": draw}),))
        return set(audience.people(spec, now=NOON).values_list("pk", flat=True))

    assert 150 <= len(drawn(1)) <= 250
    assert drawn(1) == drawn(1) <= drawn(1, percent=50)
    assert len(drawn(1) & drawn(2)) < 60
    assert len(drawn(1, percent=100)) == 2_000


def test_every_date_filter_names_the_zone(settings: Any) -> None:
    settings.TIME_ZONE = "America/Chicago"

    for each in filters.all():
        if isinstance(each, DateFilter):
            assert "America/Chicago" in str(each.form({}).fields["operator"].help_text)


@pytest.mark.django_db
def test_every_number_filter_says_that_nothing_is_not_nought() -> None:
    numbers = [each for each in filters.all() if isinstance(each, NumberFilter)]

    for each in [*numbers, custom("float")[1]]:
        said = str(each.form({}).fields["operator"].help_text)
        assert said.startswith("No value is not 0")
