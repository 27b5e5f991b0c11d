"""The types a field of a person can have: how a value is read, kept, compared and shown.

In Python a value is a str, bool, int, float, Decimal, date or aware datetime, and None where a type
other than text or Boolean is empty. As JSON keeps it, numbers are numbers, dates and moments ISO 8601
text of one width (moments in UTC), which sort as they should.
"""

from __future__ import annotations

import unicodedata
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people import email, mobile
from people.meant import HERE, Meant

YES = {"yes", "y", "true", "t", "1", "x", "on"}
NO = {"no", "n", "false", "f", "0", "off"}
LARGEST = 1 << 53  # beyond it a whole number is no longer one in every JSON reader
DATES = ("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
_url = URLValidator(schemes=["http", "https"])

# Every zone can say when they were: they lie two days within the calendar.
FIRST, LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)


class Unreadable(ValueError):
    """What was typed is no value of this type; the message says why, in words for the screen."""


class Compares(StrEnum):
    """By which operators values are compared."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True)
class FieldType:
    """One type. `reader` takes trimmed, non-empty text and raises Unreadable, without naming the field."""

    word: str
    label: str | Promise
    compares: Compares
    reader: Callable[[str, Meant], Any]
    longest: int = 255

    def read(self, typed: str, meant: Meant = HERE) -> Any:
        """The value of trimmed, non-empty text; `meant` is what it does not say. Raises Unreadable."""
        return self.reader(typed, meant)

    @property
    def empty(self) -> Any:
        """What a field of this type holds when nothing is in it."""
        return {Compares.TEXT: "", Compares.TRUTH: False}.get(self.compares)

    def to_json(self, value: Any) -> Any:
        """The value as JSON keeps it."""
        match value:
            case datetime():
                return f"{value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"
            case date():
                return value.isoformat()
            case Decimal():
                return float(value)
        return value

    def from_json(self, kept: Any) -> Any:
        """The inverse of `to_json`; what is not of this type is empty."""
        try:
            return _FROM_JSON.get(self.word, _same)(kept) if kept is not None else self.empty
        except (ValueError, TypeError, ArithmeticError):
            return self.empty

    def shown(self, value: Any) -> str:
        """The value as a person reads it; empty text when it is empty."""
        match value:
            case None | "":
                return ""
            case bool():
                return _("yes") if value else _("no")
            case datetime():
                return date_format(_in(value, timezone.get_current_timezone()), "DATETIME_FORMAT")
            case date():
                return date_format(value)
            case int() | float() | Decimal():
                return _number_shown(self.word, value)
        return str(value)

    def typed(self, value: Any, zone: tzinfo | None = None) -> str:
        """The value as one would type it where that zone is meant (none: ours): `read` gives it back."""
        match value:
            case None:
                return ""
            case bool():
                return "yes" if value else "no"
            case datetime():
                return _moment_typed(value, zone or timezone.get_default_timezone())
            case date():
                return value.isoformat()
        return str(value)


def quoted(text: str) -> str:
    """A piece of somebody's text in quotation marks, cut so that a message stays readable."""
    return f"“{text[:59]}…”" if len(text) > 60 else f"“{text}”"


# --- Reading --------------------------------------------------------------------------------------


def _alone(read: Callable[[str], Any]) -> Callable[[str, Meant], Any]:
    """A reader of what says everything itself."""
    return lambda typed, meant: read(typed)


def _string(typed: str) -> str:
    return _text_of(typed, 255)


def _text(typed: str) -> str:
    return _text_of(typed, 10_000)


def _text_of(typed: str, longest: int) -> str:
    text = unicodedata.normalize("NFC", typed)
    if len(text) > longest:
        said = _("This is longer than %(longest)s characters.")
        raise Unreadable(said % {"longest": number_format(longest, force_grouping=True)})
    if "\0" in text:
        raise Unreadable(_("This holds a character (NUL) that cannot be kept."))
    return text


def _email(typed: str) -> str:
    address = email.normal(typed)
    if not email.is_valid(address):
        raise Unreadable(_("%(typed)s is not an e-mail address.") % {"typed": quoted(typed)})
    return address


def _phone(typed: str, meant: Meant) -> str:
    """As a number the world over, where it is one; else as typed, which may have an extension."""
    return mobile.parse(typed, region=meant.country).e164 or _text_of(typed, 64)


def _web_address(typed: str) -> str:
    address = typed if "://" in typed else f"https://{typed}"
    try:
        _url(address)
    except ValidationError as wrong:
        raise Unreadable(_("%(typed)s is not a web address.") % {"typed": quoted(typed)}) from wrong
    return _string(address)


def _boolean(typed: str) -> bool:
    if typed.lower() not in YES | NO:
        raise Unreadable(_("%(typed)s is neither yes nor no.") % {"typed": quoted(typed)})
    return typed.lower() in YES


def _integer(typed: str) -> int:
    return _whole(typed, LARGEST)


def _small_integer(typed: str) -> int:
    return _whole(typed, 1 << 31)


def _whole(typed: str, bound: int) -> int:
    number = _decimal(typed, _("%(typed)s is not a whole number."))
    if number != number.to_integral_value() or abs(number) >= bound:
        raise Unreadable(_("%(typed)s is not a whole number.") % {"typed": quoted(typed)})
    return int(number)


