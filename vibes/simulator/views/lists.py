"""Vibes API: subscription lists, acquisition campaigns, source codes."""

from django.http import HttpResponse

from vibes.simulator import catalogue, persons, shapes, subscriptions
from vibes.simulator.calls import Call
from vibes.simulator.replies import NOT_FOUND, Refusal, reply
from vibes.simulator.store import Row


def list_lists(call: Call) -> HttpResponse:
    return reply([shapes.list_(row) for row in catalogue.lists(call.db)])


def get_list(call: Call, list_id: str) -> HttpResponse:
    return reply(shapes.list_(the_list(call, list_id)))


def list_campaigns_of_list(call: Call, list_id: str) -> HttpResponse:
    the_list(call, list_id)
    found = catalogue.campaigns_feeding(call.db, list_id)
    return reply([shapes.campaign(row) for row in found])


def list_campaigns(call: Call) -> HttpResponse:
    return reply([shapes.campaign(row) for row in catalogue.campaigns(call.db)])


def get_campaign(call: Call, campaign_id: str) -> HttpResponse:
    return reply(shapes.campaign(the_campaign(call, campaign_id)))


def list_source_codes(call: Call) -> HttpResponse:
    return reply([shapes.source_code(row) for row in catalogue.source_codes(call.db)])


def find_subscriber(call: Call, list_id: str) -> HttpResponse:
    """The member of the list with this number, key or external id; 404 if there is none."""
    the_list(call, list_id)
    members = [
        person
        for person in people_named_in_query(call)
        if subscriptions.active(call.db, person["person_key"], list_id)
    ]
    if not members:
        raise Refusal(404, "No such subscriber on this list", code=NOT_FOUND)
    bodies = [shapes.person(person) for person in members]
    return reply(bodies if len(bodies) > 1 else bodies[0])


def people_named_in_query(call: Call) -> list[Row]:
    mdn = call.query("mdn")
    if mdn is not None:
        return persons.by_mdn(call.db, call.mdn(mdn))
    key = call.query("person_key") or call.query("person_id")
    if key:
        found = persons.by_key(call.db, key)
    elif external_id := call.query("external_person_id"):
        found = persons.by_external_id(call.db, external_id)
    else:
        raise Refusal(400, "Name a person by mdn, person_key or external_person_id")
    return [found] if found is not None else []


def the_list(call: Call, list_id: str) -> Row:
    found = catalogue.find_list(call.db, list_id)
    if found is None:
        raise Refusal(404, "No such subscription list", code=NOT_FOUND)
    return found


def the_campaign(call: Call, campaign_id: str) -> Row:
    found = catalogue.find_campaign(call.db, campaign_id)
    if found is None:
        raise Refusal(404, "No such acquisition campaign", code=NOT_FOUND)
    return found
