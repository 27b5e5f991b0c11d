"""The operations page: why something is not sent, which processes live, whose database this is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import unlocking
from config.context import Frame
from people.views.rights import refuse_unless_may
from vibes import heartbeats, lock
from vibes.models import Unlocking

UNLOCK = "vibes.change_instance"
WORD = "unlock"


class UnlockForm(forms.Form):
    """The word that nobody types by accident."""

    word = forms.CharField(
        label=gettext_lazy("Type “unlock” to confirm"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def clean_word(self) -> str:
        typed: str = self.cleaned_data["word"]
        if typed.strip().lower() != WORD:
            raise forms.ValidationError(_("Type the word unlock, or leave the database locked."))
        return typed


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "reasons": Frame(request).reasons,
        "hearts": heartbeats.recent(now),
        "alive_since": now - heartbeats.ALIVE,
        "is_locked": lock.why() not in (None, lock.Why.NOT_DURABLE),
        "unlockings": Unlocking.objects.all()[:10],
    }
    return render(request, "operations/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Say what unlocking does, and do it when the word was typed (422 when it was not)."""
    refuse_unless_may(request, UNLOCK)
    form = UnlockForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form, status=422 if form.errors else 200)
    try:
        name = request.user.get_username()
        done = unlocking.unlock(by=request.user, by_name=name, now=timezone.now())
    except unlocking.NotLocked:
        messages.info(request, _("The database is not locked any more."))
        return redirect("operations")
    messages.success(request, told(done))
    return redirect("operations")


def _ask(request: HttpRequest, form: UnlockForm, *, status: int) -> HttpResponse:
    found = unlocking.consequences(now=timezone.now())
    context = {"form": form, "found": found, "words": lock.words(found.why)}
    return render(request, "operations/unlock.html", context, status=status)


def told(done: Unlocking) -> str:
    """What an unlocking did, in a sentence."""
    unknown = ngettext("%d text is unknown", "%d texts are unknown", done.unknown) % done.unknown
    count = len(done.runs)
    runs = ngettext("%d run was stopped", "%d runs were stopped", count) % count
    words = _("Unlocked: %(unknown)s, %(runs)s. Sending begins with what is started from now on.")
    return words % {"unknown": unknown, "runs": runs}


@require_safe
def details(request: HttpRequest) -> HttpResponse:
    """For monitoring: 200 while all is sent, 503 while something is not, and why."""
    refuse_unless_may(request, UNLOCK)
    reasons = Frame(request).reasons
    is_bad = any(each.level == "bad" for each in reasons)
    said: dict[str, Any] = {
        "sending": not is_bad,
        "reasons": [
            {"code": each.code, "level": each.level, "words": each.words} for each in reasons
        ],
        "processes": [
            {"role": each.role, "process": str(each), "seen_at": each.seen_at.isoformat()}
            for each in heartbeats.alive(timezone.now())
        ],
    }
    return JsonResponse(said, status=503 if is_bad else 200)
