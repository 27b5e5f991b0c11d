"""One method per endpoint of Vibes' Platform API that we use, as its reference pages name them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from vibes import rate
from vibes.models import Account

from . import answers, values
from .answers import many, one
from .errors import Refused
from .reply import Answer
from .transport import PATIENCE, Transport
from .values import Body

LISTS = "mobiledb/subscription_lists/"
LIST = "mobiledb/subscription_lists/{list_id}"
CAMPAIGN = "campaigns/acquisition/{campaign_id}"
PARTICIPANTS = CAMPAIGN + "/participants"
SUBSCRIPTIONS = "mobiledb/persons/{person_key}/subscriptions"
SENDERS = "mobiledb/event_triggered_messages"
CALLBACKS = "config/callbacks/"


class Client:
    """Vibes, seen with one account's eyes. Safe to share between up to `slots` threads.

    Every method makes one call and never repeats it. It raises Retryable, Refused (LoginRefused)
    or Unknown, and TransactionOpen when a database transaction is open.

    A call counts in the account's rate as one of this `kind`, and waits for its share for at most
    `patience` seconds. None: whoever calls has taken it already.
    """

    def __init__(
        self,
        account: Account,
        *,
        slots: int = 10,
        kind: rate.Kind | None = rate.Kind.OTHER,
        patience: float = PATIENCE,
    ) -> None:
        self._transport = Transport(account, slots=slots, kind=kind, patience=patience)
        self._call = self._transport.call
        self.account = account
        self.slots = slots

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.session.close()

    # --- What the account offers -------------------------------------------------------------

    def lists(self) -> list[values.OfferedList]:
        return many(self._call("GET", LISTS), answers.offered_list)

    def acquisition_campaigns(self, list_id: str) -> list[values.OfferedCampaign]:
        """The campaigns that feed this list now."""
        answer = self._call("GET", LIST + "/acquisition_campaigns/", list_id=list_id)
        return many(answer, answers.offered_campaign)

    def acquisition_campaign(self, campaign_id: str) -> values.OfferedCampaign | None:
        """One campaign, whatever its status; None where Vibes knows none by this id."""
        answer = self._get(CAMPAIGN, campaign_id=campaign_id)
        return one(answer, answers.offered_campaign) if answer is not None else None

    def source_codes(self) -> list[values.SourceCode]:
        return many(self._call("GET", "sourcecodes"), answers.source_code)

    # --- Texts ---------------------------------------------------------------------------------

    def send_event(
        self, event_id: UUID, event_type: str, mobile: str, text: str, debug: dict[str, str]
    ) -> None:
        """Hand over one text; returns when it was accepted, which is not yet sent.

        Any 2xx is accepted, whatever its body, and so is 409: Vibes has this very id already.
        """
        if not text:
            raise ValueError("An empty text is never sent.")
        data = {"mdn": mobile, "message_body": text}
        body = {"event_id": str(event_id), "event_type": event_type, "event_data": data}
        try:
            self._call("POST", "events", body=body | ({"debug_data": debug} if debug else {}))
        except Refused as refused:
            if refused.status != 409 or refused.strange:
                raise

    def senders(self, event_type: str) -> list[values.Sender]:
        """Every event-triggered campaign that fires on this event type, whatever its state."""
        answer = self._call("GET", SENDERS, params={"event_type": event_type})
        found = many(answer, answers.sender)
        return [each for each in found if each.event_type.casefold() == event_type.casefold()]

    def create_sender(
        self, *, name: str, event_type: str, list_id: str, starts: date
    ) -> values.Sender:
        """Create the campaign that passes our text through to members of one list."""
        body = _sender_body(self.account, name=name, event_type=event_type, list_id=list_id)
        body["start_date"] = starts.isoformat()
        return one(self._call("POST", SENDERS, body=body), answers.sender)

    def cancel_sender(self, sender_id: str) -> None:
        """End this campaign for good. One that Vibes does not know is done too."""
        self._known("DELETE", SENDERS + "/{sender_id}", sender_id=sender_id)

    # --- Subscriptions -------------------------------------------------------------------------

    def add_participant(
        self, campaign_id: str, mobile: str, external_person_id: str = ""
    ) -> values.Participation:
        """Start the opt-in: Vibes texts its question, or subscribes at once where none is asked."""
        body: Body = {"mobile_phone": {"mdn": mobile}}
        if external_person_id:
            body["external_person_id"] = external_person_id
        answer = self._call("POST", PARTICIPANTS, body=body, campaign_id=campaign_id)
        return replace(one(answer, answers.participation), is_new=answer.status_code == 201)

    def pending(self, campaign_id: str, mobile: str) -> list[values.Participation]:
        """The opt-ins that wait for this number's answer: none, or one (two for two persons)."""
        answer = self._get(PARTICIPANTS, params={"mdn": mobile}, campaign_id=campaign_id)
        found = many(answer, answers.participation) if answer is not None else []
        return [each for each in found if each.status == "PENDING"]

    def find_subscriber(self, list_id: str, mobile: str) -> values.VibesPerson | None:
        """A member of this list with this number, or None: enough to know that there is one."""
        return next(iter(self.find_subscribers(list_id, mobile)), None)

    def find_subscribers(self, list_id: str, mobile: str) -> list[values.VibesPerson]:
        """Every member of this list with this number: two after a change of carrier."""
        answer = self._get(LIST + "/subscribers", params={"mdn": mobile}, list_id=list_id)
        return many(answer, answers.person) if answer is not None else []

    def find_person(self, person_key: str) -> values.VibesPerson | None:
        """Whom Vibes knows by this key, or None."""
        answer = self._get("mobiledb/persons/{person_key}", person_key=person_key)
        return one(answer, answers.person) if answer is not None else None

    def find_persons(self, mobile: str) -> list[values.VibesPerson]:
        """Everybody Vibes knows by this number: none, one, or two after a change of carrier."""
        answer = self._get("mobiledb/persons", params={"mdn": mobile})
        return many(answer, answers.person) if answer is not None else []

    def subscriptions(self, person_key: str) -> list[values.SubscriptionRecord]:
        """Every cycle of membership of a person, ended ones too."""
        answer = self._get(SUBSCRIPTIONS, params={"active_only": "false"}, person_key=person_key)
        return many(answer, answers.subscription) if answer is not None else []

    def subscription_status(self, person_key: str, list_id: str) -> list[values.SubscriptionRecord]:
        """The same for one list."""
        answer = self._get(SUBSCRIPTIONS + "/{list_id}", person_key=person_key, list_id=list_id)
        return many(answer, answers.subscription) if answer is not None else []

    def end_subscription(self, person_key: str, list_id: str) -> None:
        """End the subscription. Ended already, or a person unknown there, is done too."""
        path = SUBSCRIPTIONS + "/{list_id}"
        self._known("DELETE", path, person_key=person_key, list_id=list_id)

    # --- Callbacks -----------------------------------------------------------------------------

    def callbacks(self) -> list[values.Registration]:
        return many(self._call("GET", CALLBACKS), answers.registration)

    def register_callback(
        self, callback_type: str, url: str, scope: dict[str, str]
    ) -> values.Registration:
        destination = {"url": url, "method": "POST", "content_type": "application/json"}
        body: Body = {"callback_type": callback_type, "destination": destination}
        # The schema wants this object for event_processed, also when there is nothing to say in it.
        if scope or callback_type == "event_processed":
            body[callback_type] = scope
        return one(self._call("POST", CALLBACKS, body=body), answers.registration)

    def delete_callback(self, callback_id: str) -> None:
        self._known("DELETE", CALLBACKS + "{callback_id}", callback_id=callback_id)

    def send_test_callback(self, callback_type: str) -> str:
        """Have Vibes send a test callback of this type; returns the event id it will carry."""
        body = {"callback_type": callback_type}
        answer = self._call("POST", "config/callback_events/test", body=body)
        return one(answer, answers.event_id)

    # ---------------------------------------------------------------------------------------------

    def _get(self, template: str, **names: Any) -> Answer | None:
        return self._known("GET", template, **names)

    def _known(self, method: str, template: str, **names: Any) -> Answer | None:
        """The answer, or None where Vibes does not know what was named (404)."""
        try:
            return self._call(method, template, **names)
        except Refused as refused:
            if refused.status != 404 or refused.strange:
                raise
            return None


def _sender_body(account: Account, *, name: str, event_type: str, list_id: str) -> Body:
    code = {"sourcecode": account.source_code, "country_code": account.country_code}
    # Filter values are numbers as published, while list ids are strings.
    value: int | str = int(list_id) if list_id.isascii() and list_id.isdigit() else list_id
    targeting = {
        "channel": "sms",
        # No default: a text that got lost must not become the same words to everybody.
        "message_template": "{{ ev.message_body }}",
        "shorten_urls": False,
        "sms": code | {"sourcecode_type": "SC", "mdn_territory": "US"},
        "filters": [{"name": "subscription", "selector": "any", "value": [value]}],
    }
    return {"name": name, "event_type": event_type, "targeting": targeting}
