from datetime import UTC, datetime
from typing import Any

import pytest

from people.instance import ALLOWED_COUNTRIES
from people.models import Person
from tests.people.make import person
from tests.vibes import make
from vibes import gate
from vibes.gate import Reason
from vibes.models import AcquisitionCampaign, Number, OutboxRow, Subscription, VibesList

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
State = Subscription.State


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list(make.account(), event_type="offers")


def judged(offers: VibesList, action: str = OutboxRow.Action.TEXT) -> dict[str, set[int]]:
    return dict(gate.judge(Person.objects.all(), vibes_list=offers, action=action).refused)


def member(offers: VibesList, typed: str = "(312) 555-0142", **fields: Any) -> Person:
    made = person(mobile=typed, **fields)
    make.subscription(offers, made.mobile)
    return made


def test_admits_a_member_in_good_standing(offers: VibesList) -> None:
    ana = member(offers)

    assert gate.judge(Person.objects.all(), vibes_list=offers).admitted == [ana]


@pytest.mark.parametrize(
    ("why", "fields"),
    [
        (Reason.PERSON_DELETED, {"deleted_at": NOON, "block_listed": True}),
        (Reason.BLOCK_LISTED, {"block_listed": True, "marketing_suspended": True}),
        (Reason.MARKETING_SUSPENDED, {"marketing_suspended": True}),
    ],
)
def test_names_the_most_final_reason_first(
    offers: VibesList, why: str, fields: dict[str, Any]
) -> None:
    nobody = member(offers, **fields)

    assert judged(offers) == {why: {nobody.pk}}


@pytest.mark.parametrize(
    ("why", "typed"),
    [
        (Reason.NO_MOBILE, ""),
        (Reason.NUMBER_NOT_VALID, "not a number"),
        (Reason.COUNTRY_NOT_ALLOWED, "+44 7400 123456"),
    ],
)
def test_names_what_is_wrong_with_a_number(offers: VibesList, why: str, typed: str) -> None:
    nobody = person(mobile=typed)

    assert judged(offers) == {why: {nobody.pk}}


@pytest.mark.parametrize(
    ("why", "line"),
    [
        (Reason.LANDLINE, Number.Line.LANDLINE),
        (Reason.DISCONNECTED, Number.Line.DISCONNECTED),
        (Reason.INVALID_AT_VIBES, Number.Line.INVALID),
    ],
)
def test_names_what_vibes_knows_of_a_number(offers: VibesList, why: str, line: str) -> None:
    nobody = member(offers)
    Number.objects.create(mobile=nobody.mobile, line=line)

    assert judged(offers) == {why: {nobody.pk}}


@pytest.mark.parametrize(
    ("why", "state"),
    [
        (Reason.NEVER_SUBSCRIBED, State.NEVER),
        (Reason.PENDING, State.PENDING),
        (Reason.DECLINED, State.DECLINED),
        (Reason.EXPIRED, State.EXPIRED),
        (Reason.OPTED_OUT, State.UNSUBSCRIBED),
    ],
)
def test_tells_apart_why_a_number_is_no_member(offers: VibesList, why: str, state: str) -> None:
    nobody = person(mobile="(312) 555-0142")
    make.subscription(offers, nobody.mobile, state=state)

    assert judged(offers) == {why: {nobody.pk}}


def test_does_not_take_silence_for_a_no(offers: VibesList) -> None:
    nobody = person(mobile="(312) 555-0142")

    assert judged(offers) == {Reason.MEMBERSHIP_UNKNOWN: {nobody.pk}}


def test_lets_the_email_opt_out_stop_texts_only_by_setting(offers: VibesList) -> None:
    ana = member(offers, unsubscribed=True)
    assert judged(offers) == {}

    gate.EMAIL_OPT_OUT_STOPS_SMS.set(True)

    assert judged(offers) == {Reason.EMAIL_OPT_OUT: {ana.pk}}


def test_texts_a_country_once_it_is_allowed(offers: VibesList) -> None:
    member(offers, "+44 7400 123456")

    ALLOWED_COUNTRIES.set(["GB"])

    assert judged(offers) == {}


