"""The stream of what happens: complete, in order, resumed, bounded, and for nobody else."""

from contextlib import ExitStack

import pytest

from tests.simulator.conftest import Simulator
from tests.simulator.following import WITH_TOKEN, ask, ask_patiently, following
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_OFFERS,
    SOMEONE_ELSE,
    participant,
    registration,
)
from vibes.simulator.store import Note
from vibes.simulator.stream import MOST_READERS, Stream, as_events

HELP = "Messages from 65301. Msg&data rates may apply. Reply STOP to quit."


class Committed:
    """What a transaction of so many notes leaves behind."""

    def __init__(self, count: int) -> None:
        self.notes: list[Note] = [("handset", ANYONE, {})] * count


def test_a_text_and_what_came_of_it_are_told_in_order(simulator: Simulator) -> None:
    with following(simulator) as reader:
        simulator.says(ANYONE, "help")
        told = reader.take(3)

    assert [(one.kind, one.data["mdn"]) for one in told] == [
        ("message.out", ANYONE),
        ("message.in", ANYONE),
        ("message.matched", ANYONE),
    ]
    assert (told[0].data["text"], told[1].data["text"]) == ("help", HELP)
    assert told[2].data["matched"] == "help"


def test_one_number_can_be_followed(simulator: Simulator) -> None:
    with following(simulator, mdn=ANYONE) as reader:
        simulator.says(SOMEONE_ELSE, "help")
        simulator.says(ANYONE, "help")

        assert reader.next().data["mdn"] == ANYONE


def test_whoever_follows_one_number_hears_of_the_clock(simulator: Simulator) -> None:
    with following(simulator, mdn=ANYONE) as reader:
        simulator.advance(3600)

        assert reader.next().data["offset"] == 3600


def test_a_membership_is_told(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    with following(simulator) as reader:
        simulator.says(ANYONE, "Y")

        assert reader.until("handset").data == {
            "mdn": ANYONE,
            "list_id": "1234",
            "membership": "subscribed",
        }


def test_power_is_told_and_so_is_what_waited(simulator: Simulator) -> None:
    simulator.says(ANYONE, "hello")
    with following(simulator) as reader:
        simulator.control("PATCH", f"handsets/{ANYONE}", {"powered": False})
        simulator.post(JOIN_OFFERS, participant(ANYONE))
        asleep = reader.until("message.in").data["state"]
        simulator.control("PATCH", f"handsets/{ANYONE}", {"powered": True})

        assert (asleep, reader.until("message.in").data["state"]) == ("waiting", "delivered")


def test_a_change_of_a_phone_is_told_once(simulator: Simulator) -> None:
    with following(simulator) as reader:
        simulator.control("PATCH", f"handsets/{ANYONE}", {"carrier": "105"})
        simulator.says(ANYONE, "hello")

        assert [told.kind for told in reader.take(2)] == ["handset", "message.out"]


@pytest.mark.parametrize(
    ("status", "kind"), [(200, "callback.delivered"), (404, "callback.failed")]
)
def test_the_fate_of_a_callback_is_told(
    simulator: Simulator, receiver: Receiver, status: int, kind: str
) -> None:
    receiver.statuses.extend([status])
    simulator.post("config/callbacks", registration(receiver.url, "unmatched_message_received"))
    with following(simulator) as reader:
        simulator.says(ANYONE, "purple")
        told = reader.until(kind).data

    assert (told["callback_type"], told["status"]) == ("unmatched_message_received", status)


def test_what_was_missed_is_made_up_for(simulator: Simulator) -> None:
    with following(simulator) as reader:
        simulator.says(ANYONE, "first")
        last = reader.until("message.matched")
    simulator.says(ANYONE, "second")

    with following(simulator, after=last.id) as reader:
        assert reader.next().data["text"] == "second"


def test_a_reader_cut_off_before_the_first_event_misses_none(simulator: Simulator) -> None:
    with following(simulator) as reader:
        begin = reader.begin["id"]
    simulator.says(ANYONE, "meanwhile")

    with following(simulator, after=begin) as reader:
        assert reader.next().data["text"] == "meanwhile"


@pytest.mark.parametrize("unknown", ["1", "another-run-1", "x" * 500, "-", "½"])
def test_a_place_nobody_knows_is_answered_with_reset(simulator: Simulator, unknown: str) -> None:
    with following(simulator, after=unknown.encode().decode("latin-1")) as reader:
        assert reader.next().kind == "reset"


def test_a_reset_world_is_told(simulator: Simulator) -> None:
    with following(simulator, mdn=ANYONE) as reader:
        simulator.control("POST", "reset", {"fixture": "demo"})

        assert reader.next().kind == "reset"


def test_more_readers_than_places_are_refused_and_nothing_else_waits(simulator: Simulator) -> None:
    with ExitStack() as readers:
        for _ in range(MOST_READERS):
            readers.enter_context(following(simulator))

        refused = ask(simulator)
        assert (refused.status_code, refused.headers.get("Retry-After")) == (503, "5")
        assert simulator.says(ANYONE, "help")["matched"] == "help"


def test_a_reader_that_goes_away_gives_its_place_back(simulator: Simulator) -> None:
    with ExitStack() as readers:
        for _ in range(MOST_READERS):
            readers.enter_context(following(simulator))

    with following(simulator) as reader:
        simulator.says(ANYONE, "help")
        assert reader.next().kind == "message.out"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Host": "evil.example"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_strangers_are_refused(simulator: Simulator, headers: dict[str, str], status: int) -> None:
    with ask(simulator, **headers) as answer:
        assert answer.status_code == status


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_needs_no_token(simulator: Simulator, site: str) -> None:
    with ask_patiently(simulator, **{"Sec-Fetch-Site": site}) as answer:
        assert answer.ok


def test_what_is_no_number_is_refused(simulator: Simulator) -> None:
    assert ask(simulator, params={"mdn": "Ada"}, **WITH_TOKEN).status_code == 400


def test_a_quiet_stream_gives_signs_of_life() -> None:
    lines = as_events(Stream(), "", None, is_gone=lambda: False, heartbeat_s=0)

    assert next(lines).startswith("retry: ")
    assert next(lines) == ": still here\n\n"


def test_a_reader_too_far_behind_is_told_to_begin_anew() -> None:
    stream = Stream(kept=2)
    lines = as_events(stream, "", None, is_gone=lambda: False)
    next(lines)

    stream.hear(Committed(3))  # type: ignore[arg-type]

    assert next(lines).splitlines()[:2] == [f"id: {stream.name(3)}", "event: reset"]


def test_whoever_is_just_not_too_far_behind_misses_nothing() -> None:
    stream = Stream(kept=2)
    lines = as_events(stream, "", None, is_gone=lambda: False)
    next(lines)

    stream.hear(Committed(2))  # type: ignore[arg-type]

    assert next(lines).count("event: handset") == 2


def test_it_ends_when_nobody_reads() -> None:
    assert len(list(as_events(Stream(), "", None, is_gone=lambda: True))) == 1
