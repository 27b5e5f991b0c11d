"""The account at Vibes as the simulator knows it, and who stands how with its lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from people.models import Person
from vibes import subscriptions
from vibes.models import Account, AcquisitionCampaign, Number, Subscription, VibesList

from .cast import Part
from .fates import MEMBERS, Fate

State = Subscription.State
CALLBACK = "callback"
LINES = {Fate.LANDLINE: Number.Line.LANDLINE, Fate.DISCONNECTED: Number.Line.DISCONNECTED}
# Those who will leave, or be asked, only after the run that is over.
_AT_FIRST = {
    **dict.fromkeys([*MEMBERS, Fate.BLOCK_LISTED, Fate.SUSPENDED], State.SUBSCRIBED),
    **dict.fromkeys([Fate.STOPPED, Fate.STOPPED_LATELY, Fate.DISCONNECTED], State.SUBSCRIBED),
    **dict.fromkeys([Fate.NEVER, Fate.PENDING, Fate.SAYS_YES, Fate.SAYS_NO], State.NEVER),
    **dict.fromkeys([Fate.LANDLINE, Fate.FOREIGN_NUMBER], State.NEVER),
    Fate.DECLINED: State.DECLINED,
    Fate.EXPIRED: State.EXPIRED,
}


@dataclass(frozen=True)
class Catalogue:
    """What the account offers, as far as the world needs it."""

    account: Account
    offers: VibesList
    alerts: VibesList
    by_web: AcquisitionCampaign


def make_catalogue(*, simulator_url: str) -> Catalogue:
    """Names and ids are the simulator's; the first sync finds them there and adds the senders."""
    account = Account.objects.create(
        name="Vibes",
        username="demo",
        password="demo",  # noqa: S106  # of the simulator
        company_key="DEMO0001",
        region=Account.Region.SIMULATOR,
        base_url=simulator_url,
        source_code="65301",
    )
    offers = account.lists.create(vibes_id="1234", name="Offers")
    alerts = account.lists.create(vibes_id="5678", name="Service alerts")
    by_web = _campaign(offers, "Kwnl5OL3", "Offers by web")
    _campaign(offers, "PastCamp", "Last year's offers", status="past")
    _campaign(alerts, "Sngl0pt1", "Service alerts sign-up")
    return Catalogue(account, offers, alerts, by_web)


def _campaign(
    feeds: VibesList, vibes_id: str, name: str, *, status: str = "active"
) -> AcquisitionCampaign:
    made = AcquisitionCampaign.objects.create(
        account=feeds.account, vibes_id=vibes_id, name=name, status=status
    )
    made.feeds.add(feeds)
    return made


Cast = Iterable[tuple[Part, Person]]


def settle_in(cast: Cast, catalogue: Catalogue) -> None:
    """How everybody stood soon after they came, once for each number."""
    seen: set[str] = set()
    for part, person in cast:
        if not person.mobile or person.mobile in seen or part.fate not in _AT_FIRST:
            continue
        seen.add(person.mobile)
        at = person.created_at + timedelta(minutes=7)
        _tell(person.mobile, catalogue.offers, _AT_FIRST[part.fate], catalogue.by_web, at=at)
        if _AT_FIRST[part.fate] == State.SUBSCRIBED and part.serial % 3 == 0:
            _tell(person.mobile, catalogue.alerts, State.SUBSCRIBED, None, at=at)
        if part.fate == Fate.STOPPED:
            _stop(person.mobile, catalogue, at=at + timedelta(days=9))
    _know_lines(cast)


def leave_and_be_asked(
    cast: Cast, catalogue: Catalogue, *, run_at: datetime, now: datetime
) -> None:
    """What happened after the run: some left on reading it, some were asked to join today."""
    for part, person in cast:
        if part.fate == Fate.STOPPED_LATELY:
            _stop(person.mobile, catalogue, at=run_at + timedelta(minutes=20 + part.serial % 90))
        elif part.fate == Fate.PENDING:
            asked = now - timedelta(hours=1, minutes=part.serial % 60)
            _tell(person.mobile, catalogue.offers, State.PENDING, catalogue.by_web, at=asked)


def _tell(
    mobile: str,
    vibes_list: VibesList,
    state: str,
    campaign: AcquisitionCampaign | None,
    *,
    at: datetime,
) -> None:
    subscriptions.change(
        mobile,
        vibes_list,
        state,
        source="asked" if state == State.NEVER else CALLBACK,
        told_at=at,
        now=at,
        acquisition_campaign=None if state == State.NEVER else campaign,
        expires_at=at + timedelta(hours=24) if state == State.PENDING else None,
    )


def _stop(mobile: str, catalogue: Catalogue, *, at: datetime) -> None:
    """They texted STOP: every list of the code ends."""
    for each in Subscription.objects.members().filter(
        mobile=mobile, vibes_list__account=catalogue.account
    ):
        subscriptions.change(
            mobile,
            each.vibes_list,
            State.UNSUBSCRIBED,
            source=CALLBACK,
            reason="keyword_opt_out",
            told_at=at,
            now=at,
        )


def _know_lines(cast: Cast) -> None:
    for part, person in cast:
        if part.fate in LINES:
            Number.objects.filter(mobile=person.mobile).update(
                line=LINES[part.fate], changed_at=person.created_at
            )
