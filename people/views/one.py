"""What every page of one person begins with."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404

from people import history
from people.models import Person


def person(pk: int) -> Person:
    """Somebody who has not been deleted. Raises Http404."""
    return get_object_or_404(Person.objects.present(), pk=pk)


def frame(one: Person, tab: str) -> dict[str, Any]:
    """What the head of each of their pages shows."""
    return {"person": one, "tab": tab, "state": history.state(one.pk)}
