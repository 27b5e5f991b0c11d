import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import tokens
from campaigns.tokens import compile_text
from people.models import Person

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
    text = "".join(f"{{{{person.{name}}}}}" for name in tokens.NAMES)

    assert compile_text(text).unknown == ()
    assert len(compile_text(text).tokens) == len(tokens.FIELDS)


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
