"""Move those who wait inside an older version to the newest: what each would meet, asked once, and done as shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns import changes, drafts, moving, tasks, versions
from campaigns.models import Campaign, FlowVersion
from campaigns.moving import Plan
from campaigns.stopovers import Stopover

from . import canvas
from .confirming import SeenForm
from .schedule import linked


class MoveForm(SeenForm):
    """Only what was shown is done."""

    changed = gettext_lazy(
        "Who waits, or what they would meet, has changed meanwhile. Look at it again, then move them."
    )

    def __init__(self, data: Any = None, *, plan: Plan) -> None:
        super().__init__(data, people=plan.people, revision=plan.seen)


@dataclass(frozen=True)
class Place:
    """A place where people wait, in words: where it is, what they were about to meet, what they meet instead."""

    stopover: Stopover
    where: str
    was: str
    next: str
    passed: list[str]
    again: list[str]

    @property
    def begins(self) -> bool:
        """Whether they begin at the first step, since nothing is left of what they took."""
        return self.stopover.position == 0


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, version_id: int) -> HttpResponse:
    """What each of those who wait would meet; a POST moves them, if that is what was shown."""
    version, campaign = _version(version_id)
    plan = moving.plan(version, by=request.user)
    form = MoveForm(request.POST if request.method == "POST" else None, plan=plan)
    if form.is_bound and form.is_valid() and not plan.problems and plan.people:
        try:
            return _move(request, plan)
        except moving.SeenAnotherWay:
            plan = moving.plan(version, by=request.user)
            form = MoveForm(request.POST, plan=plan)
        except versions.NotReady:
            plan = moving.plan(version, by=request.user)
    return _show(request, campaign, plan, form)


def _version(pk: int) -> tuple[FlowVersion, Campaign]:
    found = get_object_or_404(FlowVersion.objects.select_related("campaign__node"), pk=pk)
    campaign = canvas.campaign_of(found.campaign_id)
    if found.number == campaign.versions.all()[0].number:
        raise Http404(_("This is the newest version."))
    return found, campaign


def _move(request: HttpRequest, plan: Plan) -> HttpResponse:
    seen, now = plan.seen, timezone.now()
    done = moving.move(plan.version, seen=seen, by=request.user, now=now)
    tasks.tick.delay_on_commit()  # type: ignore[attr-defined]
    figures = {"people": done.people, "from": done.version.number, "to": done.target.number}
    messages.success(request, moving.sentence(figures))
    return redirect("campaigns:flow", plan.version.campaign_id)


def _show(request: HttpRequest, campaign: Campaign, plan: Plan, form: MoveForm) -> HttpResponse:
    names = _Names(plan)
    draft = drafts.read(campaign)
    context = {
        "campaign": campaign,
        "tab": "flow",
        "plan": plan,
        "form": form,
        "moving": [names.place(each) for each in plan.moving],
        "staying": [names.place(each) for each in plan.staying],
        "problems": linked(campaign, plan.problems),
        "differences": changes.between(
            changes.of_version(plan.version), changes.of_version(plan.target)
        ),
        "is_published": versions.is_published(campaign, draft),
    }
    status = 422 if form.is_bound else 200
    return render(request, "campaigns/moving/page.html", context, status=status)


class _Names:
    """How a step is called: by its place in one of the two versions, and its sentence."""

    def __init__(self, plan: Plan) -> None:
        self._old, self._new = (_numbered(each) for each in (plan.version, plan.target))

    def place(self, of: Stopover) -> Place:
        return Place(
            of,
            where=self._old.get(of.at) or self._new.get(of.at) or _("A step that is gone"),
            was=self._old.get(of.was, ""),
            next=self._new.get(of.next, ""),
            passed=[self._new[each] for each in of.passed],
            again=[self._new[each] for each in of.again],
        )


def _numbered(version: FlowVersion) -> dict[int, str]:
    def said() -> Iterator[tuple[int, str]]:
        for number, (pk, words) in enumerate(changes.of_version(version).steps.items(), 1):
            yield pk, f"{number}. {words}"

    return dict(said())
