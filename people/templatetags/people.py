"""What templates say of people."""

from typing import Any

from django import template

from people import mobile
from people.models import Person

register = template.Library()


@register.inclusion_tag("people/_number.html")
def number(person: Person) -> dict[str, Any]:
    """The person's number as people write it, or what was typed and is none."""
    return {"person": person, "national": mobile.national(person.mobile)}
