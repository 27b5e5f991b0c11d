"""May this number be texted, and if not, why: the one place that knows.

Each person gets the first reason that fits, most final first. The same expression judges people
before they are queued and outbox rows at the moment of sending; it never calls anybody.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from people import columnar
from people.instance import ALLOWED_COUNTRIES
from people.models import Person, PersonQuerySet, Suppression
from people.models.setting import declare, read

from .models import AcquisitionCampaign, Number, OutboxRow, Subscription, VibesList

EMAIL_OPT_OUT_STOPS_SMS = declare(
    "email_opt_out_stops_sms",
    default=False,
    help="People who unsubscribed from e-mail get no texts either.",
)

PAUSED = declare(
    "sending_paused",
    default=dict[str, str](),
    help="Since when, by whom and why nothing is sent at all; empty while everything goes.",
)


class Reason(models.TextChoices):
    """Why somebody got no text, in the order in which it is asked. The label is what people read."""

    LIST_GONE = "list-gone", _("The list is gone at Vibes")
    CAMPAIGN_GONE = "campaign-gone", _("The acquisition campaign is gone at Vibes")
    CAMPAIGN_NOT_ACTIVE = "campaign-not-active", _("The acquisition campaign is not active")
    FEEDS_ANOTHER_LIST = (
        "campaign-feeds-another-list",
        _("The acquisition campaign does not feed the list"),
    )
    PERSON_DELETED = "person-deleted", _("The person was deleted")
    BLOCK_LISTED = "block-listed", _("Block-listed")
    MARKETING_SUSPENDED = "marketing-suspended", _("Marketing suspended")
    EMAIL_OPT_OUT = "email-opt-out", _("Unsubscribed from e-mail, which here stops texts too")
    SUPPRESSED = "suppressed", _("The number was barred when its former holder was erased")
    NO_MOBILE = "no-mobile-number", _("No mobile number")
    NUMBER_NOT_VALID = "number-not-valid", _("The number is not valid")
    COUNTRY_NOT_ALLOWED = "country-not-allowed", _("The number is of a country we do not text")
    LANDLINE = "landline", _("The number is a landline")
    DISCONNECTED = "disconnected", _("The number is disconnected")
    INVALID_AT_VIBES = "invalid-at-vibes", _("Vibes does not take the number")
    MEMBERSHIP_UNKNOWN = "membership-unknown", _("Vibes has not been asked about this number yet")
    NEVER_SUBSCRIBED = "never-subscribed", _("Never subscribed to the list")
    PENDING = "pending", _("Asked to subscribe, has not answered yet")
    DECLINED = "declined", _("Declined to subscribe")
    EXPIRED = "expired", _("Did not answer the request to subscribe in time")
    OPTED_OUT = "opted-out", _("Opted out of the list")
    ALREADY_SUBSCRIBED = "already-subscribed", _("Subscribed already")
    MESSAGE_NOT_APPROVED = "message-not-approved", _("The message is not approved")
    MESSAGE_EMPTY = "message-empty", _("The message is empty for this person")
    MESSAGE_TOO_LONG = "message-too-long", _("The message is over 900 characters for this person")
    VALUE_UNREADABLE = "value-unreadable", _("The value does not fit the field")
    SAME_NUMBER = "same-number", _("Somebody with the same number was chosen")
    NOT_AT_VIBES = "not-a-member-at-vibes", _("Vibes says: not a member of the list")
    REFUSED = "refused-by-vibes", _("Vibes refused it")
    NOT_UNDERSTOOD = "not-understood-by-vibes", _("Vibes did not understand our request")
    CONFIGURATION = (
        "configuration-error",
        _("A custom field at Vibes stands in the way: look at the campaign there"),
    )
    DECLINED_AT_VIBES = "declined-at-vibes", _("Answered no to this campaign before")
    NO_SENDER = "no-sender", _("Vibes has no sender for this list")
    NOT_REACHABLE = "vibes-not-reachable", _("Vibes could not be reached")
    UNDELIVERABLE = "not-delivered", _("The carrier did not deliver it")
    ANSWER_LOST = "answer-lost", _("Vibes' answer was lost: it may have been sent")
    WORKER_DIED = "worker-died", _("The worker died while sending: it may have been sent")
    RESTORED = (
        "restored",
        _("The database was restored while it was being sent: it may have been sent"),
    )
    STOPPED = "run-stopped", _("The run was stopped")
    LATE = "late-after-pause", _("Was late when the run was resumed")
    MERGED = "merged", _("Merged with somebody who is in the same run")
    REMOVED = "removed-from-flow", _("Removed from the flow")
    REQUEST_NOT_ACTIVE = "requested-not-active", _("The requested campaign is not active")
    REQUESTS_IN_A_RING = (
        "requests-in-a-ring",
        _("Came through too many campaigns that request one another"),
    )
    NOT_QUALIFIED = "not-qualified", _("The filters of the requested campaign do not find them")
    ENTERED_BEFORE = (
        "entered-before",
        _("Entered the requested campaign before, as often as it allows"),
    )
    PERSON_LIMIT = "person-limit", _("The requested campaign has reached its person limit")
    EFFECT_FAILED = "effect-failed", _("It was tried and did not succeed")
    EFFECT_LOST = "effect-lost", _("No answer came: it may have happened")
    ERROR = "error", _("An error in this step")


MEMBERSHIP_REASONS = {
    Subscription.State.NEVER: Reason.NEVER_SUBSCRIBED,
    Subscription.State.PENDING: Reason.PENDING,
    Subscription.State.DECLINED: Reason.DECLINED,
    Subscription.State.EXPIRED: Reason.EXPIRED,
    Subscription.State.UNSUBSCRIBED: Reason.OPTED_OUT,
}
# Whom it would be wrong to ask to subscribe.
_BARRED = {
    Subscription.State.PENDING: Reason.PENDING,
    Subscription.State.SUBSCRIBED: Reason.ALREADY_SUBSCRIBED,
}
# What stands against a whole step and not against somebody: nobody's doing here, and no skip.
OBSTACLES = frozenset(
    {
        Reason.LIST_GONE,
        Reason.CAMPAIGN_GONE,
        Reason.CAMPAIGN_NOT_ACTIVE,
        Reason.FEEDS_ANOTHER_LIST,
    }
)
GONE = ("gone", "deleted")  # what a campaign's status says once it will never be active again
LINE_REASONS = {
    Number.Line.LANDLINE: Reason.LANDLINE,
    Number.Line.DISCONNECTED: Reason.DISCONNECTED,
    Number.Line.INVALID: Reason.INVALID_AT_VIBES,
}
Action = OutboxRow.Action


class House(NamedTuple):
    """What this instance has decided: whose numbers may be texted, what e-mail's opt-out means, and
    whether everything is paused."""

    countries: tuple[str, ...]
    email_opt_out_stops_sms: bool
    paused: bool = False


def house() -> House:
    """As it is decided now: one query."""
    countries, email, paused = read(ALLOWED_COUNTRIES, EMAIL_OPT_OUT_STOPS_SMS, PAUSED)
    return House(tuple(countries), bool(email), bool(paused))


@dataclass(frozen=True)
class Judgement:
    """People who may be texted, in the order of the queryset; and the others' ids by reason."""

    admitted: list[Person]
    refused: Mapping[str, set[int]]


