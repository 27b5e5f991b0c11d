"""Login, key, versions, errors, limits: what every call of the Vibes API meets."""

from collections import Counter

import pytest

from tests.simulator.conftest import Simulator
from tests.simulator.vibes_bodies import ANYONE, JOIN_OFFERS, SENDERS, event, participant

LISTS = "mobiledb/subscription_lists/"


def test_a_wrong_password_is_401_and_says_how_to_log_in(simulator: Simulator) -> None:
    answer = simulator.call("GET", LISTS, auth=("demo", "wrong"))

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="Vibes"')


def test_a_wrong_company_key_looks_like_a_missing_page(simulator: Simulator) -> None:
    answer = simulator.call("GET", "../OTHER/sourcecodes")

    assert answer.status_code == 404


def test_an_unknown_path_answers_with_the_error_envelope(simulator: Simulator) -> None:
    answer = simulator.get("mobiledb/nothing")

    assert answer.status_code == 404
    assert set(answer.json()["errors"][0]) == {"message", "code"}


def test_a_wrong_method_is_405_and_names_the_right_ones(simulator: Simulator) -> None:
    answer = simulator.call("DELETE", "events")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_without_a_version_header_e164_is_refused(simulator: Simulator) -> None:
    answer = simulator.call("POST", JOIN_OFFERS, participant(ANYONE), headers={})

    assert answer.status_code == 400


def test_version_1_takes_ten_digits(simulator: Simulator) -> None:
    answer = simulator.call("POST", JOIN_OFFERS, participant("3125550142"), headers={})

    assert answer.status_code == 201


def test_version_2_refuses_ten_digits(simulator: Simulator) -> None:
    answer = simulator.post(JOIN_OFFERS, participant("3125550142"))

    assert answer.status_code == 400
    assert answer.json() == {"errors": [{"message": "countrynotsupported", "code": 1}]}


def test_all_errors_come_at_once(simulator: Simulator) -> None:
    answer = simulator.post(SENDERS, {"event_type": "not allowed!"})

    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 4


@pytest.mark.parametrize("body", ["{", "[]", '"text"'])
def test_a_body_that_is_no_json_object_is_400(simulator: Simulator, body: str) -> None:
    headers = {"X-API-Version": "2", "Content-Type": "application/json"}

    assert simulator.call("POST", "events", data=body, headers=headers).status_code == 400


def test_trailing_slashes_do_not_matter(simulator: Simulator) -> None:
    assert simulator.get(LISTS).json() == simulator.get(LISTS.rstrip("/")).json()


def test_more_events_in_a_second_than_allowed_are_429(simulator: Simulator) -> None:
    simulator.set(rate_limit_events=5)

    codes = Counter(simulator.post("events", event()).status_code for _ in range(8))

    assert codes == {202: 5, 429: 3}


def test_events_and_other_calls_have_separate_limits(simulator: Simulator) -> None:
    simulator.set(rate_limit_events=1, rate_limit_other=1)

    answers = [simulator.post("events", event()), simulator.get(LISTS)]

    assert [answer.status_code for answer in answers] == [202, 200]


@pytest.mark.parametrize(("option", "present"), [("none", False), ("seconds", True)])
def test_retry_after_comes_only_when_asked_for(
    simulator: Simulator, option: str, present: bool
) -> None:
    simulator.set(rate_limit_other=1, retry_after=option)

    simulator.get(LISTS)
    refused = simulator.get(LISTS)

    assert ("Retry-After" in refused.headers, refused.status_code) == (present, 429)


def test_success_can_be_a_plain_200_as_documented(simulator: Simulator) -> None:
    simulator.set(status_style="documented200")

    assert simulator.post("events", event()).status_code == 200