def test_asks_only_the_undecided_to_subscribe(offers: VibesList) -> None:
    member(offers)
    waiting = person(mobile="(312) 555-0143")
    make.subscription(offers, waiting.mobile, state=State.PENDING)
    new = person(mobile="(312) 555-0144")

    verdict = gate.judge(Person.objects.all(), vibes_list=offers, action=OutboxRow.Action.SUBSCRIBE)

    assert verdict.admitted == [new]
    assert set(verdict.refused) == {Reason.ALREADY_SUBSCRIBED, Reason.PENDING}


def test_ends_subscriptions_of_the_block_listed_too(offers: VibesList) -> None:
    member(offers, block_listed=True, marketing_suspended=True)

    assert judged(offers, OutboxRow.Action.UNSUBSCRIBE) == {}


def test_asks_the_same_few_questions_for_any_number_of_people(
    offers: VibesList, django_assert_num_queries: object
) -> None:
    for number in range(100, 150):
        person(mobile=f"(312) 555-0{number}")

    with django_assert_num_queries(2):  # type: ignore[operator]
        judged(offers)


def test_rows_are_asked_about_with_one_statement_however_many(
    offers: VibesList, django_assert_num_queries: object
) -> None:
    for many in (1, 50):
        with django_assert_num_queries(2):  # type: ignore[operator]  # what was decided, and the rows
            gate.against(range(1, many + 1), action=OutboxRow.Action.TEXT)


def asked_through(offers: VibesList, campaign: AcquisitionCampaign) -> set[str]:
    found = gate.judge(
        Person.objects.all(),
        vibes_list=offers,
        action=OutboxRow.Action.SUBSCRIBE,
        campaign=campaign,
    )
    return set(found.refused)


def test_who_declined_may_be_asked_through_another_campaign(offers: VibesList) -> None:
    one, other = (make.campaign(offers, vibes_id=each, name=each) for each in ("One", "Other"))
    eve = person(mobile=make.EVE)
    declined = {"state": State.DECLINED, "acquisition_campaign": one}
    make.subscription(offers, eve.mobile, **declined)

    assert asked_through(offers, one) == {Reason.DECLINED_AT_VIBES}
    assert asked_through(offers, other) == set()


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("scheduled", Reason.CAMPAIGN_NOT_ACTIVE),
        ("past", Reason.CAMPAIGN_NOT_ACTIVE),
        ("deleted", Reason.CAMPAIGN_GONE),
        ("gone", Reason.CAMPAIGN_GONE),
    ],
)
def test_nobody_is_asked_through_a_campaign_that_is_not_active(
    status: str, why: Reason, offers: VibesList
) -> None:
    person(mobile=make.EVE)

    assert asked_through(offers, make.campaign(offers, status=status)) == {why}


def test_nobody_is_asked_through_a_campaign_of_another_list(offers: VibesList) -> None:
    person(mobile=make.EVE)
    elsewhere = make.campaign(make.vibes_list(offers.account, vibes_id="5678"))

    assert asked_through(offers, elsewhere) == {Reason.FEEDS_ANOTHER_LIST}


@pytest.mark.parametrize("action", OutboxRow.Action.values)
def test_nothing_is_done_on_a_list_that_is_gone(action: str, offers: VibesList) -> None:
    member(offers)
    VibesList.objects.update(gone_at=NOON)

    assert set(judged(offers, action)) == {Reason.LIST_GONE}


def test_says_what_stands_against_a_whole_step(offers: VibesList) -> None:
    campaign = make.campaign(offers, status="past")

    found = gate.obstacle(action=OutboxRow.Action.SUBSCRIBE, vibes_list=offers, campaign=campaign)

    assert found == Reason.CAMPAIGN_NOT_ACTIVE
    assert gate.obstacle(action=OutboxRow.Action.TEXT, vibes_list=offers, campaign=None) == ""
    gone = VibesList(pk=999)
    assert gate.obstacle(action="text", vibes_list=gone, campaign=None) == Reason.LIST_GONE