def judge(
    people: PersonQuerySet,
    *,
    vibes_list: VibesList,
    action: str = Action.TEXT,
    campaign: AcquisitionCampaign | None = None,
) -> Judgement:
    """Sort people by what stands against this action on this list. A fixed number of queries.

    `campaign` is the acquisition campaign through which they would be asked to subscribe.
    """
    admitted, refused = [], defaultdict(set)
    why = reason(action=action, vibes_list=vibes_list, campaign=campaign)
    for person in people.annotate(why=why):
        if person.why:  # type: ignore[attr-defined]  # annotated above
            refused[person.why].add(person.pk)  # type: ignore[attr-defined]
        else:
            admitted.append(person)
    return Judgement(admitted, dict(refused))


def obstacle(*, action: str, vibes_list: VibesList, campaign: AcquisitionCampaign | None) -> str:
    """What stands against a whole step today, by our copy of what Vibes offers; '' when nothing does."""
    asked = _obstacles(action, vibes_list, campaign)
    why = Case(*asked, default=Value(""), output_field=models.CharField())
    here = VibesList.objects.filter(pk=vibes_list.pk)
    found: str | None = here.values_list(why, flat=True).first()
    return Reason.LIST_GONE if found is None else found


def reason(
    *,
    action: str,
    vibes_list: Any,
    person: str = "",
    mobile: str = "mobile",
    campaign: Any = None,
    by: House | None = None,
) -> Case:
    """The first reason against `action` for a row, or '': an expression to annotate with.

    `person` is the lookup from the row to the person ('' when it is one), `mobile` the row's field
    with the number, `vibes_list` a list or an OuterRef, and so is `campaign`, the acquisition
    campaign of a subscribe. `by`: what the instance decided; read where it is not given.
    """
    by = by or house()
    number = Number.objects.filter(mobile=OuterRef(mobile))
    subscription = Subscription.objects.filter(mobile=OuterRef(mobile), vibes_list=vibes_list)
    asked = _obstacles(action, vibes_list, campaign)
    asked += of_person(action, person=person, mobile=mobile, by=by)
    if action != Action.UNSUBSCRIBE:
        asked.append(_if_told(_told(number, "line", LINE_REASONS)))
    if action == Action.SUBSCRIBE:
        asked.append(_if_told(_told(subscription, "state", _BARRED)))
        asked += _said_no_before(subscription, campaign)
    default = _membership(action, subscription)
    return Case(*asked, default=default, output_field=models.CharField())


