"""Who is on a Vibes list without a line in the log: Vibes knew of it before we first asked."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from vibes.models import Subscription


def is_member(params: Any) -> Q:
    """That somebody is a member of the list (of any, where none is named) now.

    Nobody, where a date, a campaign or a number of times is asked for: of these we know nothing.
    """
    if params.at or params.campaign or (getattr(params, "times", None) or 1) > 1:
        return Q(pk__in=[])
    members = Subscription.objects.members().filter(mobile=OuterRef("mobile"))
    return Q(Exists(members.filter(vibes_list=params.vibes_list) if params.vibes_list else members))
