"""Mobile Phone Number."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.operators.text import TextForm
from campaigns.registry import filters
from people import mobile
from people.instance import DEFAULT_REGION


class NumberForm(TextForm):
    """Numbers in any spelling become what we keep; the beginning of a number, the beginning of that."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if typed := cleaned.get("value"):
            region = DEFAULT_REGION.get()
            operator = cleaned.get("operator", "")
            as_kept = (one for each in typed for one in _as_kept(each, operator, region))
            cleaned["value"] = tuple(dict.fromkeys(as_kept))
        return cleaned


@filters.register
class MobilePhoneNumber(TextFilter):
    """People by their number as we text it, which you may write in any way: (312) 555-0142.

    Without a country code it is a number of this installation’s own country; so is the beginning of a
    number, with 0 (or what is dialled first there) or without. Empty: none, or not a valid one.
    """

    kind = "mobile_phone_number"
    label = _("Mobile Phone Number")
    group = _("Person")
    field = "mobile"
    suggests = False
    Form = NumberForm


def _as_kept(typed: str, operator: str, region: str) -> tuple[str, ...]:
    """The number, or a part of one, as it stands in the column; what has no digits as it is."""
    is_part = operator in _PARTS and not re.search(r"[A-Za-z@]", typed)
    if is_part and re.search(r"[0-9]", typed):
        return _PARTS[operator](typed, region=region)
    if found := mobile.parse(typed, region=region).e164:
        return (found,)
    digits = re.sub(r"[^0-9]", "", typed)
    if not digits or re.search(r"[A-Za-z@]", typed):
        return (typed,)
    return (f"+{digits}" if typed.lstrip().startswith("+") else digits,)


_PARTS = {
    "starts_with": mobile.begins,
    "not_starts_with": mobile.begins,
    "contains": mobile.holds,
    "not_contains": mobile.holds,
}
