"""Where a page leads once something has started."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from campaigns.models import Run


def go_to_results(request: HttpRequest, to: Run) -> HttpResponse:
    """To the Results of a run, from a dialog as from a page."""
    url = f"{reverse('campaigns:results', args=[to.campaign_id])}?run={to.pk}"
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
