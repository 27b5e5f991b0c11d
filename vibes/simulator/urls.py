"""Every address of the simulator: the Vibes API, the controls, the handset page."""

from django.urls import URLPattern, path

from vibes.simulator import replies
from vibes.simulator.calls import Answer, control, route
from vibes.simulator.views import (
    callbacks,
    events,
    files,
    handsets,
    lists,
    page,
    participants,
    persons,
    stream,
)
from vibes.simulator.views import control as controls

handler404 = replies.not_found
handler500 = replies.broken

MOBILE = "mobiledb"
LIST = f"{MOBILE}/subscription_lists/<list_id>"
CAMPAIGN = "campaigns/acquisition"
SENDER = f"{MOBILE}/event_triggered_messages"
KEY = f"{MOBILE}/persons/<person_key>"
EXTERNAL = f"{MOBILE}/persons/external/<external_id>"


def vibes(address: str, *, slashed: str = "", query: str = "", **answers: Answer) -> URLPattern:
    view = route(slashed=slashed, query=query, **answers)
    return path(f"companies/<company_key>/{address}", view)


def sim(address: str, **answers: Answer) -> URLPattern:
    return path(f"_sim/{address}", control(**answers))


def person(base: str) -> list[URLPattern]:
    """A person and their subscriptions, by either kind of id."""
    return [
        vibes(base, GET=persons.get_person, PUT=persons.update_person),
        vibes(f"{base}/subscriptions", query="active_only", GET=persons.list_subscriptions),
        vibes(
            f"{base}/subscriptions/<list_id>",
            GET=persons.get_subscription,
            DELETE=persons.end_subscription,
        ),
    ]


urlpatterns = [
    vibes("events", POST=events.create_event),
    vibes(f"{MOBILE}/subscription_lists", slashed="GET", GET=lists.list_lists),
    vibes(LIST, GET=lists.get_list),
    vibes(f"{LIST}/acquisition_campaigns", slashed="GET", GET=lists.list_campaigns_of_list),
    vibes(
        f"{LIST}/subscribers",
        query="mdn person_key external_person_id",
        GET=lists.find_subscriber,
    ),
    vibes(CAMPAIGN, GET=lists.list_campaigns),
    vibes(f"{CAMPAIGN}/<campaign_id>", GET=lists.get_campaign),
    vibes(
        f"{CAMPAIGN}/<campaign_id>/participants",
        query="mdn person_id external_person_id",
        GET=participants.find_pending,
        POST=participants.add_participant,
    ),
    vibes("sourcecodes", GET=lists.list_source_codes),
    vibes(
        f"{MOBILE}/persons",
        slashed="POST",
        query="mdn",
        GET=persons.find_person,
        POST=persons.add_person,
    ),
    *person(EXTERNAL),
    *person(KEY),
    vibes(SENDER, query="status event_type", GET=events.list_senders, POST=events.create_sender),
    vibes(
        f"{SENDER}/<sender_id>",
        GET=events.get_sender,
        PUT=events.update_sender,
        DELETE=events.cancel_sender,
    ),
    vibes(
        "config/callbacks",
        slashed="GET POST",
        GET=callbacks.list_registrations,
        POST=callbacks.register,
    ),
    vibes(
        "config/callbacks/<registration_id>",
        GET=callbacks.get_registration,
        PUT=callbacks.update_registration,
        DELETE=callbacks.cancel_registration,
    ),
    vibes("config/callback_events/test", POST=callbacks.send_test),
    sim("handsets", GET=handsets.list_handsets),
    sim("handsets/<mdn>", GET=handsets.get_handset, PATCH=handsets.patch_handset),
    sim("handsets/<mdn>/messages", GET=handsets.list_messages, POST=handsets.send_message),
    sim("handsets/<mdn>/disconnect", POST=handsets.disconnect),
    sim("handsets/<mdn>/port", POST=handsets.port),
    sim("scenario", GET=controls.list_scenarios, POST=controls.play_scenario),
    sim("addresses", GET=controls.list_addresses),
    sim("world", PUT=controls.put_world),
    sim("memberships", GET=controls.list_memberships),
    sim("requests", GET=controls.list_requests),
    sim("door", GET=controls.get_door),
    sim("ledger", GET=controls.list_ledger),
    sim("callbacks", GET=controls.list_callbacks),
    sim("callbacks/<callback_id>/redeliver", POST=controls.redeliver_callback),
    sim(
        "faults",
        GET=controls.list_faults,
        POST=controls.add_fault,
        DELETE=controls.clear_faults,
    ),
    sim("faults/<fault_id>", DELETE=controls.remove_fault),
    sim("clock", GET=controls.get_clock),
    sim("clock/advance", POST=controls.advance_clock),
    sim("reset", POST=controls.reset),
    sim("settings", GET=controls.get_settings, PUT=controls.put_settings),
    path("_sim/", page.home),
    path("_sim/page/numbers", page.numbers),
    path("_sim/page/conversation", page.conversation),
    path("_sim/page/send", page.send),
    path("_sim/page/switch", page.switch),
    path("_sim/page/clock", page.move_clock),
    path("_sim/stream", stream.follow),
    path("_sim/static/<name>", files.serve),
]
