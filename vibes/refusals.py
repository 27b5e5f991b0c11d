"""What a definite no of Vibes means for what we owe: the table of answers, by call, status and words."""

from __future__ import annotations

from dataclasses import dataclass

from .gate import GONE, Reason
from .models import Number, OutboxRow, Subscription

Action, State = OutboxRow.Action, OutboxRow.State


@dataclass(frozen=True)
class Meaning:
    """Where the row goes, why, and what we learn of the number, the campaign or the list's sender.

    `campaign` is the status the acquisition campaign gets; with `stops_list` no text to the list
    leaves until its sender was looked at again. `alarm`: our own checks should have prevented it.
    """

    state: str = State.REJECTED
    reason: str = Reason.REFUSED
    membership: str = ""
    line: str = ""
    campaign: str = ""
    stops_list: bool = False
    alarm: bool = False


_DECLINED = Meaning(reason=Reason.DECLINED_AT_VIBES, membership=Subscription.State.DECLINED)
_NOT_MOBILE = Meaning(reason=Reason.LANDLINE, line=Number.Line.LANDLINE)
_CAMPAIGN_GONE = Meaning(reason=Reason.CAMPAIGN_GONE, campaign=GONE[0])
_NOT_ACTIVE = Meaning(reason=Reason.CAMPAIGN_NOT_ACTIVE, campaign="past")
_NO_NUMBER = Meaning(State.SKIPPED, Reason.INVALID_AT_VIBES, line=Number.Line.INVALID)

# (call, status, a piece of Vibes' words in lower case) → what it means; the first that fits.
# Not here: 401 and 403 (nobody's row, but the service), 429 and 5XX (made again, or unknown), 409
# (done already: a text was taken, a member is one after a read), 404 to an end (done), and
# EXTERNALPERSONIDMISMATCH (asked again without our id).
_TABLE = [
    (Action.TEXT, 400, "", Meaning(reason=Reason.NOT_UNDERSTOOD, alarm=True)),
    (Action.TEXT, 404, "", Meaning(reason=Reason.NO_SENDER, stops_list=True)),
    (Action.SUBSCRIBE, 400, "", _NO_NUMBER),
    (Action.SUBSCRIBE, 404, "", _CAMPAIGN_GONE),
    (Action.SUBSCRIBE, 422, "mdnhasconfirmationblock", _DECLINED),
    (Action.SUBSCRIBE, 422, "not active", _NOT_ACTIVE),
    (Action.SUBSCRIBE, 422, "custom field", Meaning(reason=Reason.CONFIGURATION)),
    (Action.SUBSCRIBE, 422, "custom_field", Meaning(reason=Reason.CONFIGURATION)),
    (Action.SUBSCRIBE, 422, "carrier", _NOT_MOBILE),
    (Action.SUBSCRIBE, 422, "landline", _NOT_MOBILE),
    (Action.UNSUBSCRIBE, 400, "", Meaning(State.SKIPPED, Reason.INVALID_AT_VIBES)),
]


def meaning(action: str, status: int, words: str) -> Meaning:
    """What this refusal means; one the table does not know is a failure, in Vibes' words."""
    said = words.casefold()
    for each, code, piece, found in _TABLE:
        if (each, code) == (action, status) and piece in said:
            return found
    return Meaning()
