"""Of which message an activity tells: by its id, whatever it is called now or was called then."""

from __future__ import annotations

import pytest

from campaigns import audience, drafts, tree
from campaigns.models import SmsMessage
from people import activity
from people.activity import Happening
from people.models import Activity, Person
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views import runs
from tests.people.make import person
from vibes import receipts
from vibes.models import OutboxRow, VibesList

pytestmark = pytest.mark.django_db
NOTHING = {"operator": "yes", "vibes_list": "", "campaign": "", "at": "", "times": ""}


def found(message: SmsMessage) -> list[Person]:
    """Who was sent it, as a smart list finds them."""
    asked = ("was_sent_sms_message", {**NOTHING, "message": str(message.pk)})
    named = make.named_list(f"Sent {message.pk} {message}", asked)
    return [*audience.people(drafts.read_list(named).smart_list.spec, now=NOON).order_by("pk")]


def sent(who: Person, name: str, **more: object) -> None:
    line = Happening(who.pk, {"message": name, "vibes_list": "Offers", **more})
    activity.record(receipts.SENT, [line], at=NOON)


def test_a_renamed_message_is_found_by_what_it_is() -> None:
    ana, offer = person(), make.approved_message(name="Offer")
    sent(ana, "Offer", message_id=offer.pk)

    tree.rename(offer.node, name="Spring offer")

    assert found(SmsMessage.objects.get(pk=offer.pk)) == [ana]


def test_two_of_one_name_are_two() -> None:
    ana, ben = person(), person()
    first = make.approved_message(name="Offer")
    tree.rename(first.node, name="Old offer")
    second = make.approved_message(name="Offer")
    sent(ana, "Offer", message_id=first.pk)
    sent(ben, "Offer", message_id=second.pk)

    assert (found(first), found(second)) == ([ana], [ben])


def test_a_line_from_before_has_the_name_alone() -> None:
    ana = person()
    sent(ana, "Offer")

    assert found(make.approved_message(name="Offer")) == [ana]


def test_what_is_sent_says_which_message_it_was() -> None:
    campaign = make.ready_campaign()
    ana = make.subscriber(VibesList.objects.get(), city="Chicago")
    run = runs.running(campaign)
    row = OutboxRow.objects.select_related("vibes_list").get(run_id=run.pk)

    receipts.record_accepted([row], now=NOON)

    line = Activity.objects.get(kind="send_sms")
    assert (line.person_id, line.details["message_id"]) == (ana.pk, SmsMessage.objects.get().pk)
