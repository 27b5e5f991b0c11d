"""Login, key, versions, errors, limits: what every call of the Vibes API meets."""

from collections import Counter
from email.utils import parsedate_to_datetime

import pytest

from tests.simulator.conftest import Simulator
from tests.simulator.vibes_bodies import (
    ANYONE,
    JOIN_OFFERS,
    SENDERS,
    event,
    participant,
    registration,
    sender,
)
from vibes.simulator import dice

LISTS = "mobiledb/subscription_lists/"
PERSONS = "mobiledb/persons"
HOOKS = "config/callbacks/"
AS_JSON = {"X-API-Version": "2", "Content-Type": "application/json"}


def test_a_wrong_password_is_401_and_says_how_to_log_in(simulator: Simulator) -> None:
    answer = simulator.call("GET", LISTS, auth=("demo", "wrong"))

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="Vibes"')


def test_without_a_login_it_is_401_too(simulator: Simulator) -> None:
    assert simulator.call("GET", LISTS, auth=None).status_code == 401


def test_a_wrong_company_key_looks_like_a_missing_page(simulator: Simulator) -> None:
    answer = simulator.call("GET", "../OTHER/sourcecodes")

    assert answer.status_code == 404


def test_an_unknown_path_answers_with_the_error_envelope(simulator: Simulator) -> None:
    answer = simulator.get("mobiledb/nothing")

    assert answer.status_code == 404
    assert set(answer.json()["errors"][0]) == {"message", "code"}


def test_a_wrong_method_is_405_and_names_the_right_ones(simulator: Simulator) -> None:
    answer = simulator.call("DELETE", "events")
    other = simulator.call("PATCH", f"{HOOKS}ABC")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert (other.status_code, other.headers["Allow"]) == (405, "GET, PUT, DELETE")


def test_without_a_version_header_e164_is_refused(simulator: Simulator) -> None:
    answer = simulator.call("POST", JOIN_OFFERS, participant(ANYONE), headers={})

    assert answer.status_code == 400


@pytest.mark.parametrize(("version", "mdn"), [("1", ANYONE), ("2", ANYONE[2:])])
def test_the_version_rules_queries_and_events_too(
    simulator: Simulator, version: str, mdn: str
) -> None:
    headers = {"X-API-Version": version}

    asked = simulator.call("GET", PERSONS, params={"mdn": mdn}, headers=headers)
    sent = simulator.call("POST", "events", event(mdn), headers=headers)

    assert (asked.status_code, sent.status_code) == (400, 400)


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
    assert [error["code"] for error in answer.json()["errors"]] == [1, 2, 3, 4]


def test_errors_deep_inside_come_with_the_others(simulator: Simulator) -> None:
    asked = sender() | {"name": "", "event_type": 7}
    asked["targeting"] |= {"sms": {}, "filters": [{"name": "subscription", "value": [1, {}]}]}

    answer = simulator.post(SENDERS, asked)

    messages = [error["message"] for error in answer.json()["errors"]]
    assert messages == [
        "name must be a string, not empty",
        "event_type must be letters, digits, - and _",
        "targeting.sms.sourcecode is required",
        "targeting.sms.country_code is required",
        "targeting.sms.sourcecode_type is required",
        "targeting.filters[0].selector is required",
        "targeting.filters[0].value[1] must be a whole number or a string",
    ]


