from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from campaigns import tokens
from campaigns.tokens import compile_text
from people import defining, fields
from people.models import CustomField, Person
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
ANA = Person(first_name="Ana", last_name="Alvarez", email="ana@example.com", city="Chicago")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Hi {{person.First Name}}!", "Hi Ana!"),
        ("Hi {{lead.First Name}}!", "Hi Ana!"),
        ("{{ person . first name }}", "Ana"),
        ("{{person.Full Name}} of {{person.City}}", "Ana Alvarez of Chicago"),
        ("Hi {{person.Job Title:default=friend}}", "Hi friend"),
        ("Hi {{person.First Name:default=friend}}", "Hi Ana"),
        ("Hi {{person.Job Title}}.", "Hi ."),
        ("Hi {{person.Job Title:default=a:default=b}}", "Hi a:default=b"),
        ("no token", "no token"),
        ("", ""),
    ],
)
def test_writes_the_persons_data_where_a_token_stands(text: str, read: str) -> None:
    assert compile_text(text).render(ANA) == read


@pytest.mark.parametrize(
    "text",
    [
        "{{person.Password}}",
        "{{person.first_name}}",
        "{{person.set_mobile}}",
        "{{person.__class__}}",
        "{{campaign.First Name}}",
        "{{First Name}}",
        "{{person.}}",
        "{{.}}",
    ],
)
def test_reaches_nothing_but_the_fields_of_its_list(text: str) -> None:
    template = compile_text(text)

    assert (template.unknown, template.tokens, template.render(ANA)) == ((text,), [], text)


@pytest.mark.parametrize("text", ["{{person.City}", "{{", "a }} b", "{{a{{person.City}}}}"])
def test_sees_braces_that_belong_to_no_token(text: str) -> None:
    assert compile_text(text).has_loose_braces


@pytest.mark.parametrize("text", ["{{person.City}}", "{{nothing}}", "{one} } {", ""])
def test_takes_no_offence_at_tokens_and_single_braces(text: str) -> None:
    assert not compile_text(text).has_loose_braces


def test_a_name_that_looks_like_a_token_is_a_name() -> None:
    eve = Person(first_name="{{person.Email Address}}", email="eve@example.com")

    assert compile_text("Hi {{person.First Name}}").render(eve) == "Hi {{person.Email Address}}"


def test_the_names_of_the_menu_are_tokens() -> None:
    names = [name for name, _is_own in tokens.names()]
    text = "".join(f"{{{{person.{name}}}}}" for name in names)

    assert compile_text(text).unknown == ()
    assert len(compile_text(text).tokens) == len(names) == len(fields.STANDARD) + 1


TEXT = st.text(st.sampled_from("{}.:= abcpersonlFirst Name:default=\n😀"), max_size=300)


@given(TEXT, st.text(max_size=50), st.text(max_size=50))
def test_never_raises_and_never_reads_a_value_as_a_text(text: str, first: str, city: str) -> None:
    person = Person(first_name=first, city=city)
    template = compile_text(text)

    assert template.render(person) == "".join(
        each if isinstance(each, str) else each.value(person) for each in template.segments
    )


@given(TEXT)
def test_keeps_every_character_of_what_was_written(text: str) -> None:
    segments = compile_text(text).segments

    written = [each if isinstance(each, str) else each.written for each in segments]
    assert "".join(written) == text


def test_names_the_columns_it_is_made_from() -> None:
    text = compile_text("{{person.Full Name}}, {{lead.City:default=there}}, {{person.City}} {{x}}")

    assert text.columns == {"first_name", "last_name", "city"}


def test_a_field_that_was_just_made_is_a_token_and_a_deleted_one_is_none() -> None:
    text = "Size {{person.shoe size:default=unknown}}"
    assert compile_text(text).unknown

    row = defining.define("Shoe Size", "integer", by=None, now=NOON)
    sized = Person(custom={row.key: 1234})

    assert compile_text(text).render(sized) == "Size 1,234"
    assert compile_text(text).render(Person()) == "Size unknown"
    assert compile_text(text).columns == {"custom"}
    assert ("Shoe Size", True) in tokens.names()
    defining.delete(row)
    assert compile_text(text).unknown == ("{{person.shoe size:default=unknown}}",)


def test_a_renamed_field_is_still_meant_by_its_former_name() -> None:
    row = defining.define("Shoe Size", "integer", by=None, now=NOON)
    defining.rename(row, "Foot Size", meaning="")
    sized = Person(custom={row.key: 38})

    read = compile_text("{{person.Shoe Size}} {{person.Foot Size}}").render(sized)

    assert read == "38 38"


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("score", 1234, "1,234"),
        ("annual_revenue", Decimal("1234.5"), "1,234.50"),
        ("date_of_birth", date(1999, 12, 31), "Dec. 31, 1999"),
        ("do_not_call", True, "yes"),
        ("website", "https://example.com", "https://example.com"),
    ],
)
def test_every_value_is_written_by_its_type_for_everybody_alike(
    name: str, value: Any, read: str
) -> None:
    text = f"{{{{person.{fields.label(name)}}}}}"
    person = Person(**{name: value})

    with translation.override("fr"):
        assert compile_text(text).render(person) == read
    assert compile_text(text).render(person) == read


def test_a_moment_is_written_in_the_zone_of_the_installation() -> None:
    row = defining.define("Appointment", "datetime", by=None, now=NOON)
    person = Person(custom={row.key: "2026-03-31T12:30:00Z"})

    with timezone.override("Asia/Tokyo"):
        assert compile_text("{{person.Appointment}}").render(person) == "March 31, 2026, 12:30 p.m."


def test_standard_fields_cost_no_query_and_own_ones_one(django_assert_num_queries: Any) -> None:
    defining.define("Shoe Size", "integer", by=None, now=NOON)

    with django_assert_num_queries(0):
        compile_text("{{person.First Name}} {{person.Full Name}}").render(ANA)
    with django_assert_num_queries(1):
        for _ in range(3):
            compile_text("{{person.Shoe Size}}").render(ANA)


def test_a_field_that_another_process_made_is_a_token_at_once() -> None:
    fields.recent()  # as it was a moment ago

    CustomField.objects.create(key="pet", label="Pet", type="string", created_at=NOON)

    assert compile_text("{{person.Pet}}").unknown == ()
