"""What is wrong with a draft, and how it stands to what is published: asked for by itself after a change in a card.

That needs the whole flow read, each card's form and all; a change is answered with its card alone, whose own
faults are said at its fields.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from campaigns import drafts
from campaigns.models import Campaign

from . import canvas


@require_safe
def state(request: HttpRequest, **key: int) -> HttpResponse:
    """The Issues panel, the state of publishing and its button. Without htmx the page they stand on."""
    owner = canvas.owner_of(**key)
    if not request.htmx:  # type: ignore[attr-defined]
        page = "flow" if isinstance(owner, Campaign) else "named-list"
        return redirect(f"campaigns:{page}", owner.pk)
    context = canvas.state_beside(owner, drafts.read_list(owner))
    context |= {"alone": True, "url": request.path}
    return render(request, "campaigns/cards/_draft_state.html", context)
