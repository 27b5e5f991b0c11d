"""What is read from odd answers, and how long Vibes asks us to wait."""

import pytest

from vibes.client import OfferedCampaign, OfferedList, SourceCode, Unknown, VibesPerson, answers
from vibes.client.answers import many
from vibes.client.errors import Refused, Retryable
from vibes.client.judgement import judge
from vibes.client.reply import Answer

MONDAY = "Mon, 01 Jun 2026 17:00:00 GMT"


@pytest.mark.parametrize(
    ("read", "body", "value"),
    [
        (answers.offered_list, {"id": 1234, "name": None}, OfferedList("1234", "1234")),
        (
            answers.offered_campaign,
            {"acquisition_id": "K", "description": None, "status": None},
            OfferedCampaign("K", "K", ""),
        ),
        (
            answers.source_code,
            {"sourcecode": "65301", "country_code": None, "sourcecode_type": None},
            SourceCode("65301", "", "SC", True),
        ),
        (
            answers.person,
            {"person_id": 7, "person_key": None, "mobile_phone": None},
            VibesPerson("7"),
        ),
    ],
)
def test_bears_nulls_and_numbers_where_a_text_was_promised(
    read: object, body: dict[str, object], value: object
) -> None:
    assert callable(read)
    assert read(body | {"x_new": {"deep": [1]}}) == value


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (answers.offered_list, b'[{"id": null, "name": "Offers"}]'),
        (answers.person, b'{"person_key": null, "mobile_phone": {"mdn": null}}'),
        (answers.participation, b'{"status": null}'),
        (answers.subscription, b'[{"subscription_list": null}]'),
        (answers.registration, b'[{"callback_id": null, "callback_type": "event_processed"}]'),
        (answers.sender, b'["text"]'[:3]),
        (answers.sender, b"[" * 100_000),
        (answers.sender, b"\xff\xfe\xfd"),
        (answers.offered_list, b"{}"),
        (answers.offered_list, b"null"),
        (answers.offered_list, b'"ok"'),
        (answers.offered_list, b'[{"id": 1234}, null]'),
        (answers.person, b"[{}]"),
        (answers.person, b""),
    ],
)
def test_says_that_a_body_makes_no_sense(read: object, content: bytes) -> None:
    assert callable(read)
    with pytest.raises(Unknown, match="makes no sense"):
        many(Answer(200, {}, content), read)


def test_only_an_empty_array_says_that_there_is_nothing() -> None:
    assert many(Answer(200, {}, b"[]"), answers.offered_list) == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("3600", 60.0),
        ("9" * 5000, 60.0),
        ("Mon, 01 Jun 2026 17:00:30 GMT", 30.0),
        ("Mon, 01 Jun 2026 19:00:00 GMT", 60.0),
        ("Monday, 01-Jun-26 17:00:30 GMT", 30.0),
        ("Mon, 01 Jun 2026 16:00:00 GMT", 0.0),
        ("Mon, 32 Jun 2026 16:00:00 GMT", None),
        ("soon", None),
        ("-3", None),
        ("٣", None),
        ("", None),
    ],
)
def test_waits_as_long_as_vibes_says_and_a_minute_at_most(said: str, seconds: float | None) -> None:
    answer = Answer(429, {"Retry-After": said, "Date": MONDAY}, b"")

    with pytest.raises(Retryable) as failed:
        judge(answer)

    assert (failed.value.throttled, failed.value.retry_after) == (True, seconds)


def test_reads_a_date_by_our_own_clock_where_the_answer_shows_none() -> None:
    past = Answer(429, {"Retry-After": MONDAY.replace("2026", "2020")}, b"")

    with pytest.raises(Retryable) as failed:
        judge(past)

    assert failed.value.retry_after == 0


def test_a_server_that_is_away_may_say_for_how_long() -> None:
    words = b'{"errors":[{"message":"Maintenance","code":9}]}'

    with pytest.raises(Retryable, match="Maintenance") as failed:
        judge(Answer(503, {"Retry-After": "5"}, words))

    assert (failed.value.throttled, failed.value.retry_after) == (False, 5.0)


def test_no_word_of_vibes_is_one_that_a_database_does_not_take_or_hides_a_number() -> None:
    words = rb'{"errors":[{"message":"odd \ud800 for +1312\u00005550142","code":"\u0000 7"}]}'

    with pytest.raises(Refused) as failed:
        judge(Answer(422, {}, words))

    assert (failed.value.message, failed.value.code) == ("odd ? for +1312…42", " 7")


def test_what_is_read_is_clean_however_deep_it_stands() -> None:
    body = rb'[{"a": ["\u0000b", {"c\udfff": 1}]}, null]'

    assert Answer(200, {}, body).json() == [{"a": ["b", {"c?": 1}]}, None]
