from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.vibes import make
from tests.vibes.make import NOON
from tests.vibes.pretend import Simulator
from vibes import senders
from vibes.client import Client, Unknown
from vibes.models import Account, VibesList

LATER = NOON + timedelta(days=1)
SAFE: dict[str, Any] = {
    "channel": "sms",
    "message_template": "{{ ev.message_body }}",
    "shorten_urls": False,
    "sms": {
        "sourcecode": "65301",
        "country_code": "1",
        "sourcecode_type": "SC",
        "mdn_territory": "US",
    },
    "filters": [{"name": "subscription", "selector": "any", "value": [1234]}],
}


@pytest.fixture
def by_hand(simulator: Simulator) -> Any:
    """Makes an event-triggered campaign as somebody would on Vibes' own pages."""

    def make(name: str, *, starts: str = "2026-06-01", **targeting: Any) -> str:
        body = {"name": "By hand", "event_type": name, "start_date": starts}
        answer = _at_vibes("POST", simulator, body | {"targeting": SAFE | targeting})
        return str(answer.json()["event_triggered_message_id"])

    return make


def _at_vibes(method: str, simulator: Simulator, body: Any = None, which: str = "") -> Any:
    where = f"{simulator.url}/companies/DEMO0001/mobiledb/event_triggered_messages{which}"
    login: dict[str, Any] = {"auth": ("demo", "demo"), "headers": {"X-API-Version": "2"}}
    answer = requests.request(method, where, json=body, timeout=5, **login)
    answer.raise_for_status()
    return answer


@pytest.mark.parametrize(
    ("hour", "refused", "starts"),
    [(3, False, "2026-05-31"), (3, True, "2026-06-01"), (17, False, "2026-06-01")],
)
def test_a_sender_has_started_wherever_the_account_is(
    client_of_vibes: Client,
    offers: VibesList,
    simulator: Simulator,
    hour: int,
    refused: bool,
    starts: str,
) -> None:
    if refused:
        simulator.fault("status", status=422, method="POST", path="event_triggered", nth=1)

    senders.ensure_sender(offers, client_of_vibes, NOON.replace(hour=hour))

    (made,) = _at_vibes("GET", simulator).json()
    assert made["start_date"][:10] == starts


