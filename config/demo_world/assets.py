"""The demo's tree: folders, programs, messages and campaigns, made as the screens make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns import activating, editor, message, tree
from campaigns.models import Campaign, FlowStep, Node, SmartList, SmsMessage

from .memberships import Catalogue

SPRING = (
    "Lakeside Goods: Hi {{person.First Name:default=there}}, spring is here! 20% off all week with "
    "code SPRING20. Reply HELP for help, STOP to opt out."
)
WINTER = (
    "Lakeside Goods: {{person.First Name:default=Hello}}, winter clearance: up to half off coats "
    "and boots until Sunday. Reply HELP for help, STOP to opt out."
)
WELCOME = (
    "Lakeside Goods: Welcome, {{person.First Name:default=friend}}! Show this text for 10% off "
    "your first visit. Reply HELP for help, STOP to opt out."
)
BIENVENUE = (
    "Lakeside Goods : Bienvenue {{person.First Name:default=à vous}} ! Montrez ce texto pour "
    "10 % de rabais. AIDE pour aide, ARRET pour annuler."
)
THANKS = (
    "Lakeside Goods: Thank you for staying with us, {{person.First Name:default=friend}}! Bring a "
    "friend this week and both of you save 15%. Reply HELP for help, STOP to opt out."
)
Config = Mapping[str, Any]


@dataclass(frozen=True)
class Author:
    """Who makes all of it, and when."""

    user: Any
    now: datetime

    def folder(self, name: str, parent: Node | None = None) -> Node:
        return tree.create_folder(parent=parent, name=name, now=self.now)

    def program(self, name: str, parent: Node | None = None) -> Node:
        return tree.create_program(parent=parent, name=name, now=self.now)

    def message(self, name: str, text: str, *, in_: Node) -> SmsMessage:
        """An approved message."""
        made = tree.create_message(parent=in_, name=name, now=self.now)
        message.write(made, text=text, now=self.now)
        message.approve(made, by=self.user, now=self.now)
        return made

    def campaign(self, name: str, *, in_: Node) -> Campaign:
        return tree.create_campaign(parent=in_, name=name, by=self.user, now=self.now)

    def filter(self, of: SmartList, kind: str, config: Config) -> None:
        row = editor.add_filter(of, kind=kind, by=self.user, now=self.now)
        editor.configure_filter(row, config, by=self.user, now=self.now)

    def step(self, of: Campaign, kind: str, config: Config) -> FlowStep:
        row = editor.add_step(of, kind=kind, by=self.user, now=self.now)
        editor.configure_step(row, config, does_nothing=False, by=self.user, now=self.now)
        return row


def plant_spring(author: Author, catalogue: Catalogue) -> None:
    """What the tour walks through: a message, and two campaigns that want a flow."""
    program = author.program("Spring offer", author.folder("Spring"))
    author.message("Spring offer text", SPRING, in_=program)
    send = author.campaign("Send to Chicago", in_=program)
    author.filter(send.smart_list, "city", {"operator": "is", "value": "Chicago"})
    invite = author.campaign("Invite by text", in_=program)
    author.filter(invite.smart_list, "city", {"operator": "is", "value": "Boston"})
    outside = {"operator": "not_in", "vibes_list": str(catalogue.offers.pk)}
    author.filter(invite.smart_list, "member_of_vibes_list", outside)


def plant_winter(author: Author, catalogue: Catalogue) -> Campaign:
    """A campaign to engaged people in the United States, ready to run."""
    program = author.program("Winter clearance")
    text = author.message("Winter clearance text", WINTER, in_=program)
    campaign = author.campaign("Send winter clearance", in_=program)
    author.filter(campaign.smart_list, "country", {"operator": "is", "value": "United States"})
    author.filter(campaign.smart_list, "score", {"operator": "at_least", "value": "40"})
    author.step(campaign, "send_sms", _sending(text, catalogue))
    return campaign


def plant_welcome(author: Author, catalogue: Catalogue) -> None:
    """A campaign with a choice and a wait, not run yet; it requests another one, which is active."""
    program = author.program("Welcome")
    english = author.message("Welcome text", WELCOME, in_=program)
    french = author.message("Texte de bienvenue", BIENVENUE, in_=program)
    campaign = author.campaign("Welcome new subscribers", in_=program)
    recent = {"operator": "in_past_days", "days": "7", "day": ""}
    author.filter(campaign.smart_list, "created_at", recent)
    inside = {"operator": "in", "vibes_list": str(catalogue.offers.pk)}
    author.filter(campaign.smart_list, "member_of_vibes_list", inside)
    send = author.step(campaign, "send_sms", _sending(english, catalogue))
    in_french = editor.add_choice(send, by=author.user, now=author.now)
    author.filter(in_french.condition, "state", {"operator": "is", "value": "QC"})
    editor.configure_choice(
        in_french, _sending(french, catalogue), does_nothing=False, by=author.user, now=author.now
    )
    author.step(campaign, "wait", {"amount": "3", "unit": "days"})
    author.step(campaign, "change_data_value", {"field": "source", "value": "Welcomed by text"})
    thanks = _plant_thanks(author, catalogue, in_=program)
    author.step(campaign, "request_campaign", {"campaign": str(thanks.pk)})


def _plant_thanks(author: Author, catalogue: Catalogue, *, in_: Node) -> Campaign:
    """A triggered campaign, active: whoever another flow sends here is thanked a week later."""
    text = author.message("Thank-you text", THANKS, in_=in_)
    campaign = author.campaign("Thank new subscribers", in_=in_)
    editor.add_trigger(campaign, kind="campaign_is_requested", by=author.user, now=author.now)
    inside = {"operator": "in", "vibes_list": str(catalogue.offers.pk)}
    author.filter(campaign.smart_list, "member_of_vibes_list", inside)
    author.step(campaign, "change_score", {"field": "score", "change": "+10"})
    author.step(campaign, "wait", {"amount": "1", "unit": "weeks"})
    author.step(campaign, "send_sms", _sending(text, catalogue))
    activating.activate(campaign, by=author.user, now=author.now)
    return campaign


def _sending(text: SmsMessage, catalogue: Catalogue) -> Config:
    return {"message": str(text.pk), "vibes_list": str(catalogue.offers.pk)}
