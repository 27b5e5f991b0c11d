"""Every kind of activity there is, wherever it is registered: what it must have."""

from __future__ import annotations

import importlib
import pkgutil
import re
import string

import pytest

import campaigns
import people
import vibes
from people import activity
from people.activity import Kind

for package in (people, vibes, campaigns):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not re.search(r"simulator|migrations|__main__", module.name):
            importlib.import_module(module.name)

EVERY_KIND = pytest.mark.parametrize("kind", activity.kinds.values(), ids=lambda kind: kind.word)
# Each detail a sentence may name, and whether it tells something of the person. A new one is judged here.
TELLS = {
    **dict.fromkeys(["text", "changes", "people", "mobile", "how", "wording"], True),
    **dict.fromkeys(
        [
            "by",
            "campaign",
            "list",
            "message",
            "vibes_list",
            "reason",
            "why",
            "came",
            "step",
            "given_at",
        ],
        False,
    ),
}


def named(kind: Kind) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(kind.sentence) if name is not None}


@EVERY_KIND
def test_has_a_word_a_label_and_a_sentence(kind: Kind) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{2,39}", kind.word)
    assert kind.label == kind.label.strip() != ""
    assert len(kind.label) < 40
    assert kind.sentence == kind.sentence.strip() != ""


@EVERY_KIND
def test_its_sentence_names_only_details_that_are_known(kind: Kind) -> None:
    assert named(kind) - set(TELLS) == set()


@EVERY_KIND
def test_what_tells_something_of_the_person_goes_when_they_are_erased(kind: Kind) -> None:
    telling = {name for name in named(kind) if TELLS[name]}

    assert telling <= set(kind.personal)


def test_no_two_kinds_are_called_the_same_on_screen() -> None:
    labels = [kind.label for kind in activity.kinds.values()]

    assert len(set(labels)) == len(labels)