def test_two_who_find_no_sender_at_the_same_time_make_one(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    create, others = client_of_vibes.create_sender, list[Exception]()

    def meanwhile(**about: Any) -> Any:
        with pytest.raises(senders.BeingMade) as wrong:
            senders.ensure_sender(VibesList.objects.get(), Client(offers.account), NOON)
        others.append(wrong.value)
        return create(**about)

    client_of_vibes.create_sender = meanwhile  # type: ignore[method-assign]
    senders.ensure_sender(offers, client_of_vibes, NOON)

    assert (len(others), len(_at_vibes("GET", simulator).json())) == (1, 1)
    assert VibesList.objects.get().sender_fault == ""


def test_who_comes_a_moment_late_finds_the_sender_that_was_just_made(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    look, other = client_of_vibes.senders, Client(offers.account)

    def slowly(name: str) -> Any:
        client_of_vibes.senders = look  # type: ignore[method-assign]
        found = look(name)
        senders.ensure_sender(VibesList.objects.get(), other, NOON)
        return found

    client_of_vibes.senders = slowly  # type: ignore[method-assign, assignment]
    senders.ensure_sender(offers, client_of_vibes, NOON)

    assert len(_at_vibes("GET", simulator).json()) == 1


def test_makes_one_sender_for_a_list(client_of_vibes: Client, offers: VibesList) -> None:
    senders.ensure_sender(offers, client_of_vibes, NOON)
    first = offers.sender_id
    senders.ensure_sender(offers, client_of_vibes, LATER)

    offers.refresh_from_db()
    assert offers.event_type == senders.event_type(offers)
    assert offers.event_type.startswith("rd_")
    assert offers.sender_id == first != ""
    assert (offers.sender_status, offers.sender_fault) == ("in_progress", "")
    assert len(client_of_vibes.senders(offers.event_type)) == 1


def test_its_name_tells_which_instance_made_it(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    senders.ensure_sender(offers, client_of_vibes, NOON)

    (made,) = _at_vibes("GET", simulator).json()
    instance = offers.event_type.split("_")[1]
    assert made["name"] == f"Ringdove {instance}: texts to Offers"


def test_a_lost_answer_makes_no_second_sender(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    simulator.fault("reset_after", method="POST", path="event_triggered_messages", count=1)

    with pytest.raises(Unknown):
        senders.ensure_sender(offers, client_of_vibes, NOON)
    senders.ensure_sender(offers, client_of_vibes, NOON)

    assert len(client_of_vibes.senders(senders.event_type(offers))) == 1


def test_two_senders_on_one_event_type_are_refused(
    client_of_vibes: Client, offers: VibesList, by_hand: Any
) -> None:
    for _ in range(2):
        by_hand(senders.event_type(offers))

    with pytest.raises(senders.SenderConflict, match="2 campaigns"):
        senders.ensure_sender(offers, client_of_vibes, NOON)
    offers.refresh_from_db()
    assert "end all but one" in offers.sender_fault


@pytest.mark.parametrize(
    ("targeting", "words"),
    [
        ({"filters": []}, "not limited to members of the list Offers"),
        (
            {"filters": [{"name": "subscription", "selector": "any", "value": [1234, 5678]}]},
            "not limited",
        ),
        (
            {"filters": [{"name": "subscription", "selector": "none", "value": [1234]}]},
            "not limited",
        ),
        ({"message_template": "Acme: {{ ev.message_body }}"}, "template is “Acme:"),
        ({"shorten_urls": True}, "shortens links"),
        ({"sms": SAFE["sms"] | {"sourcecode": "520123"}}, "source code is 520123 and not 65301"),
    ],
)
def test_one_that_is_not_safe_is_refused(
    targeting: dict[str, Any],
    words: str,
    client_of_vibes: Client,
    offers: VibesList,
    by_hand: Any,
) -> None:
    by_hand("acme_texts", **targeting)

    with pytest.raises(senders.SenderConflict, match=words):
        senders.use_typed(offers, "acme_texts", client_of_vibes, NOON)
    assert (offers.event_type, offers.sender_typed) == ("", False)


def test_our_own_is_looked_at_as_closely(
    client_of_vibes: Client, offers: VibesList, by_hand: Any
) -> None:
    by_hand(senders.event_type(offers), filters=[])

    with pytest.raises(senders.SenderConflict, match="not limited"):
        senders.ensure_sender(offers, client_of_vibes, NOON)
    offers.refresh_from_db()
    assert (offers.event_type, "not limited" in offers.sender_fault) == ("", True)


def test_a_name_somebody_typed_is_looked_at_and_kept(
    client_of_vibes: Client, offers: VibesList, by_hand: Any
) -> None:
    with pytest.raises(senders.SenderConflict, match="No campaign"):
        senders.use_typed(offers, "ACME_texts", client_of_vibes, NOON)

    by_hand("acme_texts")
    senders.use_typed(offers, " ACME_texts ", client_of_vibes, NOON)
    senders.ensure_sender(offers, client_of_vibes, NOON)

    offers.refresh_from_db()
    assert (offers.event_type, offers.sender_typed) == ("acme_texts", True)
    assert client_of_vibes.senders(senders.event_type(offers)) == []


@pytest.mark.parametrize("name", ["", "acme texts", "acme/texts", "é", "a" * 81])
def test_a_name_vibes_would_not_take_is_not_even_asked_for(
    name: str, client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    with pytest.raises(senders.SenderConflict, match="letters, digits"):
        senders.use_typed(offers, name, client_of_vibes, NOON)
    assert simulator.requests() == []


def test_one_that_has_not_begun_yet_makes_the_texts_wait(
    client_of_vibes: Client, offers: VibesList, by_hand: Any
) -> None:
    by_hand(senders.event_type(offers), starts="2099-01-01")

    with pytest.raises(senders.SenderConflict, match="not in progress yet"):
        senders.ensure_sender(offers, client_of_vibes, NOON)
    assert VibesList.objects.without_sender().get() == offers


def test_one_that_was_ended_at_vibes_gets_a_successor(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    senders.ensure_sender(offers, client_of_vibes, NOON)
    _at_vibes("DELETE", simulator, which=f"/{offers.sender_id}")

    senders.ensure_sender(offers, client_of_vibes, NOON)

    assert offers.event_type == senders.event_type(offers, generation=2)


def test_another_source_code_gets_a_successor_and_the_old_one_ends(
    account: Account, client_of_vibes: Client, offers: VibesList
) -> None:
    senders.ensure_sender(offers, client_of_vibes, NOON)
    Account.objects.update(source_code="520123")
    offers = VibesList.objects.get()

    with Client(offers.account) as client:
        senders.ensure_sender(offers, client, NOON)
        (old,) = client.senders(senders.event_type(offers))
        (new,) = client.senders(offers.event_type)

    assert offers.event_type == senders.event_type(offers, generation=2)
    assert (old.status, new.status) == ("canceled", "in_progress")
    assert new.targeting["sms"]["sourcecode"] == "520123"


def test_two_services_of_a_company_keep_a_sender_each(
    client_of_vibes: Client, offers: VibesList
) -> None:
    senders.ensure_sender(offers, client_of_vibes, NOON)
    here = offers.account.base_url
    canadian = make.vibes_list(make.account(name="Canada", source_code="520123", base_url=here))

    with Client(canadian.account) as client:
        senders.ensure_sender(canadian, client, NOON)
        senders.ensure_sender(offers, client_of_vibes, NOON)
        found = [client.senders(each.event_type) for each in (offers, canadian)]

    codes = [(each.status, each.targeting["sms"]["sourcecode"]) for (each,) in found]
    assert codes == [("in_progress", "65301"), ("in_progress", "520123")]


def test_going_back_to_our_own_makes_the_texts_wait_for_it(
    client_of_vibes: Client, offers: VibesList, by_hand: Any
) -> None:
    by_hand("acme_texts")
    senders.use_typed(offers, "acme_texts", client_of_vibes, NOON)

    senders.use_own(offers)

    assert senders.words(offers) == "Texts to Offers wait: No sender is known for it yet."
    senders.ensure_sender(offers, client_of_vibes, NOON)
    assert (offers.event_type, senders.words(offers)) == (senders.event_type(offers), "")


def test_the_recipe_makes_a_sender_that_is_found(
    client_of_vibes: Client, offers: VibesList, by_hand: Any
) -> None:
    recipe = senders.recipe(offers)
    made = by_hand(recipe.event_type, message_template=dict(recipe.lines)["Message"])

    senders.ensure_sender(offers, client_of_vibes, NOON)

    assert offers.sender_id == made


@pytest.mark.parametrize("ids", [("A B", "A-B"), ("x" * 50 + "1", "x" * 50 + "2")])
def test_two_lists_never_share_an_event_type(ids: tuple[str, str], offers: VibesList) -> None:
    lists = [VibesList(pk=pk, account=offers.account, vibes_id=each) for pk, each in enumerate(ids)]

    names = {senders.event_type(each) for each in lists}
    assert len(names) == 2
    assert all(senders.EVENT_TYPE.fullmatch(each) for each in names)
