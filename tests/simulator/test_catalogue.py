"""Lists, acquisition campaigns, source codes, people."""

from tests.simulator.conftest import Simulator
from tests.simulator.vibes_bodies import ANYONE, JOIN_ALERTS, PORTED, participant

PERSONS = "mobiledb/persons"


def test_lists_point_to_their_members_and_campaigns(simulator: Simulator) -> None:
    home = "/companies/DEMO0001/mobiledb/subscription_lists/1234"

    assert simulator.get("mobiledb/subscription_lists/").json()[0] == {
        "id": "1234",
        "name": "Offers",
        "url": home,
        "subscribers_url": f"{home}/subscribers",
        "acquisition_campaigns_url": f"{home}/acquisition_campaigns",
    }


def test_a_list_names_only_its_active_campaigns(simulator: Simulator) -> None:
    found = simulator.get("mobiledb/subscription_lists/1234/acquisition_campaigns/").json()

    assert [campaign["acquisition_id"] for campaign in found] == ["Kwnl5OL3", "Zip5code"]


def test_a_past_campaign_can_still_be_read(simulator: Simulator) -> None:
    assert simulator.get("campaigns/acquisition/PastCamp").json()["status"] == "past"


def test_there_is_a_code_for_each_country(simulator: Simulator) -> None:
    codes = simulator.get("sourcecodes").json()

    assert [code["sourcecode"] for code in codes] == ["65301", "520123"]


def test_a_member_is_found_by_number_and_others_are_not(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)

    found, missing = (
        simulator.get(f"mobiledb/subscription_lists/{list_id}/subscribers", mdn=ANYONE)
        for list_id in ("1234", "5678")
    )

    assert found.json()["mobile_phone"]["mdn"] == ANYONE
    assert missing.status_code == 404


def test_adding_a_person_twice_merges(simulator: Simulator) -> None:
    first = simulator.post(f"{PERSONS}/", participant(ANYONE, custom_fields={"city": "Oslo"}))
    second = simulator.post(f"{PERSONS}/", participant(ANYONE, external_person_id="lead-1"))

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["custom_fields"] == {"city": "Oslo"}


def test_a_number_can_be_removed_but_not_changed(simulator: Simulator) -> None:
    key = simulator.post(f"{PERSONS}/", participant(ANYONE)).json()["person_key"]

    changed = simulator.call("PUT", f"{PERSONS}/{key}", participant("+13125550150"))
    removed = simulator.call("PUT", f"{PERSONS}/{key}", {"mobile_phone": {"mdn": None}})

    assert changed.status_code == 409
    assert removed.json()["mobile_phone"] is None


def test_an_external_id_belongs_to_one_person(simulator: Simulator) -> None:
    simulator.post(f"{PERSONS}/", participant(ANYONE, external_person_id="lead-1"))

    taken = simulator.post(f"{PERSONS}/", participant("+13125550150", external_person_id="lead-1"))

    assert taken.status_code == 409
    assert simulator.get(PERSONS, mdn="+13125550150").status_code == 404


def test_people_are_found_by_external_id_too(simulator: Simulator) -> None:
    simulator.post(f"{PERSONS}/", participant(ANYONE, external_person_id="lead-1"))

    assert simulator.get(f"{PERSONS}/external/lead-1").json()["mobile_phone"]["mdn"] == ANYONE


def test_finding_by_number_answers_an_object_or_an_array_by_option(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)

    plain = simulator.get(PERSONS, mdn=ANYONE).json()
    simulator.set(person_search="array")

    assert simulator.get(PERSONS, mdn=ANYONE).json() == [plain]


def test_a_ported_number_has_two_records(simulator: Simulator) -> None:
    simulator.post(JOIN_ALERTS, participant(PORTED))

    assert len(simulator.get(PERSONS, mdn=PORTED).json()) == 2


def test_an_unsubscribed_person_keeps_the_ended_subscription(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)
    key = simulator.get(PERSONS, mdn=ANYONE).json()["person_key"]
    here = f"{PERSONS}/{key}/subscriptions"

    first, again = (simulator.call("DELETE", f"{here}/1234") for _ in range(2))

    assert (first.status_code, again.status_code) == (204, 404)
    assert simulator.get(here).json() == []
    [ended] = simulator.get(here, active_only="false").json()
    assert ended["opt_out_reason"] == "api_opt_out"


def test_status_on_a_list_is_an_array_or_an_object_by_option(simulator: Simulator) -> None:
    simulator.subscribe(ANYONE)
    key = simulator.get(PERSONS, mdn=ANYONE).json()["person_key"]
    here = f"{PERSONS}/{key}/subscriptions/1234"

    [status] = simulator.get(here).json()
    simulator.set(subscription_status="object")

    assert simulator.get(here).json() == status
