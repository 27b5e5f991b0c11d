"""What a webhook says for one person: its address and its body, merged."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from people.models import Person

from . import outward
from .models import Webhook
from .tokens import compile_text

_quoted = partial(quote, safe="")


def complaint(hook: Webhook) -> str:
    """What stands against calling it at all, in words; empty when nothing does."""
    _origin, _end, rest = hook.url.partition("//")
    if "{{" in rest.split("/")[0].split("?")[0]:
        return _("Tokens stand after the host only.")
    unknown = [*compile_text(hook.url).unknown, *compile_text(hook.body).unknown]
    if unknown:
        return _("No field of people is called %(token)s.") % {"token": unknown[0]}
    return outward.complaint(hook.url) or _complaint_of_body(hook)


def _complaint_of_body(hook: Webhook) -> str:
    if hook.body and hook.method == Webhook.Method.GET:
        return _("GET takes no body. Choose POST, or leave the body empty.")
    try:
        json.loads(hook.body or "null")
    except ValueError as wrong:
        return _("The body is not JSON: %(why)s.") % {"why": wrong}
    return ""


def columns(hook: Webhook) -> set[str]:
    """The columns of a person that it says."""
    return compile_text(hook.url).columns | compile_text(hook.body).columns


def merged(hook: Webhook, person: Person) -> dict[str, Any]:
    """{"url", "body"} for one person. What stands in a token can end neither its place in the address nor its
    text in the body."""
    found: dict[str, Any] = {"url": compile_text(hook.url).render(person, through=_quoted)}
    if hook.body:
        found["body"] = _filled(json.loads(hook.body), person)
    return found


def _filled(said: Any, person: Person) -> Any:
    match said:
        case str():
            return compile_text(said).render(person)
        case list():
            return [_filled(each, person) for each in said]
        case dict():
            return {key: _filled(each, person) for key, each in said.items()}
    return said