def _float(typed: str) -> float:
    return float(_decimal(typed, _("%(typed)s is not a number.")))


def _hundredths(typed: str) -> Decimal:
    number = _decimal(typed.strip("$€£ %"), _("%(typed)s is not an amount."))
    if abs(number) >= 10**13 or number != round(number, 2):
        said = _("%(typed)s is not an amount with at most two decimals.")
        raise Unreadable(said % {"typed": quoted(typed)})
    return round(number, 2)


def _decimal(typed: str, said: str) -> Decimal:
    plain = typed.replace(",", "") if _is_grouped(typed) else typed
    try:
        number = Decimal(plain) if len(plain) < 40 and plain.isascii() else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= 10**300:
        raise Unreadable(said % {"typed": quoted(typed)})
    return number


def _is_grouped(typed: str) -> bool:
    """Whether its commas part thousands: 1,234,567.50."""
    whole, *groups = typed.partition(".")[0].lstrip("+-").split(",")
    return bool(groups) and 0 < len(whole) <= 3 and all(len(each) == 3 for each in groups)


def _date(typed: str) -> date:
    for pattern in DATES:
        try:
            return datetime.strptime(typed, pattern).date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(typed).date()
    except ValueError:
        said = _("%(typed)s is not a date. Write it as 2026-03-31 or 03/31/2026.")
        raise Unreadable(said % {"typed": quoted(typed)}) from None


def _moment(typed: str, meant: Meant) -> datetime:
    """With its zone, or in the one that is meant; a date alone is its midnight."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        try:
            day = _date(typed)
        except Unreadable:
            said = _("%(typed)s is not a date and time. Write it as 2026-03-31 14:30.")
            raise Unreadable(said % {"typed": quoted(typed)}) from None
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001  the zone comes next
    if timezone.is_naive(moment):
        moment = meant.moment(moment)
    try:
        found = moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        found = FIRST
    if FIRST < found < LAST:
        return found
    said = _("%(typed)s is out of range.")
    raise Unreadable(said % {"typed": quoted(typed)})


def _in(moment: datetime, zone: tzinfo) -> datetime:
    """In that zone; as it is where that would lie outside of the calendar."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def _moment_typed(moment: datetime, zone: tzinfo) -> str:
    """Of a time that comes twice the second one needs its offset: without it the first is meant."""
    local = _in(moment, zone)
    return local.isoformat(" ", "seconds") if local.fold else f"{local:%Y-%m-%d %H:%M:%S}"


def _zone(typed: str) -> str:
    if typed not in zones():
        said = _("%(typed)s is not a time zone such as America/Chicago.")
        raise Unreadable(said % {"typed": quoted(typed)})
    return typed


@cache
def zones() -> frozenset[str]:
    """Every IANA time zone this machine knows."""
    return frozenset(zoneinfo.available_timezones())


# --- Keeping and showing --------------------------------------------------------------------------


def _same(kept: Any) -> Any:
    return kept


def _exact(kept: Any) -> Decimal:
    return round(Decimal(str(kept)), 2)


def _moment_kept(kept: str) -> datetime:
    return datetime.fromisoformat(kept).astimezone(UTC)


_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "boolean": bool,
    "integer": int,
    "score": int,
    "float": float,
    "currency": _exact,
    "percent": _exact,
    "date": date.fromisoformat,
    "datetime": _moment_kept,
}


def _number_shown(word: str, value: Any) -> str:
    decimals = 2 if word == "currency" else None
    text = number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"{text} %" if word == "percent" else text


TYPES = {
    each.word: each
    for each in [
        FieldType("boolean", gettext_lazy("Boolean"), Compares.TRUTH, _alone(_boolean)),
        FieldType("integer", gettext_lazy("Integer"), Compares.NUMBER, _alone(_integer)),
        FieldType("float", gettext_lazy("Float"), Compares.NUMBER, _alone(_float)),
        FieldType("score", gettext_lazy("Score"), Compares.NUMBER, _alone(_small_integer)),
        FieldType("currency", gettext_lazy("Currency"), Compares.NUMBER, _alone(_hundredths)),
        FieldType("percent", gettext_lazy("Percent"), Compares.NUMBER, _alone(_hundredths)),
        FieldType("string", gettext_lazy("String"), Compares.TEXT, _alone(_string)),
        FieldType("text", gettext_lazy("Text"), Compares.TEXT, _alone(_text), 10_000),
        FieldType("email", gettext_lazy("Email"), Compares.TEXT, _alone(_email), 254),
        FieldType("phone", gettext_lazy("Phone"), Compares.TEXT, _phone, 64),
        FieldType("url", gettext_lazy("URL"), Compares.TEXT, _alone(_web_address)),
        FieldType("date", gettext_lazy("Date"), Compares.DATE, _alone(_date)),
        FieldType("datetime", gettext_lazy("Datetime"), Compares.MOMENT, _moment),
    ]
}
# Types that only standard fields have.
ZONE = FieldType("zone", gettext_lazy("Time Zone"), Compares.TEXT, _alone(_zone), 64)
NUMBER_AS_TYPED = FieldType(
    "mobile",
    gettext_lazy("Mobile Phone Number"),
    Compares.TEXT,
    lambda typed, meant: typed[:64],
    64,
)
