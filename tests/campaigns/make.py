"""Campaigns as tests need them: `campaign(filters=[chicago()], steps=[send(message, offers)])`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from campaigns import activating, editor, launch, message, schedule, tree
from campaigns.models import (
    Campaign,
    Choice,
    FlowStep,
    NamedList,
    Node,
    Run,
    Slot,
    SmartList,
    SmartListFilter,
    SmsMessage,
)
from people.models import Person, StaticList
from tests.people import make as people
from tests.vibes import make as vibes
from vibes.models import Account, AcquisitionCampaign, Subscription, VibesList

NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
Settings = tuple[str, Mapping[str, Any]]  # a kind, and its settings as its form posts them


def user(username: str = "ada") -> User:
    """Somebody who may sign in; made when first asked for."""
    found, _ = User.objects.get_or_create(username=username)
    return found


# --- What a flow uses -----------------------------------------------------------------------------


def vibes_list(name: str = "Offers") -> VibesList:
    """A list that can be texted (it has its sender), on the one account there is."""
    account = Account.objects.first() or vibes.account()
    return VibesList.objects.create(
        account=account, vibes_id=name.lower(), name=name, event_type=name.lower(), sender_id="1"
    )


def acquisition_campaign(feeds: VibesList, name: str = "Offers by web") -> AcquisitionCampaign:
    made = AcquisitionCampaign.objects.create(
        account=feeds.account, vibes_id=name.lower(), name=name, status="active"
    )
    made.feeds.add(feeds)
    return made


def approved_message(
    text: str = "Hi {{person.First Name:default=friend}}", name: str = "Spring offer text"
) -> SmsMessage:
    made = draft_message(text, name)
    message.approve(made, by=user(), now=NOON)
    made.refresh_from_db()
    return made


def draft_message(text: str = "Hi", name: str = "Not ready") -> SmsMessage:
    made = tree.create_message(parent=None, name=name, now=NOON)
    message.write(made, text=text, now=NOON)
    made.refresh_from_db()
    return made


def subscriber(of: VibesList, *, mobile: str = "(312) 555-0142", **fields: Any) -> Person:
    """A person whose number is on a list."""
    person = people.person(mobile=mobile, **fields)
    subscribe(of, [person])
    return person


def subscribers(of: VibesList, number: int, **fields: Any) -> list[Person]:
    """So many people with numbers of their own, all on a list: a few statements."""
    made = people.people(number, mobile_region="US", **fields)
    for place, person in enumerate(made):
        person.mobile = person.mobile_typed = f"+1312555{place:04d}"
        person.mobile_region = "US"
    Person.objects.bulk_update(made, ["mobile", "mobile_typed", "mobile_region"])
    subscribe(of, made)
    return made


def subscribe(to: VibesList, who: Sequence[Person]) -> None:
    Subscription.objects.bulk_create(
        [
            Subscription(
                mobile=mobile,
                vibes_list=to,
                state=Subscription.State.SUBSCRIBED,
                source="test",
                changed_at=NOON,
            )
            for mobile in {person.mobile for person in who}
        ],
        ignore_conflicts=True,
    )


# --- Settings as their forms post them ------------------------------------------------------------


def in_city(name: str = "Chicago") -> Settings:
    return "city", {"operator": "is", "value": name}


def in_state(name: str = "IL") -> Settings:
    return "state", {"operator": "is", "value": name}


def inside(named: NamedList, operator: str = "in") -> Settings:
    return "member_of_smart_list", {"operator": operator, "smart_list": str(named.pk)}


def send(text: SmsMessage, to: VibesList) -> Settings:
    return "send_sms", {"message": str(text.pk), "vibes_list": str(to.pk)}


def ask_to_join(to: VibesList, through: AcquisitionCampaign) -> Settings:
    return "subscribe_to_vibes_list", {"vibes_list": str(to.pk), "campaign": str(through.pk)}


def take_off(from_: VibesList) -> Settings:
    return "unsubscribe_from_vibes_list", {"vibes_list": str(from_.pk)}


def wait(amount: int = 2, unit: str = "days") -> Settings:
    return "wait", {"amount": str(amount), "unit": unit}


def change(field: str = "city", value: str = "Boston") -> Settings:
    return "change_data_value", {"field": field, "value": value}


def add_to(static_list: StaticList) -> Settings:
    return "add_to_list", {"static_list": str(static_list.pk)}


def request(campaign: Campaign) -> Settings:
    return "request_campaign", {"campaign": str(campaign.pk)}


# --- Campaigns ------------------------------------------------------------------------------------


def campaign(
    name: str = "Send to Chicago",
    *,
    filters: Sequence[Settings] = (),
    steps: Sequence[Settings] = (),
    parent: Node | None = None,
) -> Campaign:
    """A campaign as the editor makes it, with these filters and steps."""
    made = tree.create_campaign(parent=parent, name=name, by=user(), now=NOON)
    for each in filters:
        filter_(made.smart_list, each)
    for each in steps:
        step(made, each)
    made.refresh_from_db()
    return made


def requestable(
    name: str = "Welcome",
    *,
    filters: Sequence[Settings] = (),
    steps: Sequence[Settings] = (),
    enters: str = Campaign.Enters.ONCE,
    every_count: int = 1,
) -> Campaign:
    """A campaign with the trigger Campaign is Requested; not active yet."""
    made = campaign(name, filters=filters, steps=steps)
    editor.add_trigger(made, kind="campaign_is_requested", by=user(), now=NOON)
    Campaign.objects.filter(pk=made.pk).update(enters=enters, every_count=every_count)
    made.refresh_from_db()
    return made


def active(of: Campaign) -> Run:
    """The activation of a campaign."""
    run, _ = activating.activate(of, by=user(), now=NOON)
    return run


def named_list(
    name: str = "In Chicago", *filters: Settings, parent: Node | None = None
) -> NamedList:
    """A smart list that stands alone, with these filters."""
    made = tree.create_list(parent=parent, name=name, by=user(), now=NOON)
    for each in filters:
        filter_(made.smart_list, each)
    made.refresh_from_db()
    return made


def ready_campaign(name: str = "Send to Chicago") -> Campaign:
    """A campaign that may run: an approved text, on the list Offers, to people in Chicago."""
    offers = VibesList.objects.filter(name="Offers").first() or vibes_list()
    return campaign(name, filters=[in_city()], steps=[send(approved_message(), offers)])


def step(of: Campaign, settings: Settings) -> FlowStep:
    kind, config = settings
    row = editor.add_step(of, kind=kind, by=user(), now=NOON)
    if config:
        editor.configure_step(row, config, does_nothing=False, by=user(), now=NOON)
    row.refresh_from_db()
    return row


def choice(of: FlowStep, *, condition: Settings, config: Mapping[str, Any] | None = None) -> Choice:
    """A choice with one filter; without settings it does nothing."""
    row = editor.add_choice(of, by=user(), now=NOON)
    filter_(row.condition, condition)
    editor.configure_choice(row, config or {}, does_nothing=config is None, by=user(), now=NOON)
    row.refresh_from_db()
    return row


def filter_(of: SmartList, settings: Settings) -> SmartListFilter:
    kind, config = settings
    row = editor.add_filter(of, kind=kind, by=user(), now=NOON)
    if config:
        editor.configure_filter(row, config, by=user(), now=NOON)
    row.refresh_from_db()
    return row


# --- Runs -----------------------------------------------------------------------------------------


def run(of: Campaign) -> Run:
    """A run as it is launched: published and pinned, nobody enrolled yet."""
    return launch.start(of, token=launch.new_token(), by=user(), now=NOON)


def slot(of: Campaign, at: datetime = NOON + timedelta(days=1), state: str = "planned") -> Slot:
    """A planned run, or one that has come to another state; `at` to the minute."""
    local = at.astimezone(ZoneInfo("America/Chicago")).replace(tzinfo=None)
    made = schedule.plan(
        of, local=local, zone="America/Chicago", by=user(), now=at - timedelta(days=1)
    )
    Slot.objects.filter(pk=made.pk).update(state=state)
    made.refresh_from_db()
    return made


def rewrite(text: SmsMessage, words: str) -> None:
    """Approve other words for a message."""
    message.write(text, text=words, now=NOON)
    text.refresh_from_db()
    message.approve(text, by=user(), now=NOON)
