"""What a text from a phone is taken for, and what it does."""

import pytest

from tests.simulator.conftest import Simulator
from tests.simulator.receiver import Receiver
from tests.simulator.vibes_bodies import ANYONE, JOIN_OFFERS, participant, registration

JOIN_NEAR = "campaigns/acquisition/Zip5code/participants"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "STOP",
            "stop!",
            " Arrêt ",
            "“Quit”",
            "STOP texting me",
            "ARRET",
            "ＳＴＯＰ",
            "Stop, please",
        ),
        *("STOPALL", "unsubscribe", "(cancel)", "END.", "stop\n\ntexting   me"),
        *("Stop - no more", "STOP (please)", "stop/quit", '"Stop" texting me', "stop 🙏 now"),
    ],
)
def test_stop_words_and_phrases_end_all_lists_of_the_code(simulator: Simulator, text: str) -> None:
    simulator.subscribe(ANYONE)
    simulator.subscribe(ANYONE, list_id="5678")

    followed = simulator.says(ANYONE, text)

    assert followed["matched"] == "stop"
    assert simulator.standing(ANYONE) == {"1234": "unsubscribed", "5678": "unsubscribed"}


@pytest.mark.parametrize(
    "text",
    [
        *("don't stop", "nonstop", "stopping by", "please STOP", "the end"),
        *("stop-motion is fun", "Stop's broken", "stop’s broken"),
    ],
)
def test_other_sentences_with_stop_in_them_do_not(simulator: Simulator, text: str) -> None:
    assert simulator.says(ANYONE, text)["matched"] == "unmatched"


def test_stop_is_answered_once_in_the_language_of_the_word(simulator: Simulator) -> None:
    simulator.says(ANYONE, "STOP")
    simulator.says(ANYONE, "ARRET")

    english, french = simulator.texts(ANYONE)
    assert english.startswith("You are unsubscribed")
    assert french.startswith("Vous êtes désabonné")


def test_stop_can_be_narrowed_to_the_list_of_the_last_text(simulator: Simulator) -> None:
    simulator.set(stop_scope="list_of_last_message")
    simulator.subscribe(ANYONE, list_id="5678")
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.says(ANYONE, "Y")

    simulator.says(ANYONE, "STOP")

    assert simulator.standing(ANYONE) == {"1234": "unsubscribed", "5678": "subscribed"}


def test_stop_of_one_code_leaves_the_lists_of_another(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)

    simulator.says(ANYONE, "STOP", source_code="520123")

    assert simulator.standing(ANYONE) == {"1234": "subscribed"}


def test_stop_can_be_widened_to_the_company(simulator: Simulator) -> None:
    simulator.set(stop_scope="company")
    simulator.subscribe(ANYONE)

    simulator.says(ANYONE, "STOP", source_code="520123")

    assert simulator.standing(ANYONE) == {"1234": "unsubscribed"}


@pytest.mark.parametrize(("blocks", "status"), [("pending", 201), ("code", 422)])
def test_stop_can_block_all_campaigns_of_the_code(
    simulator: Simulator, blocks: str, status: int
) -> None:
    simulator.set(stop_blocks=blocks)
    simulator.subscribe(ANYONE)

    simulator.says(ANYONE, "STOP")

    assert simulator.post(JOIN_OFFERS, participant(ANYONE)).status_code == status


def test_stop_rejects_a_pending_request(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))

    simulator.says(ANYONE, "STOP")

    assert simulator.standing(ANYONE) == {"1234": "declined"}


@pytest.mark.parametrize("text", ["HELP", "info", "Aide"])
def test_help_is_answered_and_changes_nothing(simulator: Simulator, text: str) -> None:
    simulator.subscribe(ANYONE)

    followed = simulator.says(ANYONE, text)

    assert (followed["matched"], len(followed["replies"])) == ("help", 1)
    assert simulator.standing(ANYONE) == {"1234": "subscribed"}


