"""Random as a choice's condition: shares of the whole, the same when asked again, mixed anew at each step."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from campaigns import drafts, preflight, runner
from campaigns.content import BranchSpec, FilterSpec, ListSpec, StepSpec
from campaigns.models import FlowStep
from campaigns.registry import filters
from campaigns.views import cards
from people.models import Person
from tests.campaigns import make
from tests.campaigns.evaluator import lot
from tests.campaigns.make import NOON
from tests.campaigns.test_runner import run_all, running

pytestmark = pytest.mark.django_db
PEOPLE = range(1, 10_001)
WHOLE = 2**31 - 1
CITY = filters.get("city")
IN_CHICAGO = FilterSpec("city", CITY.freeze(CITY.params(CITY.form(make.in_city()[1]))))


@pytest.fixture(scope="class")
def ten_thousand(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Their ids are the same everywhere, and so are their lots; every other one lives in Chicago.

    They are made once for a whole class (it takes seconds), and taken back.
    """
    some = (
        Person(pk=pk, city="Chicago" if pk % 2 else "", created_at=NOON, updated_at=NOON)
        for pk in PEOPLE
    )
    with django_db_blocker.unblock(), transaction.atomic():
        Person.objects.bulk_create(some, batch_size=1_000)
        yield
        transaction.set_rollback(True)


def share(percent: str) -> FilterSpec:
    return FilterSpec("random_share", {"percent": percent})


def placed(
    *choices: FilterSpec, step: int = 7, people: Sequence[int] = PEOPLE
) -> list[frozenset[int]]:
    """Who goes where at a step of these choices, the default last."""
    branches = [BranchSpec({"n": n}, ListSpec(filters=(each,))) for n, each in enumerate(choices)]
    default = BranchSpec({"n": len(choices)})
    found = runner.place(StepSpec(step, "wait", (*branches, default)), people, now=NOON)
    by_place = {branch.config["n"]: frozenset(who) for branch, who in found}
    return [by_place.get(n, frozenset()) for n in range(len(choices) + 1)]


def about(percent: float, count: int, *, of: int = len(PEOPLE)) -> bool:
    """Whether a count is what a fair lot gives, within four standard deviations."""
    fair = percent / 100
    return bool(abs(count - of * fair) < 4 * (of * fair * (1 - fair)) ** 0.5)


@pytest.mark.usefixtures("ten_thousand")
class TestTenThousand:
    """Shares of so many that chance hardly matters."""

    def test_shares_are_of_all_people_who_reach_the_step(self) -> None:
        first, second, rest = placed(share("30"), share("30"))

        assert about(30, len(first))
        assert about(30, len(second))
        assert about(40, len(rest))

    @pytest.mark.parametrize("percent", ["0.5", "10", "33.33", "50", "90"])
    def test_a_share_of_any_size_holds_at_any_step(self, percent: str) -> None:
        for step in (1, 2, 3, 1_000_003):
            assert about(float(percent), len(placed(share(percent), step=step)[0]))

    def test_shares_of_together_a_hundred_leave_nobody_to_the_default(self) -> None:
        *shares, rest = placed(share("33.34"), share("33.33"), share("33.33"))

        assert sum(len(each) for each in shares) == 10_000
        assert not rest

    def test_the_lots_are_those_of_plain_arithmetic_on_either_database(self) -> None:
        second = placed(share("30"), share("30"))[1]

        low, high = int(WHOLE * Decimal(30) / 100), int(WHOLE * Decimal(60) / 100)
        assert second == {pk for pk in PEOPLE if low <= lot("step 7", pk) < high}

    def test_a_person_comes_to_the_same_choice_whoever_is_asked_with_them(self) -> None:
        together = placed(share("30"), share("30"))

        for start in range(1, 1_000, 100):
            some = range(start, start + 100)
            alone = placed(share("30"), share("30"), people=some)
            assert alone == [each & set(some) for each in together]

    def test_steps_are_mixed_independently_of_each_other(self) -> None:
        halves = [placed(share("50"), step=step)[0] for step in range(1, 11)]

        pairs = [one & other for n, one in enumerate(halves) for other in halves[n + 1 :]]
        assert all(about(25, len(each)) for each in pairs)

    def test_an_earlier_choice_takes_its_people_out_of_every_share_alike(self) -> None:
        in_chicago, half, rest = placed(IN_CHICAGO, share("50"))

        assert len(in_chicago) == 5_000
        assert about(50, len(half), of=5_000)
        assert about(50, len(rest), of=5_000)

    def test_another_condition_between_two_shares_does_not_move_them(self) -> None:
        shares = placed(share("30"), share("30"))

        first, _, second, _ = placed(share("30"), IN_CHICAGO, share("30"))

        assert first == shares[0]
        assert second == {pk for pk in shares[1] if pk % 2 == 0}


def half_waits(steps: int = 1) -> list[FlowStep]:
    """The steps of a campaign; half of the people do nothing at each."""
    campaign = make.campaign(filters=[make.in_city()], steps=[make.change()] * steps)
    rows = list(campaign.steps.all())
    for row in rows:
        make.choice(row, condition=("random_share", {"percent": "50"}))
    return rows


def test_the_forecast_places_people_as_the_run_does() -> None:
    Person.objects.bulk_create(
        Person(city="Chicago", created_at=NOON, updated_at=NOON) for _ in range(60)
    )
    [row] = half_waits()
    flow = drafts.read(row.campaign).spec
    everybody = list(Person.objects.values_list("pk", flat=True))
    said = {
        bool(branch.does_nothing): who
        for branch, who in runner.place(flow.steps[0], everybody, now=NOON)
    }

    forecast = preflight.forecast(flow, now=NOON)
    running(row.campaign)
    run_all()

    moved = set(Person.objects.filter(city="Boston").values_list("pk", flat=True))
    assert forecast.steps[0].reached == 60
    assert moved == said[False]
    assert said[True] == set(everybody) - moved


def test_shares_of_more_than_all_people_keep_a_campaign_from_running() -> None:
    [row] = half_waits()
    make.choice(row, condition=("random_share", {"percent": "70"}))

    draft = drafts.read(row.campaign)

    assert not draft.steps[0].is_valid
    [problem] = draft.problems
    assert problem.words == (
        "1. Change Data Value: The random shares of this step add up to 120 %:"
        " together they may be 100 % at most."
    )


def test_a_hundred_percent_may_run() -> None:
    [row] = half_waits()
    make.choice(row, condition=("random_share", {"percent": "50"}))

    assert not drafts.read(row.campaign).problems


@pytest.mark.parametrize(
    ("of", "offered"), [("choice", ["random_share"]), ("list", ["random_sample"])]
)
def test_a_choice_offers_random_and_a_smart_list_the_sample(of: str, offered: list[str]) -> None:
    groups = dict(cards.palette(filters, of=of).groups)

    kinds = [type_.kind for types in groups.values() for type_ in types]
    assert [kind for kind in kinds if kind.startswith("random")] == offered


def test_is_said_as_a_sentence() -> None:
    random_share = filters.get("random_share")

    assert random_share.summary(random_share.thaw({"percent": 30})) == "Random: 30 % of people"


def test_a_condition_takes_one_share_and_a_second_one_is_refused() -> None:
    step = half_waits()[0]
    choice = step.choices.all()[0]
    make.filter_(choice.condition, ("random_share", {"percent": "30"}))

    draft = drafts.read(step.campaign)

    said = "Random stands twice in one condition"
    assert said in draft.steps[0].shares_error
    assert any(said in each.words for each in draft.problems)
