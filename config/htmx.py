"""What an htmx answer may carry beside its fragment: the messages, and that the person is no longer signed in."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django_htmx.http import trigger_client_event

Answer = Callable[[HttpRequest], HttpResponse]
LEAVES_THE_PAGE = ("HX-Redirect", "HX-Refresh", "HX-Location")


class SignedOutMiddleware:
    """Answer 401 and the event `signed-out` where htmx would be led to the sign-in page.

    Swapping that page into a fragment would throw away what was typed there.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.htmx and _leads_to_sign_in(response):  # type: ignore[attr-defined]
            return trigger_client_event(HttpResponse(status=401), "signed-out", {})
        return response


class MessagesAsToastsMiddleware:
    """Send waiting messages as the event `toast` with an htmx answer that keeps the page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.htmx or not _keeps_the_page(response):  # type: ignore[attr-defined]
            return response
        if notes := [_note(str(each), each.level_tag) for each in get_messages(request)]:
            trigger_client_event(response, "toast", {"notes": notes})
        return response


def _note(text: str, level: str) -> dict[str, str]:
    """What is said, how grave it is, and how a page draws it."""
    said = {"text": text, "level": level}
    return said | {"html": render_to_string("_note.html", said)}


def _leads_to_sign_in(response: HttpResponse) -> bool:
    sign_in = resolve_url(settings.LOGIN_URL)
    return response.status_code == 302 and response.headers["Location"].startswith(sign_in)


def _keeps_the_page(response: HttpResponse) -> bool:
    leaves = any(header in response.headers for header in LEAVES_THE_PAGE)
    return not leaves and not 300 <= response.status_code < 400
