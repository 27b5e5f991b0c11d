"""The page of an SMS message: its draft with what it costs and looks like, and its approval."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from campaigns import message as composing
from campaigns import references, tokens
from campaigns.models import SmsMessage
from people import paging
from people.models import Person
from vibes import parts

FOUND = 6  # people offered to preview as


@require_safe
def page(request: HttpRequest, message_id: int) -> HttpResponse:
    message = _message(message_id)
    return render(request, "campaigns/message/page.html", _context(request, message))


@require_POST
def write(request: HttpRequest, message_id: int) -> HttpResponse:
    """Keep what was typed, and show what it comes to."""
    message, text = _message(message_id), _text(request)
    try:
        composing.write(message, text=text, seen=_seen(request), now=timezone.now())
    except composing.Overtaken as taken:
        return _show(request, message, text, theirs=taken.args[0])
    return _answer(request, message)


@require_POST
def preview(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show what was typed for another person; nothing is kept."""
    return _show(request, _message(message_id), _text(request), status=200, finding=True)


@require_POST
def approve(request: HttpRequest, message_id: int) -> HttpResponse:
    """Keep what was typed, and let it go out from now on."""
    message, text, now = _message(message_id), _text(request), timezone.now()
    try:
        composing.write(message, text=text, seen=_seen(request), now=now)
        version = composing.approve(message, by=request.user, now=now, text=text)
    except composing.Overtaken as taken:
        return _show(request, message, text, theirs=taken.args[0])
    except composing.NotApprovable:
        return _show(request, message, text, refused=True)
    messages.success(
        request, _("Approved as version %d. Runs begun before keep their text.") % version.number
    )
    return _go(request, message)


@require_POST
def plain(request: HttpRequest, message_id: int) -> HttpResponse:
    """Replace the characters that make the text dear by plain ones."""
    message = _message(message_id)
    text = composing.in_plain_characters(_text(request))
    composing.write(message, text=text, now=timezone.now())
    return _go(request, message)


@require_POST
def restore(request: HttpRequest, message_id: int) -> HttpResponse:
    """Make the draft what is approved."""
    message = _message(message_id)
    if message.approved:
        composing.write(message, text=message.approved.text, now=timezone.now())
        messages.success(request, _("The draft is the approved text again."))
    return _go(request, message)


def _message(pk: int) -> SmsMessage:
    found = SmsMessage.objects.present().select_related("node", "approved__approved_by")
    return get_object_or_404(found, pk=pk)


def _text(request: HttpRequest) -> str:
    """What was typed; browsers post line ends as two characters, phones have one."""
    return request.POST.get("text", "").replace("\r\n", "\n")


def _seen(request: HttpRequest) -> datetime | None:
    """The draft that this text follows; None when it shall stand whatever came between."""
    if request.POST.get("mine"):
        return None
    try:
        return parse_datetime(request.POST.get("seen", ""))
    except ValueError:
        return None


def _go(request: HttpRequest, message: SmsMessage) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(message.get_absolute_url())
    return HttpResponseRedirect(message.get_absolute_url())


def _answer(request: HttpRequest, message: SmsMessage) -> HttpResponse:
    """After a change: the parts of the page that show it, or the page without script."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _go(request, message)
    return render(
        request, "campaigns/message/_composed.html", _context(request, _message(message.pk))
    )


def _show(
    request: HttpRequest,
    message: SmsMessage,
    text: str,
    *,
    status: int = 422,
    **more: Any,
) -> HttpResponse:
    """The page as it was typed, with what stands against it."""
    template = "_composed" if request.htmx else "page"  # type: ignore[attr-defined]
    # What is not kept still follows the draft that its writer saw.
    context = _context(request, message, text) | {"seen": request.POST.get("seen", "")} | more
    response = render(request, f"campaigns/message/{template}.html", context, status=status)
    if "theirs" in more:  # what the page says of saving that failed
        response.reason_phrase = _("Somebody else changed it meanwhile.")
    return response


def _context(request: HttpRequest, message: SmsMessage, text: str | None = None) -> dict[str, Any]:
    text = message.text if text is None else text
    asked = request.POST or request.GET
    person = _person(asked.get("person", ""))
    return {
        "message": message,
        "text": text,
        "preview": composing.preview(text, person),
        "problems": composing.problems(text),
        "person": person,
        "can_be_plain": composing.in_plain_characters(text) != text,
        "seen": message.edited_at.isoformat(),
        "found": _found(asked.get("q", ""), person),
        "q": asked.get("q", ""),
        "longest": parts.LONGEST,
        "tokens": tokens.names(),
        "used_by": references.campaigns_using(message),
    }


def _person(pk: str) -> Person | None:
    return Person.objects.present().filter(pk=paging.number(pk) or 0).first()


def _found(words: str, chosen: Person | None) -> list[Person]:
    """People to preview as: whom the words find, else the newest; the chosen one stays."""
    people = Person.objects.present()
    found = people.search(words) if words.strip() else people
    others = [each for each in found.order_by("-pk")[:FOUND] if each != chosen]
    return [chosen, *others] if chosen else others
