"""Who has this e-mail address or this number already: said before somebody is made a second time."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Lower

from people.models import Person

SHOWN = 5


def who_has(*, email: str, mobile: str) -> list[Person]:
    """The newest few with the address (whatever its case) or the number: one query over two indexes."""
    wanted = Q(pk=None)
    if email:
        wanted |= Q(email_folded=email.lower())
    if mobile:
        wanted |= Q(mobile=mobile)
    people = Person.objects.present().annotate(email_folded=Lower("email")).filter(wanted)
    return list(people.order_by("-pk")[:SHOWN]) if email or mobile else []
