"""What templates say of people."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from people import grid, mobile
from people.grid import Column
from people.models import Person, StaticList
from people.rights import DELETE, EXPORT, MERGE

register = template.Library()


@register.inclusion_tag("people/_number.html")
def number(person: Person) -> dict[str, Any]:
    """The person's number as people write it, or what was typed and is none."""
    return {"person": person, "national": mobile.national(person.mobile)}


@register.simple_tag
def shown_columns(columns: list[Column] | str) -> list[Column]:
    """The columns a table shows: those given, else the usual ones."""
    return columns if isinstance(columns, list) and columns else grid.usual()


@register.simple_tag
def cell(column: Column, person: Person) -> str:
    """A person's value in a column, in words."""
    return column.shown(person)


LISTS_OFFERED = 500


@register.inclusion_tag("people/_people_bar.html", takes_context=True)
def people_bar(context: template.Context) -> dict[str, Any]:
    """What can be done with ticked people: inside the form around their table.

    Of the page: `list`, where it is a static list, and `source`, what all of them are to a deed.
    """
    user, here = context["request"].user, context.get("list")
    others = StaticList.objects.order_by("name").exclude(pk=here.pk if here else 0)
    deeds = [reverse(page) for page, right in settings.PEOPLE_DEEDS.items() if user.has_perm(right)]
    return {
        "lists": others[:LISTS_OFFERED],
        "list": here,
        "source": context.get("source", ""),
        "deeds": deeds,
        "may_merge": user.has_perm(MERGE),
        "may_delete": user.has_perm(DELETE),
        "may_export": user.has_perm(EXPORT),
    }
