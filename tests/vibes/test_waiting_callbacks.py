"""Callbacks that name what we do not know wait for a sync; texts Vibes makes nothing of are kept."""

import json
from datetime import timedelta

import pytest

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from tests.vibes.test_callbacks import NOW, State, keep, participant, states, subscription, tell
from vibes import callbacks, consequences, outcomes
from vibes.models import Account, Callback, ConsentEntry, Stop, Subscription

SYNCED = NOW + timedelta(seconds=30)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def account(db: None) -> Account:
    """Nothing here asks Vibes."""
    return make.account(synced_at=NOON - timedelta(days=1))


def apply_again() -> str:
    return callbacks.apply(Callback.objects.get().pk, LATER)


def test_a_list_we_do_not_know_is_waited_for(account: Account) -> None:
    consequences.STOP_SCOPE.set("list")

    assert tell(account, subscription("removed")) == [""]
    assert Account.objects.get().sync_wanted_at == NOW
    assert apply_again() == ""

    make.vibes_list(account)
    assert apply_again() == "no member any more"
    assert states() == {ANA: State.UNSUBSCRIBED}


def test_after_a_sync_without_it_the_list_is_none_of_ours(account: Account) -> None:
    tell(account, subscription("added"))
    assert not callbacks.to_apply().exists()

    Account.objects.update(synced_at=SYNCED)

    assert callbacks.to_apply().count() == 1
    assert apply_again() == "no list of ours"
    assert not callbacks.to_apply().exists()


def test_a_campaign_we_do_not_know_is_waited_for(account: Account) -> None:
    assert tell(account, participant("REJECTED")) == [""]

    make.campaign(make.vibes_list(account))

    assert apply_again() == "opt-in rejected"
    assert states() == {ANA: State.DECLINED}


def test_one_wish_for_a_sync_is_not_pushed_back_by_the_next(account: Account) -> None:
    tell(account, subscription("added"))
    tell(account, subscription("added"), now=LATER)

    assert Account.objects.get().sync_wanted_at == NOW


def test_who_never_was_tried_comes_before_who_waits(account: Account) -> None:
    tell(account, subscription("added"))
    Account.objects.update(synced_at=SYNCED)
    make.vibes_list(account, vibes_id="5678")
    fresh = subscription("added", subscription_list={"id": "5678"})
    kept = keep(account, json.dumps(fresh).encode())

    assert callbacks.to_apply().first() == kept


def test_the_ledger_names_the_callback(account: Account) -> None:
    make.subscription(make.vibes_list(account), told_at=NOON - timedelta(days=1))

    tell(account, subscription("removed"))

    ended = ConsentEntry.objects.get(became="unsubscribed")
    assert ended.callback_id == Callback.objects.get().pk


# --- Texts ----------------------------------------------------------------------------------------


def texted(text: str, *, who: str = ANA) -> dict[str, object]:
    return {
        "event_id": f"text {text}",
        "callback_type": "unmatched_message_received",
        "participant": {"mdn": who, "carrier_id": "104"},
        "source_code": {"code": "65301"},
        "message": text,
    }


def test_a_text_is_in_the_history_of_everybody_with_the_number(account: Account) -> None:
    both = [people.person(mobile=ANA), people.person(mobile=ANA, first_name="Bo")]
    people.person(mobile=BEN)

    tell(account, texted("Are you open?"), texted("Are you open?"))

    lines = Activity.objects.filter(kind="received_sms").order_by("person_id")
    assert [line.person_id for line in lines] == [each.pk for each in both]
    assert {line.details["text"] for line in lines} == {"Are you open?"}


@pytest.mark.parametrize("text", ["STOP", "Y", "N", "HELP"])
def test_a_text_changes_no_membership(account: Account, text: str) -> None:
    make.subscription(make.vibes_list(account))

    tell(account, texted(text))

    assert Subscription.objects.get().state == State.SUBSCRIBED
    assert not Stop.objects.exists()


def test_people_who_have_no_number_get_no_texts_of_nobody(account: Account) -> None:
    people.person(mobile="")

    tell(account, texted("Hello", who="not a number"))

    assert not Activity.objects.filter(kind="received_sms").exists()


def test_a_text_is_kept_once_whatever_happens_at_the_same_time(account: Account) -> None:
    people.person(mobile=ANA)
    tell(account, texted("Hello"))
    Callback.objects.update(applied_at=None)  # as another worker saw it before we were done
    stale = Callback.objects.get()
    Callback.objects.update(applied_at=NOW)

    by = consequences.told(stale, NOW, outcomes.table())
    callbacks._once(stale, callbacks._read(stale), by)

    assert Activity.objects.filter(kind="received_sms").count() == 1