def test_a_bad_number_is_named_beside_the_other_errors(simulator: Simulator) -> None:
    answer = simulator.post("events", event("555") | {"debug_data": "none", "event_type": ""})

    assert len(answer.json()["errors"]) == 3


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "text/json", ""])
def test_a_wrong_content_type_is_400(simulator: Simulator, content_type: str) -> None:
    headers = AS_JSON | {"Content-Type": content_type}

    assert simulator.call("POST", "events", data="{}", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"text"', '{"event_id": NaN}', '{"x": "\\ud800"}', "[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_400(simulator: Simulator, body: str) -> None:
    assert simulator.call("POST", "events", data=body, headers=AS_JSON).status_code == 400


@pytest.mark.parametrize("data", [{"message_body": {"a": 1}}, {"message_body": 7}, {"n": 1 << 70}])
def test_event_data_of_any_kind_is_taken(simulator: Simulator, data: dict[str, object]) -> None:
    asked = event() | {"event_data": {"mdn": ANYONE} | data}

    assert simulator.post("events", asked).status_code == 202


@pytest.mark.parametrize("number", ["\u00b3", "9" * 30, "-1"])
def test_ids_that_are_no_numbers_are_404(simulator: Simulator, number: str) -> None:
    for path in (SENDERS, PERSONS):
        assert simulator.get(f"{path}/{number}").status_code == 404


def test_trailing_slashes_do_not_matter(simulator: Simulator) -> None:
    assert simulator.get(LISTS).json() == simulator.get(LISTS.rstrip("/")).json()


@pytest.mark.parametrize(
    ("method", "path", "status", "other"),
    [
        ("GET", LISTS, 200, 404),
        ("GET", f"{LISTS}1234", 200, 404),
        ("GET", HOOKS, 200, 404),
        ("GET", "sourcecodes", 200, 404),
        ("POST", f"{PERSONS}/", 201, 405),
        ("GET", f"{PERSONS}/", 405, 200),
    ],
)
def test_strict_wants_the_slash_as_published(
    simulator: Simulator, method: str, path: str, status: int, other: int
) -> None:
    simulator.subscribe("+13125550150")
    more = {"params": {"mdn": "+13125550150"}} if PERSONS in path and method == "GET" else {}
    respelt = path.rstrip("/") if path.endswith("/") else f"{path}/"
    simulator.set(strict=True)

    answers = [simulator.call(method, p, participant(ANYONE), **more) for p in (path, respelt)]

    assert [answer.status_code for answer in answers] == [status, other]


def test_strict_refuses_unknown_parameters(simulator: Simulator) -> None:
    lenient = simulator.get(SENDERS, page="2")
    simulator.set(strict=True)

    strict, known = simulator.get(SENDERS, page="2"), simulator.get(SENDERS, status="ended")

    assert [it.status_code for it in (lenient, strict, known)] == [200, 400, 200]
    assert strict.json()["errors"][0]["message"] == "page is no parameter of this call"


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


def test_retry_after_can_be_a_date(simulator: Simulator) -> None:
    simulator.set(rate_limit_other=1, retry_after="date")

    simulator.get(LISTS)
    refused = simulator.get(LISTS)

    until, now = (parsedate_to_datetime(refused.headers[name]) for name in ("Retry-After", "Date"))
    assert 0 <= (until - now).total_seconds() <= 2


@pytest.mark.parametrize(
    ("style", "codes"),
    [
        ("real", [202, 202, 201, 201, 201, 204]),
        ("documented200", [200, 200, 200, 200, 201, 200]),
    ],
)
def test_success_can_be_a_plain_200_as_documented(
    simulator: Simulator, style: str, codes: list[int]
) -> None:
    simulator.set(status_style=style)
    simulator.subscribe("+13125550150")
    key = simulator.get(PERSONS, mdn="+13125550150").json()["person_key"]

    answers = [
        simulator.post("events", event()),
        simulator.post(SENDERS, sender()),
        simulator.post(HOOKS, registration(simulator.callbacks_to, "subscription_added")),
        simulator.post(f"{PERSONS}/", participant("+13125550151")),
        simulator.post(JOIN_OFFERS, participant(ANYONE)),
        simulator.call("DELETE", f"{PERSONS}/{key}/subscriptions/1234"),
    ]

    assert [answer.status_code for answer in answers] == codes


def test_latency_is_near_the_median_and_rarely_ten_times_it() -> None:
    dice.roll_from(1)
    drawn = sorted(dice.around(40) for _ in range(50_000))

    assert drawn[25_000] == pytest.approx(40, rel=0.05)
    assert drawn[49_500] == pytest.approx(400, rel=0.1)


def test_latency_is_the_same_every_time_with_the_same_seed() -> None:
    drawn = []
    for _ in range(2):
        dice.roll_from(7)
        drawn.append([dice.around(40) for _ in range(5)])

    assert drawn[0] == drawn[1]
