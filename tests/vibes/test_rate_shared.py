"""One budget for many processes: together, alone when Redis is lost, and together again."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.vibes.shared_counter import Server, World
from vibes.rate.link import AHEAD

BUDGET, PROCESSES = 12, 3


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis.Redis]:
    server = Server(Path(tmp_path_factory.mktemp("counter")))
    server.start()
    yield redis.Redis.from_url(server.url)
    server.kill()


@pytest.fixture
def world(counter: redis.Redis) -> World:
    """Three processes that have shared the budget for a while, and used none of it lately."""
    made = World(counter, processes=PROCESSES, budget=BUDGET)
    for process in range(PROCESSES):
        made.take(process, 1)
    made.settle()
    return made


def lose(world: World) -> None:
    assert world.line
    world.line.cut = True


def come_back(world: World) -> None:
    assert world.line
    world.line.cut = False


# --- Together -----------------------------------------------------------------------------------


def test_one_process_may_use_the_whole_budget(world: World) -> None:
    assert [world.take(each, BUDGET) for each in range(PROCESSES)] == [BUDGET, 0, 0]


def test_what_was_granted_counts_for_a_whole_second(world: World) -> None:
    world.take(0, BUDGET)

    world.now += 0.999
    assert world.take(1, BUDGET) == 0
    world.now += 0.001
    assert world.take(1, BUDGET) > 0


def test_a_429_slows_every_process_for_ten_seconds_and_then_less_and_less(world: World) -> None:
    world.pools[0].slow_down(0)

    allowed = []
    for _ in range(17):
        world.take(1, 1)
        allowed.append(world.pools[2].in_use(BUDGET, sharers=PROCESSES).allowed)
        world.now += 1

    assert allowed == [6] * 11 + [7, 8, 9, 10, 12, 12]


def test_a_pause_that_vibes_asked_for_holds_for_all(world: World) -> None:
    world.pools[0].slow_down(3)

    world.now += 2.9
    assert world.take(1, 1) == 0
    world.now += 0.2
    assert world.take(1, 1) == 1


def test_calls_refused_together_halve_once(world: World) -> None:
    for process in range(PROCESSES):
        world.pools[process].slow_down(0)

    assert world.pools[0].in_use(BUDGET, sharers=PROCESSES).allowed == 6


def test_who_asks_after_a_silence_takes_its_share_at_first(world: World) -> None:
    world.now += 60

    assert world.take(0, BUDGET) == BUDGET // PROCESSES


def test_a_server_whose_clock_went_back_grants_nothing_twice(world: World) -> None:
    assert world.take(0, BUDGET) == BUDGET

    world.server_is_ahead = -3600

    assert world.take(1, BUDGET) == 0
    world.now += 1
    assert world.take(1, BUDGET) == BUDGET // PROCESSES


def test_what_is_booked_leaves_evenly_whoever_books_it(world: World) -> None:
    world.budget = 300
    for _ in range(100):
        world.now += 0.01
        for process in range(PROCESSES):
            world.book(process, 40)

    moments = sorted(at for at, _, _ in world.granted if at > world.now - 0.9)
    apart = [after - before for before, after in pairwise(moments)]
    assert min(apart) == pytest.approx(1 / 300, abs=1e-5)
    assert max(apart) == pytest.approx(1 / 300, abs=1e-5)
    assert max(moments) < world.now + AHEAD


def test_nothing_is_lost_where_somebody_looks_seldom(world: World) -> None:
    world.budget = 300
    booked = 0
    for _ in range(100):
        booked += world.book(0, 1_000).count
        world.now += AHEAD * 0.99

    assert booked == pytest.approx(300 * 99 * AHEAD, rel=0.02)


def test_a_single_call_is_booked_for_now(world: World) -> None:
    booked = world.book(0, 1)

    assert (booked.count, booked.wait) == (1, 0)


# --- Alone --------------------------------------------------------------------------------------


def test_grants_nothing_for_a_second_once_the_counter_is_lost(world: World) -> None:
    world.take(0, BUDGET)
    lose(world)

    assert [world.take(each, BUDGET) for each in range(PROCESSES)] == [0, 0, 0]
    world.now += 1 + AHEAD
    assert [world.take(each, BUDGET) for each in range(PROCESSES)] == [4, 4, 4]


def test_counts_those_it_last_saw_although_nobody_told_it_how_many(counter: redis.Redis) -> None:
    world = World(counter, processes=4, budget=BUDGET)
    world.sharers = 1
    for process in (3, 2, 1, 0):
        world.take(process, 1)
    lose(world)

    world.take(0, 1)
    world.now += 1 + AHEAD
    assert world.take(0, BUDGET) == BUDGET // 4


def test_remembers_alone_that_vibes_asked_for_less(world: World) -> None:
    world.pools[0].slow_down(0)
    world.take(1, 1)
    lose(world)

    world.take(1, 1)
    world.now += 1 + AHEAD
    assert world.take(1, BUDGET) == BUDGET // 2 // PROCESSES


def test_a_dead_counter_is_tried_once_a_second(world: World) -> None:
    lose(world)
    assert world.line
    world.line.tried = 0

    for _ in range(40):
        world.take(0, 1)
        world.now += 0.25

    assert world.line.tried == 10


def test_shares_again_when_the_counter_is_back(world: World) -> None:
    lose(world)
    world.take(0, 1)
    world.now += 5
    come_back(world)

    assert [world.take(each, BUDGET) for each in range(PROCESSES)] == [4, 4, 4]
    world.settle()
    assert world.pools[0].in_use(BUDGET, sharers=PROCESSES).shared
    assert world.take(1, BUDGET) == BUDGET


# --- Whatever happens ---------------------------------------------------------------------------

STEPS = st.sampled_from([0.001, 0.25, 0.5, 0.999, 0.999, 1.0, 1.001, 3.0, 12.0])
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Anything(RuleBasedStateMachine):
    """Takes or bookings, 429s, loss and return, in any order: no second ever holds more than the budget."""

    server: redis.Redis | None = None
    is_booked = False

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.server, processes=PROCESSES, budget=BUDGET)

    @initialize(is_settled=st.booleans())
    def begin(self, is_settled: bool) -> None:
        if is_settled:
            self.world.settle()

    @rule(
        process=st.integers(0, PROCESSES - 1),
        n=st.sampled_from([1, 4, 5, 12, 20]),
        share=st.sampled_from([1, 0.5]),
    )
    def take(self, process: int, n: int, share: float) -> None:
        assert 0 <= self.ask(process, n, share) <= n

    @rule(seconds=STEPS)
    def everybody_wants_all(self, seconds: float) -> None:
        for process in range(PROCESSES):
            self.ask(process, BUDGET)
        self.world.now += seconds
        for process in range(PROCESSES):
            self.ask(process, BUDGET)

    @rule(process=st.integers(0, PROCESSES - 1), pause=st.sampled_from([0, 0, 0.5]))
    def slow_down(self, process: int, pause: float) -> None:
        self.world.pools[process].slow_down(pause)

    @rule(seconds=STEPS)
    def pass_time(self, seconds: float) -> None:
        self.world.now += seconds

    @precondition(lambda self: self.world.line)
    @rule()
    def cut_or_mend(self) -> None:
        assert self.world.line
        self.world.line.cut = not self.world.line.cut

    @invariant()
    def never_too_many(self) -> None:
        assert self.world.most_in_a_second() <= BUDGET
        assert self.is_booked or self.world.in_last_second(0.5) <= BUDGET // 2

    def ask(self, process: int, n: int, share: float = 1.0) -> int:
        """Take, or book, which knows no share."""
        if self.is_booked:
            return self.world.book(process, n).count
        return self.world.take(process, n, share)


def test_no_second_holds_more_than_the_budget_over_redis(counter: redis.Redis) -> None:
    _run(type("OverRedis", (Anything,), {"server": counter}))


def test_no_second_holds_more_than_the_budget_in_the_processes() -> None:
    _run(Anything)


@pytest.mark.parametrize("is_shared", [True, False])
def test_no_second_holds_more_than_the_budget_where_calls_are_booked(
    counter: redis.Redis, is_shared: bool
) -> None:
    server = counter if is_shared else None
    _run(type("Booked", (Anything,), {"server": server, "is_booked": True}))


def _run(machine: type[RuleBasedStateMachine]) -> None:
    machine.TestCase.settings = MANY
    machine.TestCase("runTest").runTest()


@MANY
@given(data=st.lists(st.tuples(st.integers(0, 64), st.integers(1, 20), st.integers(0, 3))))
def test_redis_and_a_process_alone_grant_the_same(
    counter: redis.Redis, data: list[tuple[int, int, int]]
) -> None:
    shared, alone = (World(each, processes=1, budget=BUDGET) for each in (counter, None))
    for quarters, n, what in data:
        for world in (shared, alone):
            world.now += quarters / 4
            if what == 0:
                world.pools[0].slow_down(n / 4 if n > 10 else 0)
            world.take(0, n, 0.5 if what == 1 else 1)

    assert shared.granted == alone.granted
