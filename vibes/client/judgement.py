"""What became of a call: which of the three errors, if any (research: reliability 3.3)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import structlog

from . import wire
from .errors import LoginRefused, NotTrusted, Refused, Retryable, Unknown, VibesError, masked
from .reply import Answer

log = structlog.get_logger(__name__)
MOST_RETRY_AFTER = 60.0
# What TLS says when the other side wants a certificate, or does not take the one it was shown.
NOT_TAKEN = ("CERTIFICATE", "UNKNOWN_CA", "DECRYPT_ERROR", "ACCESS_DENIED", "HANDSHAKE_FAILURE")


def judge(answer: Answer) -> None:
    """Return when it is a 2xx, whichever; else raise Retryable, Refused, LoginRefused or Unknown."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    message, code = _words(answer)
    if status in (401, 403):
        raise LoginRefused(message or "The login was refused.", status=status, code=code)
    if status == 429:
        wait = _retry_after(answer)
        raise Retryable("Too many requests.", throttled=True, retry_after=wait, status=status)
    if status == 503 and message:
        raise Retryable(message, retry_after=_retry_after(answer), status=status)
    if 400 <= status < 500 and status != 408:
        strange = bool(answer.content and not message)
        raise Refused(message or f"Answered {status}.", status=status, code=code, strange=strange)
    raise Unknown(f"Answered {status}. {message}".strip(), status=status)


def fault(wrong: requests.RequestException) -> VibesError:
    """Why no answer came: Retryable when no byte can have left us, else Unknown.

    A certificate that the other side does not take is LoginRefused: TLS lets no call through then.
    In its version 1.3 we hear of it only after we wrote, or, if it hangs up at once, not at all.
    """
    why = f"{type(wrong).__name__}: {_innermost(wrong)}"
    log.warning("vibes call failed", why=masked(why), left=wire.bytes_may_have_left())
    if distrust := _distrust(wrong):
        return NotTrusted(f"Its certificate is not trusted here: {distrust}.")
    if alert := _alert(wrong):
        return LoginRefused(f"Our client certificate is missing or not taken ({alert}).", status=0)
    return Unknown(why) if wire.bytes_may_have_left() else Retryable(why)


def _alert(wrong: BaseException) -> str:
    """What the other side objects to in our certificate, or ''; that we object to theirs is no alert."""
    said = [each.reason or "" for each in _causes(wrong) if isinstance(each, ssl.SSLError)]
    alerts = [each for each in said if "ALERT" in each and any(word in each for word in NOT_TAKEN)]
    return alerts[0] if alerts else ""


def _distrust(wrong: BaseException) -> str:
    """What we object to in their certificate, or ''. Nothing has left then."""
    said = [each for each in _causes(wrong) if isinstance(each, ssl.SSLCertVerificationError)]
    return said[0].verify_message if said else ""


def _causes(wrong: BaseException | None) -> Iterator[BaseException]:
    while wrong is not None:
        yield wrong
        held = next((each for each in wrong.args if isinstance(each, BaseException)), None)
        wrong = wrong.__cause__ or wrong.__context__ or held


def _innermost(wrong: BaseException) -> str:
    """What the error says without the address, which holds the number that was asked about."""
    inner = wrong.args[0] if wrong.args else wrong
    reason = getattr(inner, "reason", inner)
    return type(reason).__name__ if isinstance(reason, BaseException) else "no answer"


def _words(answer: Answer) -> tuple[str, str]:
    """Vibes' own words and the first code, from its envelope; empty when there is no envelope."""
    try:
        errors = answer.json()["errors"]
        said = [str(each["message"]) for each in errors]
        return "; ".join(said), str(errors[0].get("code", ""))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return "", ""


def _retry_after(answer: Answer) -> float | None:
    """Seconds to wait, at most 60: told as a number or as a date. Rubbish counts as not said."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), MOST_RETRY_AFTER)
    if (until := _date(said)) is None:
        return None
    # By the clock that the date was read from, where the answer shows it.
    now = _date(answer.headers.get("Date", "")) or datetime.now(UTC)
    return min(max(0.0, (until - now).total_seconds()), MOST_RETRY_AFTER)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