@pytest.mark.parametrize("text", ["Y", "yes", "Oui."])
def test_yes_confirms_and_is_welcomed(simulator: Simulator, text: str) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))

    followed = simulator.says(ANYONE, text)

    assert followed["matched"] == "confirmed"
    assert followed["replies"][0]["text"].startswith("Offers: you are in!")
    assert simulator.standing(ANYONE) == {"1234": "subscribed"}


@pytest.mark.parametrize(
    ("text", "matched"),
    [("60601", "confirmed"), (" 60601. ", "confirmed"), ("N", "declined")]
    + [(text, "unmatched") for text in ("6060", "606011", "Y", "my zip is 60601")],
)
def test_a_postcode_campaign_is_confirmed_by_five_digits(
    simulator: Simulator, text: str, matched: str
) -> None:
    simulator.post(JOIN_NEAR, participant(ANYONE))

    assert simulator.says(ANYONE, text)["matched"] == matched


def test_the_newest_question_that_an_answer_fits_is_answered(simulator: Simulator) -> None:
    for address in (JOIN_OFFERS, JOIN_NEAR):
        simulator.post(address, participant(ANYONE))

    simulator.says(ANYONE, "Y")

    assert simulator.get(JOIN_OFFERS, mdn=ANYONE).json() == []
    assert len(simulator.get(JOIN_NEAR, mdn=ANYONE).json()) == 1


def test_a_french_no_is_answered_in_french(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))

    [reply] = simulator.says(ANYONE, "Non")["replies"]

    assert reply["text"].startswith("D'accord")


def test_a_question_on_one_code_is_not_answered_on_another(simulator: Simulator) -> None:
    simulator.post(JOIN_OFFERS, participant(ANYONE))

    assert simulator.says(ANYONE, "Y", source_code="520123")["matched"] == "unmatched"


def test_yes_means_nothing_when_nothing_was_asked(simulator: Simulator) -> None:
    assert simulator.says(ANYONE, "Y")["matched"] == "unmatched"


def test_a_keyword_starts_an_opt_in(simulator: Simulator) -> None:
    assert simulator.says(ANYONE, "Offer")["matched"] == "keyword"

    assert simulator.standing(ANYONE) == {"1234": "pending"}


def test_a_keyword_on_another_code_means_nothing(simulator: Simulator) -> None:
    assert simulator.says(ANYONE, "OFFERS", source_code="520123")["matched"] == "unmatched"


def test_anything_else_is_reported_as_unmatched(simulator: Simulator, receiver: Receiver) -> None:
    kind = "unmatched_message_received"
    simulator.post("config/callbacks/", registration(receiver.url, kind, source_code="65301"))

    followed = simulator.says(ANYONE, "When do you open?")

    [body] = receiver.wait(kind)
    assert (body["message"], body["participant"]["mdn"]) == ("When do you open?", ANYONE)
    assert [callback["event_id"] for callback in followed["callbacks"]] == [body["event_id"]]


def test_a_set_auto_reply_answers_for_the_owner(simulator: Simulator) -> None:
    habit = {"auto_reply": {"text": "yes", "after_s": 1}}
    simulator.control("PATCH", f"handsets/{ANYONE}", habit)

    simulator.post(JOIN_OFFERS, participant(ANYONE))
    simulator.settle()

    assert simulator.standing(ANYONE) == {"1234": "subscribed"}


def test_a_phone_switched_off_gets_its_texts_later(simulator: Simulator) -> None:
    simulator.control("PATCH", f"handsets/{ANYONE}", {"powered": False})
    simulator.post(JOIN_OFFERS, participant(ANYONE))
    waiting = simulator.control("GET", f"handsets/{ANYONE}/messages")["messages"][0]["state"]

    simulator.control("PATCH", f"handsets/{ANYONE}", {"powered": True})

    arrived = simulator.control("GET", f"handsets/{ANYONE}/messages")["messages"][0]["state"]
    assert (waiting, arrived) == ("waiting", "delivered")