def of_list(action: str, vibes_list: Any) -> list[When]:
    """What stands against an action on a list whoever it is about, in order."""
    return _obstacles(action, vibes_list, None)


def of_person(
    action: str, *, person: str = "", mobile: str = "mobile", by: House | None = None
) -> list[When]:
    """What stands against it by the person's own row, in order; arguments as those of `reason`."""
    by = by or house()
    return [*_personal(action, person, mobile, by), *_numeric(action, person, mobile, by)]


def _told(rows: models.QuerySet[Any], field: str, reasons: Mapping[Any, str]) -> Subquery:
    """The reason that what we keep of a number gives, '' when it gives none: one look at one row."""
    whens = [When(**{field: state}, then=Value(why)) for state, why in reasons.items()]
    why = Case(*whens, default=Value(""), output_field=models.CharField())
    return Subquery(rows.annotate(told=why).values("told")[:1])


def _if_told(why: Subquery) -> When:
    return When(Q(models.lookups.GreaterThan(why, Value(""))), then=why)


def _obstacles(action: str, vibes_list: Any, campaign: Any) -> list[When]:
    """Asked of the catalogue alone, so that a row of any table can be judged."""
    key = vibes_list.pk if isinstance(vibes_list, VibesList) else vibes_list
    gone = VibesList.objects.filter(pk=key, gone_at__isnull=False)
    asked = [When(Exists(gone), then=Value(Reason.LIST_GONE))]
    if action == Action.SUBSCRIBE and campaign is not None:
        key = campaign.pk if isinstance(campaign, AcquisitionCampaign) else campaign
        through = AcquisitionCampaign.objects.filter(pk=key)
        ended = When(Exists(through.filter(status__in=GONE)), then=Value(Reason.CAMPAIGN_GONE))
        active, feeds = through.filter(status="active"), through.filter(feeds=vibes_list)
        asked += [
            ended,
            When(~Exists(active), then=Value(Reason.CAMPAIGN_NOT_ACTIVE)),
            When(~Exists(feeds), then=Value(Reason.FEEDS_ANOTHER_LIST)),
        ]
    return asked


def _personal(action: str, person: str, mobile: str, by: House) -> list[When]:
    flags = {"deleted_at__isnull": (False, Reason.PERSON_DELETED)}
    if action != Action.UNSUBSCRIBE:
        flags["block_listed"] = (True, Reason.BLOCK_LISTED)
        flags["marketing_suspended"] = (True, Reason.MARKETING_SUSPENDED)
    if action == Action.TEXT and by.email_opt_out_stops_sms:
        flags["unsubscribed"] = (True, Reason.EMAIL_OPT_OUT)
    asked = [
        When(**{person + field: value}, then=Value(why)) for field, (value, why) in flags.items()
    ]
    return asked if action == Action.UNSUBSCRIBE else [*asked, _barred(mobile)]


