"""One person: fields, flags, panels of other apps, and what happened."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from people import editing, history, lists, paging
from people.fields import label
from people.forms import PersonForm
from people.models import Person, StaticList

FLAGS = ("block_listed", "marketing_suspended", "unsubscribed")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = editing.create(form.values(), by=_who(request), now=timezone.now())
        messages.success(request, _("%(person)s is in the database.") % {"person": made})
        return redirect(made)
    status = 422 if form.errors else 200
    return render(request, "people/new_person.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's page; a POST saves the fields that were changed."""
    person = _person(pk)
    form = PersonForm(request.POST or None, instance=_person(pk))
    if request.method == "POST" and form.is_valid():
        editing.change(person, form.values(), by=_who(request), now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect(person)
    context = {
        "person": person,
        "form": form,
        "flags": _flags(person),
        "panels": _panels(person),
        "lists": person.static_lists.order_by("name"),
        "other_lists": StaticList.objects.exclude(members=person).order_by("name"),
        "log": history.page(person, before=None),
        "state": history.state(person.pk),
    }
    return render(request, "people/person.html", context, status=422 if form.errors else 200)


@require_safe
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Older lines of the history, below the line named by `before`; or all those opened so far."""
    person = _person(pk)
    before = history.mark(request.GET.get("before", ""))
    pages = len(request.GET.getlist("page"))
    context = {"person": person, "log": history.page(person, before=before, pages=pages)}
    template = "people/_log.html" if request.htmx else "people/log.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_safe
def news(request: HttpRequest, pk: int) -> HttpResponse:
    """204 while nothing has happened since `state`; else what changed, and the event `person-changed`.

    An open page asks every other second; the timeline and the panels then fetch themselves anew.
    """
    state = history.state(pk)
    if state == request.GET.get("state"):
        return HttpResponse(status=204)
    person = _person(pk)
    context = {"person": person, "state": state, "lists": person.static_lists.order_by("name")}
    response = render(request, "people/_changed.html", context)
    trigger_client_event(response, "announce", {"text": _("The activity log has news.")})
    return trigger_client_event(response, "person-changed")


@require_POST
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn one of the flags on or off; the history says who did."""
    person = _person(pk)
    name = request.POST.get("flag", "")
    if name not in FLAGS:
        raise Http404
    on = request.POST.get("value") == "yes"
    editing.change(person, {name: on}, by=_who(request), now=timezone.now())
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(person)
    context = {"person": person, "flags": _flags(person), "state": history.state(pk)}
    response = render(request, "people/_flagged.html", context)
    return trigger_client_event(response, "person-changed")


@require_POST
def add_to_list(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(pk)
    chosen = get_object_or_404(StaticList, pk=paging.number(request.POST.get("list", "")))
    lists.add(chosen, [person.pk], by=_who(request), now=timezone.now())
    return redirect(person)


def _person(pk: int) -> Person:
    return get_object_or_404(Person.objects.present(), pk=pk)


def _who(request: HttpRequest) -> str:
    return request.user.get_username()


def _flags(person: Person) -> list[dict[str, object]]:
    said = {
        "block_listed": _("Gets no text and no e-mail at all."),
        "marketing_suspended": _("Gets no marketing texts for now."),
        "unsubscribed": _("Asked for no more marketing e-mail. Texts still go."),
    }
    return [
        {
            "name": name,
            "label": label(name),
            "on": getattr(person, name),
            "says": said[name],
        }
        for name in FLAGS
    ]


def _panels(person: Person) -> list[str]:
    """The addresses of what other apps show of a person (settings.PERSON_PANELS)."""
    return [url for name in settings.PERSON_PANELS if (url := _address(name, person))]


def _address(name: str, person: Person) -> str:
    try:
        return reverse(name, args=[person.pk])
    except NoReverseMatch:
        return ""
