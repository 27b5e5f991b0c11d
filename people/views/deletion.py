"""Deleting people: asked first; then the recycle bin, from where they come back or are erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from people import binning, paging, tasks
from people.models import Person, PersonQuerySet
from people.rights import DELETE, ERASE

from .back import back
from .rights import who_may

MUST_TYPE = 100  # above so many, the number is typed
NAMED = 10


@dataclass(frozen=True)
class Asked:
    """Some people something is to be done with, and whether somebody has confirmed just that."""

    ids: list[int]
    confirmed: bool
    error: str = ""

    @property
    def count(self) -> str:
        return number_format(len(self.ids), force_grouping=True)

    @property
    def joined(self) -> str:
        return ",".join(str(pk) for pk in self.ids)

    @property
    def must_type(self) -> bool:
        return len(self.ids) > MUST_TYPE


@who_may(DELETE)
@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    """Put the ticked people into the recycle bin; the first post asks, the second one does it."""
    asked = _asked(request, Person.objects.present())
    if not asked.confirmed:
        return _ask(request, asked, "people/delete.html")
    gone = binning.delete(asked.ids, by=_who(request), now=timezone.now())
    said = ngettext(
        "%(n)s person is in the recycle bin now.", "%(n)s people are in the recycle bin now.", gone
    )
    messages.success(request, said % {"n": gone})
    return redirect("people:bin")


@require_safe
def bin_page(request: HttpRequest) -> HttpResponse:
    """Who was deleted and can come back, and until when."""
    people = Person.objects.in_the_bin()
    context = {
        "page": paging.page(
            people,
            before=paging.number(request.GET.get("before", "")),
            after=paging.number(request.GET.get("after", "")),
        ),
        "count": paging.count_in_words(people),
        "now": timezone.now(),
        "may_restore": request.user.has_perm(DELETE),
        "may_erase": request.user.has_perm(ERASE),
    }
    return render(request, "people/bin.html", context)


@who_may(DELETE)
@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Take the ticked people out of the bin."""
    asked = _asked(request, Person.objects.in_the_bin())
    back = binning.restore(asked.ids, by=_who(request), now=timezone.now())
    said = ngettext("%(n)s person is back.", "%(n)s people are back.", back)
    messages.success(request, said % {"n": back} if back else _("Nobody was ticked."))
    return redirect("people:bin")


@who_may(ERASE)
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase the ticked people of the bin for good; the first post asks, the second one does it."""
    asked = _asked(request, Person.objects.in_the_bin())
    if not asked.confirmed:
        return _ask(request, asked, "people/erase.html")
    gone = binning.erase_soon(asked.ids, by=_who(request), now=timezone.now())
    tasks.erase_people.delay_on_commit()  # type: ignore[attr-defined]
    said = ngettext("%(n)s person is being erased.", "%(n)s people are being erased.", gone)
    messages.success(request, said % {"n": gone})
    return redirect("people:bin")


def _ask(request: HttpRequest, asked: Asked, template: str) -> HttpResponse:
    if not asked.ids:
        messages.error(request, _("Nobody was ticked."))
        page = "people:bin" if "erase" in template else "people:database"
        return redirect(back(request.POST, otherwise=reverse(page)))
    named = Person.objects.filter(pk__in=asked.ids[:NAMED]).order_by("pk")
    context = {"asked": asked, "named": named, "more": max(len(asked.ids) - NAMED, 0)}
    return render(request, template, context, status=422 if asked.error else 200)


def _asked(request: HttpRequest, among: PersonQuerySet) -> Asked:
    """The ticked people who are still so; confirmed where their number was typed if it has to be."""
    ids = list(
        among.filter(pk__among=_ids(request.POST)).order_by("pk").values_list("pk", flat=True)
    )
    if request.POST.get("confirmed") != "yes" or not ids:
        return Asked(ids, confirmed=False)
    typed = "".join(each for each in request.POST.get("typed", "") if each.isdigit())
    if len(ids) > MUST_TYPE and typed != str(len(ids)):
        shown = number_format(len(ids), force_grouping=True)
        return Asked(ids, confirmed=False, error=_("Type the number of people: %s.") % shown)
    return Asked(ids, confirmed=True)


def _ids(posted: Any) -> list[int]:
    """One by one as ticks come, or many in one field, joined by commas."""
    told = [*posted.getlist("person"), *posted.get("people", "").split(",")]
    return [pk for each in told if (pk := paging.number(each.strip()))]


def _who(request: HttpRequest) -> str:
    return request.user.get_username()