def _barred(mobile: str) -> When:
    """Whoever has it now: it was barred, and the person who had it then is erased."""
    barred = Suppression.objects.filter(mobile=OuterRef(mobile)).exclude(reason="")
    return When(Exists(barred), then=Value(Reason.SUPPRESSED))


def _numeric(action: str, person: str, mobile: str, by: House) -> list[When]:
    asked = [
        When(Q(**{mobile: "", f"{person}mobile_typed": ""}), then=Value(Reason.NO_MOBILE)),
        When(Q(**{mobile: ""}), then=Value(Reason.NUMBER_NOT_VALID)),
    ]
    if action != Action.UNSUBSCRIBE:
        allowed = Q(**{f"{person}mobile_region__in": by.countries})
        # A number that changed since it was queued was judged by its own region then.
        unchanged = Q(**{f"{person}mobile": F(mobile)})
        asked.append(When(~allowed & unchanged, then=Value(Reason.COUNTRY_NOT_ALLOWED)))
    return asked


def _membership(action: str, subscription: models.QuerySet[Subscription]) -> Any:
    """The reason the membership gives, or ''; whoever may be asked must have none to be texted."""
    if action == Action.TEXT:
        told = _told(subscription, "state", MEMBERSHIP_REASONS)
        return Coalesce(told, Value(Reason.MEMBERSHIP_UNKNOWN))
    return Value("")


def _said_no_before(subscription: models.QuerySet[Subscription], campaign: Any) -> list[When]:
    """Who declined is never asked again through that campaign; through another one may be."""
    if campaign is None:
        return []
    declined = Subscription.State.DECLINED
    here = subscription.filter(state=declined, acquisition_campaign=campaign)
    return [When(Exists(here), then=Value(Reason.DECLINED_AT_VIBES))]


# --- Asked of rows, at the moment of sending ------------------------------------------------------


def against(rows: Sequence[int], *, action: str, by: House | None = None) -> dict[int, str]:
    """Why, by row of the outbox, for those of `rows` against which something stands. One query, and one
    more where it is not given what the instance has decided.

    `action` is what all of these rows are about.
    """
    if not rows:
        return {}
    question, params = _question(action, by or house())
    # As one parameter, however many they are: the same words each time, which PostgreSQL knows by heart.
    among, ids = _among(rows)
    statement = f"SELECT * FROM ({question}) judged WHERE why <> '' AND pk {among}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, ids])
        return dict(cursor.fetchall())


def _among(ids: Sequence[int]) -> tuple[str, str]:
    if connection.vendor == "postgresql":
        return "= ANY(%s::bigint[])", columnar.array(ids)
    return "IN (SELECT value FROM json_each(%s))", json.dumps([*ids])


@lru_cache(maxsize=32)
def _question(action: str, by: House) -> tuple[str, tuple[Any, ...]]:
    """The reason against each row, as the ORM writes it: once, since that takes longer than asking."""
    why = reason(
        action=action,
        vibes_list=OuterRef("vibes_list"),
        campaign=OuterRef("acquisition_campaign"),
        person="person__",
        by=by,
    )
    judged = OutboxRow.objects.order_by().annotate(why=why).values_list("pk", "why")
    sql, params = judged.query.sql_with_params()
    return sql, tuple(str(each) if isinstance(each, str) else each for each in params)


@dataclass(frozen=True)
class Check:
    """One line of *May we text?*: a list, and the first reason against texting (empty: we may)."""

    vibes_list: VibesList
    reason: str

    @property
    def words(self) -> str:
        return str(Reason(self.reason).label) if self.reason else str(_("May be texted now"))


def explain(person: Person, *, now: datetime) -> list[Check]:
    """What stands against texting one person, list by list, at this moment: two queries and the lists'."""
    lists, by = list(VibesList.objects.offered()), house()
    whys = [reason(action=Action.TEXT, vibes_list=each, by=by) for each in lists]
    row = Person.objects.filter(pk=person.pk).values_list(*whys)
    return [Check(each, why) for each, why in zip(lists, row.get(), strict=True)] if lists else []
