"""Possible Duplicates: who shares a number, an e-mail address or a full name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from people import duplicates
from people.rights import MERGE

LONGEST = 520


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Groups of people who share what `by` says, behind the key `after`."""
    by = duplicates.BY.get(request.GET.get("by", ""), duplicates.BY["mobile"])
    after = request.GET.get("after", "").replace("\0", "")[:LONGEST]
    found = duplicates.page(by, after=after)
    context = {
        "by": by,
        "every": duplicates.BY.values(),
        "page": found,
        "behind": after,
        "next": urlencode({"by": by.word, "after": found.after}) if found.after else "",
        "may_merge": request.user.has_perm(MERGE),
    }
    return render(request, "people/duplicates.html", context)
