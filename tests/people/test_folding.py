"""Case goes as Python's `lower()` has it, on both databases, whatever the letters."""

from __future__ import annotations

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from people.folding import Fold, fold
from people.models import Person
from tests.people import make

pytestmark = pytest.mark.django_db
WORDS = ["", "Chicago", "É", "STRASSE", "Straße", "ΑΣ", "İstanbul", "a_B%", "ÀB c", "日本X", "ǅ"]


@pytest.mark.parametrize("word", WORDS)
def test_a_column_and_an_expression_are_folded_as_python_does(word: str) -> None:
    make.person(city=word)
    both = Fold(Concat(F("city"), Value("X")))

    [row] = Person.objects.values_list(Fold(F("city")), both)

    assert row == (fold(word), fold(f"{word}X"))


def test_what_is_folded_is_filtered_and_grouped_by() -> None:
    for word in ("Évry", "ÉVRY", "Reno", "RENO", "Oslo"):
        make.person(city=word)
    folded = Person.objects.annotate(key=Fold(F("city")))

    assert folded.filter(key="évry").count() == 2
    assert sorted(folded.values_list("key", flat=True).distinct()) == ["oslo", "reno", "évry"]
