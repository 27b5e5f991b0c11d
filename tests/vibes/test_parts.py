import pytest
from hypothesis import given
from hypothesis import strategies as st
from sms_toolkit import profile_message

from vibes import parts
from vibes.parts import Parts

# The alphabets that matter, and everything else there is (lone surrogates are no text).
GSM7 = st.text(st.sampled_from(sorted(parts._GSM7)), max_size=500)
ANYTHING = st.text(
    st.one_of(
        st.sampled_from(sorted(parts._GSM7) + list("’“–…😀👩🏽‍🚀ñçêя漢")),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=500,
)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("", Parts("GSM-7", 0, 0)),
        ("a" * 160, Parts("GSM-7", 160, 1)),
        ("a" * 161, Parts("GSM-7", 161, 2)),
        ("a" * 306, Parts("GSM-7", 306, 2)),
        ("a" * 307, Parts("GSM-7", 307, 3)),
        ("€" * 80, Parts("GSM-7", 160, 1)),
        ("€" * 81, Parts("GSM-7", 162, 2)),
        ("a" * 69 + "–", Parts("UCS-2", 70, 1, "–")),
        ("a" * 70 + "–", Parts("UCS-2", 71, 2, "–")),
        ("😀" * 35, Parts("UCS-2", 70, 1, "😀")),
        ("😀" * 36, Parts("UCS-2", 72, 2, "😀")),
    ],
)
def test_counts_parts(text: str, cost: Parts) -> None:
    assert parts.count(text) == cost


def test_a_character_of_two_units_goes_whole_into_the_next_part() -> None:
    assert parts.pieces("a" * 152 + "€" + "b" * 20) == ["a" * 152, "€" + "b" * 20]


def test_an_emoji_is_never_torn() -> None:
    assert parts.pieces("–" * 66 + "😀" + "a" * 10) == ["–" * 66, "😀" + "a" * 10]


def test_names_each_dear_character_once_in_the_order_of_the_text() -> None:
    assert parts.dear_characters("b’a–’😀") == ["’", "–", "😀"]


@given(GSM7)
def test_counts_plain_texts_as_an_independent_library_does(text: str) -> None:
    assert parts.count(text).count == profile_message(text)["num_segments"]


@given(ANYTHING)
def test_counts_any_text_as_an_independent_library_does(text: str) -> None:
    assert parts.count(text).count == profile_message(text)["num_segments"]


@given(ANYTHING)
def test_the_pieces_are_the_text_and_as_many_as_counted(text: str) -> None:
    pieces = parts.pieces(text)

    assert "".join(pieces) == text
    assert len(pieces) == parts.count(text).count
    assert all(pieces)
