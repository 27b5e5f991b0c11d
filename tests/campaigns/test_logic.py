import re
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from campaigns import logic


def join(rule: str, count: int) -> Q:
    return logic.join(rule, [Q(pk=number) for number in range(1, count + 1)])


@pytest.mark.parametrize(
    ("rule", "condition"),
    [
        ("1", Q(pk=1)),
        ("1 and 2", Q(pk=1) & Q(pk=2)),
        ("1 or 2 or 3", Q(pk=1) | Q(pk=2) | Q(pk=3)),
        ("1 and (2 or 3)", Q(pk=1) & (Q(pk=2) | Q(pk=3))),
        ("(1 and 2) or (2 and 3)", (Q(pk=1) & Q(pk=2)) | (Q(pk=2) & Q(pk=3))),
        ("  1AND(2 OR 3)", Q(pk=1) & (Q(pk=2) | Q(pk=3))),
        ("((1)) and 2 and 3", Q(pk=1) & Q(pk=2) & Q(pk=3)),
    ],
)
def test_reads_a_rule(rule: str, condition: Q) -> None:
    assert join(rule, max(int(number) for number in re.findall(r"\d+", rule))) == condition


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("", "Write a rule, for example 1 and (2 or 3)."),
        ("1 and 2 or 3", "Put parentheses where “and” meets “or”, at character 9."),
        ("1 and", "The rule ends too early: a filter number is missing."),
        ("1 and (2", "A closing parenthesis is missing for the one at character 7."),
        ("1 and () and 2", "The parentheses at character 7 are empty."),
        ("1 and 2) and 3", "“)” is one too many."),
        ("1 2 3", "“2” is one too many."),
        ("1 and not 2", "“not” stands where a filter number should."),
        ("1 and 4", "There is no filter 4."),
        ("0 and 1", "There is no filter 0."),
        ("1 and 12345678901", "There is no filter 12345678901."),
        ("1 and " + "9" * 1_900, "There is no filter 99999999999999999999…."),
        ("1 and ²", "“²” stands where a filter number should."),
        ("1 and ٢", "“٢” stands where a filter number should."),
        ("1 and 2", "Filter 3 is not used."),
        ("1", "Filters 2, 3 are not used."),
        ("1 and 2 and 3; drop", "“;” is one too many."),
        ("(" * 21 + "1" + ")" * 21, "The parentheses are nested too deep."),
        ("1 and 2 and 3" + " and 3" * 500, "The rule is too long."),
    ],
)
def test_says_what_is_wrong_with_a_rule(rule: str, why: str) -> None:
    with pytest.raises(logic.LogicError) as wrong:
        join(rule, 3)
    assert str(wrong.value) == why


def test_prints_a_rule_in_one_way() -> None:
    assert logic.printed("1AND( 02 oR 3 )", 3) == "1 and (2 or 3)"


def test_says_a_rule_with_the_words_of_its_filters() -> None:
    said = logic.sentence("1 and (2 or 3)", ["State is IL", "Score at least 5", "City is Paris"])

    assert said == "State is IL and (Score at least 5 or City is Paris)"


def test_the_box_starts_with_all_of_them() -> None:
    assert [logic.default(count) for count in (1, 3)] == ["1", "1 and 2 and 3"]


# A rule as a tree: a number, or a joint with what it joins.
Tree = int | tuple[str, list[Any]]
LEAF: st.SearchStrategy[Tree] = st.integers(1, 5)
TREE = st.recursive(
    LEAF,
    lambda below: st.tuples(
        st.sampled_from(["and", "or"]), st.lists(below, min_size=2, max_size=3)
    ),
    max_leaves=12,
)


def written(tree: Tree) -> str:
    if isinstance(tree, int):
        return str(tree)
    joint, below = tree
    return f" {joint} ".join(
        f"({written(each)})" if isinstance(each, tuple) else written(each) for each in below
    )


def holds(tree: Tree, true: set[int]) -> bool:
    if isinstance(tree, int):
        return tree in true
    joint, below = tree
    return (all if joint == "and" else any)(holds(each, true) for each in below)


def says(condition: Any, true: set[int]) -> bool:
    if isinstance(condition, tuple):
        return condition[1] in true
    joint = all if condition.connector == Q.AND else any
    return joint(says(each, true) for each in condition.children)


@given(TREE, st.sets(st.integers(1, 5)))
def test_means_what_is_written(tree: Tree, true: set[int]) -> None:
    every = "(" + " or ".join(str(number) for number in range(1, 6)) + ")"
    rule = f"({written(tree)}) or ({every} and {every})"

    assert says(join(rule, 5), true) == (holds(tree, true) or bool(true))


NEARLY = st.text(st.sampled_from("0123()andorAND \t\n-*٣²İ\0"), max_size=60)
LONG = st.builds(
    lambda parts, times: ("".join(parts) * times)[: logic.LONGEST + 1],
    st.lists(st.sampled_from(["1", "2", "3", " and ", " or ", "(", ")", " "]), min_size=1),
    st.integers(1, 2_000),
)


@given(st.text(max_size=2_100) | NEARLY | LONG, st.integers(0, 5))
def test_any_text_is_a_rule_or_is_refused_in_words(rule: str, count: int) -> None:
    made: Q | str
    try:
        made = join(rule, count)
    except logic.LogicError as wrong:
        made = str(wrong)
    assert made
