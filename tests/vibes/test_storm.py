"""Whatever happens on the way, our copy ends up saying what Vibes says, and nobody who is out is texted.

Random faults, replies, opt-outs, waits, and callbacks repeated, shuffled, lost and mislabelled. After
the storm one reconciliation must make both sides equal for every number and list.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from people.models import Person
from tests.people.make import person
from tests.vibes import make, stormy
from tests.vibes.pretend import Simulator
from vibes import connection, consent, consequences, lock
from vibes.models import Account, OutboxRow, VibesList

ON_POSTGRESQL_TOO = all(os.environ.get(name) for name in ("TEST_DATABASE_URL", "TEST_REDIS_URL"))
# With each meaning of STOP, so 500 in all, on whatever databases there are.
EXAMPLES = 50 if database.vendor == "postgresql" else 200 if ON_POSTGRESQL_TOO else 250
Action = OutboxRow.Action
WORDS = ["Y", "N", "STOP", "HELP", "OFFERS", "stop texting me", "what is this"]
FAULTS: list[dict[str, Any]] = [
    {"action": "reset_after"},
    {"action": "reset_before"},
    {"action": "truncate"},
    {"action": "bad_json"},
    {"action": "wrong_content_type"},
    {"action": "extra_fields"},
    {"action": "null_fields"},
    {"action": "status", "status": 401},
    {"action": "status", "status": 429},
    {"action": "status", "status": 500},
    {"action": "status", "status": 503},
]
PAIRS = [(who, list_id) for who in range(3) for list_id in ("1234", "5678")]
KNOWN = ["to both", "to Vibes only", "to us only"]
PATHS = ["events", "participants", "subscribers", "subscriptions", "persons", ""]


class Storm(RuleBasedStateMachine):
    """The rules are what may happen; each takes at least two seconds, for Vibes dates by the second."""

    account: Account
    simulator: Simulator
    people: list[Person]
    arrived = 0

    @initialize(members=st.dictionaries(st.sampled_from(PAIRS), st.sampled_from(KNOWN)))
    def begin(self, members: dict[tuple[int, str], str]) -> None:
        self.rollback = transaction.atomic()
        self.rollback._from_testcase = True  # type: ignore[attr-defined]  # so that the client may be used in it
        self.rollback.__enter__()
        lock.rebind()  # a database rolled back is one put back, and locked for it
        phones = [{"mdn": each.mobile} for each in self.people]
        standing = [
            {"mdn": self.people[who].mobile, "list_id": list_id, "state": "subscribed"}
            for (who, list_id), known in members.items()
            if known != "to us only"
        ]
        self.simulator.put("world", {"reset": True, "handsets": phones, "memberships": standing})
        self.simulator.delete("faults")
        self.travel = time_machine.travel(self.simulator.now(), tick=True)
        self.world = stormy.World(self.account, self.simulator, self.people, self.travel.start())
        self.lists = list(self.account.lists.order_by("vibes_id"))
        self.campaigns = stormy.campaigns(self.account)
        for (who, list_id), known in members.items():
            if known != "to Vibes only":
                vibes_list = self.account.lists.get(vibes_id=list_id)
                make.subscription(vibes_list, self.people[who].mobile, source=consent.RECORD)

    # --- What our flows do -----------------------------------------------------------------------

    @rule(who=st.integers(0, 2), which=st.integers(0, 1))
    def ask_to_join(self, who: int, which: int) -> None:
        campaign = self.campaigns[which]
        vibes_list = VibesList.objects.get(acquisition_campaigns=campaign)
        self.world.owe(Action.SUBSCRIBE, self.people[who], vibes_list, campaign)
        self.world.deliver()

    @rule(who=st.integers(0, 2), which=st.integers(0, 1))
    def end(self, who: int, which: int) -> None:
        self.world.owe(Action.UNSUBSCRIBE, self.people[who], self.lists[which])
        self.world.deliver()

    @rule(who=st.integers(0, 2), which=st.integers(0, 1))
    def text(self, who: int, which: int) -> None:
        someone, vibes_list = self.people[who], self.lists[which]
        pair = (someone.mobile, vibes_list.vibes_id)
        theirs, ours = self.world.theirs()[pair], self.world.ours()[pair]
        before = len(self.world.texts(someone.mobile))
        self.world.owe(Action.TEXT, someone, vibes_list)
        self.world.deliver()
        self.simulator.settle()
        arrived = len(self.world.texts(someone.mobile)) - before
        assert not arrived or (theirs, ours) == ("subscribed", "subscribed")
        type(self).arrived += arrived

    # --- What people and carriers do -------------------------------------------------------------

    @rule(who=st.integers(0, 2), word=st.sampled_from(WORDS))
    def reply(self, who: int, word: str) -> None:
        self.simulator.texts(self.people[who].mobile, word)

    @rule(who=st.integers(0, 2))
    def join(self, who: int) -> None:
        """Of their own accord: we may not hear of it for a while."""
        for word in ("OFFERS", "Y"):
            self.simulator.texts(self.people[who].mobile, word)

    @rule(who=st.integers(0, 2))
    def disconnect(self, who: int) -> None:
        self.simulator.post(f"handsets/{self.people[who].mobile}/disconnect", {})

    @rule(seconds=st.sampled_from([60, 3600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.wait(seconds)
        self.world.expire()
        self.world.deliver()

    # --- What goes wrong on the wire -------------------------------------------------------------

    @rule(fault=st.sampled_from(FAULTS), path=st.sampled_from(PATHS), times=st.integers(1, 3))
    def trouble(self, fault: dict[str, Any], path: str, times: int) -> None:
        self.simulator.fault(**fault, path=path, count=times)

    @rule(data=st.data())
    def callbacks_arrive(self, data: st.DataObject) -> None:
        """Some of those on their way, in any order, some of them twice; the rest later or never."""
        self.world.pick_up()
        arriving = data.draw(st.permutations(range(len(self.world.picked_up))))
        arriving = arriving[: data.draw(st.integers(0, len(arriving)))]
        for place in arriving:
            for _ in range(data.draw(st.integers(1, 2))):
                self.world.tell(self._mislabelled(self.world.picked_up[place], data))
        left = set(range(len(self.world.picked_up))) - set(arriving)
        self.world.picked_up = [self.world.picked_up[place] for place in sorted(left)]
        self.world.apply()

    @staticmethod
    def _mislabelled(body: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
        """As in Vibes' own sample: a participant that changed, called one that was added."""
        if body["callback_type"].endswith("participant_changed") and data.draw(st.booleans()):
            wrong = body["callback_type"].replace("changed", "added")
            return body | {"callback_type": wrong, "event_type": wrong}
        return body

    @rule(who=st.integers(0, 2), which=st.integers(0, 1))
    def somebody_forges_an_opt_in(self, who: int, which: int) -> None:
        number, vibes_id = self.people[who].mobile, self.lists[which].vibes_id
        before = self.world.theirs()[number, vibes_id]
        self.world.tell(make.forged_opt_in(number, vibes_id, at=self.world.now()))
        self.world.apply()
        assert (
            self.world.ours()[number, vibes_id] != "subscribed"
            or before == "subscribed"
            or (self.was[number, vibes_id] == "subscribed")
        )

    @invariant()
    def time_moves_on(self) -> None:
        self.world.wait(2)
        self.was = self.world.ours()
        assert self.world.answers <= {200}

    # --- After the storm -------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self._the_storm_is_over()
        finally:
            self.travel.stop()
            transaction.set_rollback(True)
            self.rollback.__exit__(None, None, None)

    def _the_storm_is_over(self) -> None:
        self.simulator.delete("faults")
        self.world.wait(120)
        self.world.drain()
        self.world.apply()
        self.world.reconcile()
        assert self.world.ours() == self.world.theirs()
        assert self._most_texts_of_one_id() <= 1

    def _most_texts_of_one_id(self) -> int:
        ids = [text["event_id"] for each in self.people for text in self.world.texts(each.mobile)]
        return max((ids.count(each) for each in ids), default=0)


@pytest.fixture
def storm(db: None, simulator: Simulator) -> type[Storm]:
    """A connected service with three people, before anything happened."""
    simulator.put("settings", stormy.CONNECTED)
    account = make.account(
        base_url=simulator.url, events_per_second=1_000_000, calls_per_second=1_000_000
    )
    assert connection.sync(account, now=simulator.now()), account.health_detail
    people = [person(mobile=each) for each in (make.ANA, make.BEN, make.EVE)]
    world = {"account": account, "simulator": simulator, "people": people}
    return type("OurStorm", (Storm,), world)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("scope", ["code", "list"])
def test_our_copy_says_what_vibes_says_after_any_storm(storm: type[Storm], scope: str) -> None:
    consequences.STOP_SCOPE.set(scope)
    stop_scope = {"code": "code", "list": "list_of_last_message"}[scope]
    storm.simulator.put("settings", {"stop_scope": stop_scope})
    run_state_machine_as_test(
        storm,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert storm.arrived or EXAMPLES < 100  # else it has shown nothing about texts
