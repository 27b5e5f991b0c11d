from datetime import UTC, datetime, timedelta

import pytest

from campaigns import message
from campaigns.message import Dear
from campaigns.models import MessageVersion, SmsMessage
from people.models import Person
from tests.campaigns import make
from tests.people.make import person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)


def test_a_message_begins_as_a_draft() -> None:
    draft = make.draft_message("Hi")

    assert (draft.state, draft.pinned()) == (SmsMessage.State.DRAFT, None)


def test_an_approved_text_goes_out_until_another_is_approved() -> None:
    text = make.approved_message("One")

    message.write(text, text="Two", now=LATER)

    text.refresh_from_db()
    assert (text.state, str(text.approved and text.approved.text)) == ("approved-with-draft", "One")


def test_approving_makes_the_next_version() -> None:
    text = make.approved_message("One")
    message.write(text, text="Two", now=LATER)

    version = message.approve(text, by=make.user(), now=LATER)

    text.refresh_from_db()
    assert (version.number, version.text, text.state) == (2, "Two", SmsMessage.State.APPROVED)


def test_approving_the_same_text_again_changes_nothing() -> None:
    text = make.approved_message("One")

    assert message.approve(text, by=make.user(), now=LATER) == text.approved
    assert MessageVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" \n", "The message is empty. Write what people shall read."),
        ("a" * 901, "The message is 1 character over 900. Shorten it."),
        ("a" * 1_000, "The message is 100 characters over 900. Shorten it."),
        (
            "Hi {{person.Frist Name}}",
            "{{person.Frist Name}} is no token. Insert one from the list, or correct its name.",
        ),
        (
            "Hi {{person.First Name}",
            "A token is not complete: it begins with {{ and ends with }}. Mend or remove it.",
        ),
    ],
)
def test_says_why_a_text_cannot_be_approved(text: str, why: str) -> None:
    draft = make.draft_message(text)

    with pytest.raises(message.NotApprovable) as refused:
        message.approve(draft, by=make.user(), now=NOON)
    assert (str(refused.value), MessageVersion.objects.count()) == (why, 0)


def test_approves_only_the_text_that_was_read() -> None:
    draft = make.draft_message("Mine")
    message.write(draft, text="Theirs", now=LATER)

    with pytest.raises(message.Overtaken, match="Theirs"):
        message.approve(draft, by=make.user(), now=LATER, text="Mine")
    assert not MessageVersion.objects.exists()


def test_the_second_writer_is_told_and_the_first_ones_text_stays() -> None:
    draft = make.draft_message("Hi")
    message.write(draft, text="Theirs", now=LATER, seen=NOON)

    with pytest.raises(message.Overtaken, match="Theirs"):
        message.write(draft, text="Mine", now=LATER, seen=NOON)
    draft.refresh_from_db()
    assert draft.text == "Theirs"


def test_writing_what_stands_there_already_is_no_quarrel() -> None:
    draft = make.draft_message("Hi")
    message.write(draft, text="Same", now=LATER, seen=NOON)

    message.write(draft, text="Same", now=LATER + timedelta(minutes=1), seen=NOON)

    draft.refresh_from_db()
    assert (draft.text, draft.edited_at) == ("Same", LATER)


def version(text: str) -> MessageVersion:
    return MessageVersion(text=text)


def test_merges_a_text_for_each_person_and_counts_its_parts() -> None:
    ana, ben = person(first_name="Ana"), person(first_name="B" * 160)

    merged = message.merge(version("Hi {{person.First Name}} "), [ana, ben])

    assert [(each.person, each.text, each.parts) for each in merged.texts] == [
        (ana, "Hi Ana", 1),
        (ben, "Hi " + "B" * 160, 2),
    ]
    assert merged.refused == {}


def test_refuses_and_never_cuts_what_is_empty_or_too_long_for_somebody() -> None:
    nobody, long = person(), person(city="x" * 200)
    text = version("{{person.City}}{{person.City}}{{person.City}}{{person.City}}{{person.City}}")

    merged = message.merge(text, [nobody, long])

    assert merged.texts == []
    assert merged.refused == {"message-empty": {nobody.pk}, "message-too-long": {long.pk}}


def test_previews_what_a_person_will_read() -> None:
    ana = Person(first_name="Ana")

    seen = message.preview("Hi {{person.First Name}} " + "a" * 160, ana)

    assert (seen.text, seen.cost.count, seen.pieces) == (
        "Hi Ana " + "a" * 160,
        2,
        ["Hi Ana " + "a" * 146, "a" * 14],
    )


def test_previews_for_nobody_with_the_defaults() -> None:
    assert message.preview("Hi {{person.First Name:default=friend}}").text == "Hi friend"


def test_names_the_characters_that_double_the_price() -> None:
    seen = message.preview("It’s {{person.First Name}} 😀", Person(first_name="Яна"))

    assert seen.dear[:2] == [
        Dear("’", "Right single quotation mark", "'", is_theirs=False),
        Dear("Я", "Cyrillic capital letter ya", "", is_theirs=True),
    ]
    assert seen.dear[-1] == Dear("😀", "Grinning face", "", is_theirs=False)


def test_replaces_what_has_a_plain_character_and_keeps_the_rest() -> None:
    assert message.in_plain_characters("“Zoë’s” — 5 … ê 😀") == '"Zoe\'s" - 5 ... e 😀'
