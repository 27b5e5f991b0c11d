"""Static lists: what there is, who is on one; putting people on and taking them off; renaming, deleting."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import lists, paging
from people.forms import ListForm
from people.models import Person, StaticList
from people.rights import DELETE_LIST
from people.views.back import back
from people.views.rights import who_may


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All lists with the number of their members; a POST makes a new one."""
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = lists.create(form.cleaned_data["name"], now=timezone.now())
        return redirect("people:list", made.pk)
    context = {"lists": StaticList.objects.with_sizes().order_by("name"), "form": form}
    return render(request, "people/lists.html", context, status=422 if form.errors else 200)


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The members of a list, newest person first."""
    static_list = get_object_or_404(StaticList, pk=pk)
    members = Person.objects.present().filter(static_lists=static_list)
    context = {
        "list": static_list,
        "source": f"static_list:{static_list.pk}",
        "elsewhere": lists.pages(static_list),
        "count": paging.count_in_words(members),
        "page": paging.page(
            members,
            before=paging.number(request.GET.get("before", "")),
            after=paging.number(request.GET.get("after", "")),
        ),
    }
    return render(request, "people/list.html", context)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put the ticked people, or those who were dragged, on a list."""
    static_list = get_object_or_404(StaticList, pk=paging.number(request.POST.get("list", "")))
    ticked = Person.objects.present().filter(pk__among=_ticked(request))
    ids = ticked.values_list("pk", flat=True)
    new = lists.add(static_list, ids, by=_who(request), now=timezone.now())
    words = ngettext(
        "%(n)d person is now on “%(list)s”.", "%(n)d people are now on “%(list)s”.", len(new)
    )
    said = words % {"n": len(new), "list": static_list}
    if new:
        messages.success(request, said)
    else:
        messages.info(request, _("Nobody new: they are on it already, or nobody was ticked."))
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return _back(request, static_list.pk)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the ticked people off the list; they stay in the database."""
    static_list = get_object_or_404(StaticList, pk=pk)
    gone = lists.remove(static_list, _ticked(request), by=_who(request), now=timezone.now())
    said = ngettext(
        "%(n)d person was taken off the list, and stays in the database.",
        "%(n)d people were taken off the list, and stay in the database.",
        len(gone),
    )
    messages.success(request, said % {"n": len(gone)} if gone else _("Nobody was ticked."))
    return _back(request, pk)


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for another name; a POST gives it."""
    static_list = get_object_or_404(StaticList, pk=pk)
    before = static_list.name
    form = ListForm(request.POST or None, instance=static_list)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                lists.rename(static_list, name=form.cleaned_data["name"])
            return redirect("people:list", pk)
        except IntegrityError:
            form.add_error("name", _("There is a list of this name already."))
    context = {"form": form, "list": static_list, "name": before}
    return render(request, "people/rename_list.html", context, status=422 if form.errors else 200)


@who_may(DELETE_LIST)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether to delete a list, never its people; a POST deletes it, where nothing uses it."""
    static_list = get_object_or_404(StaticList.objects.with_sizes(), pk=pk)
    uses = lists.uses(static_list)
    if request.method == "POST" and not uses:
        lists.delete(static_list)
        messages.success(
            request, _("The list “%s” is deleted. Its people stay in the database.") % static_list
        )
        return redirect("people:lists")
    context = {"list": static_list, "uses": uses}
    status = 422 if request.method == "POST" else 200
    return render(request, "people/delete_list.html", context, status=status)


def _ticked(request: HttpRequest) -> list[int]:
    return [number for one in request.POST.getlist("person") if (number := paging.number(one))]


def _who(request: HttpRequest) -> str:
    return request.user.get_username()


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page on which the people were ticked."""
    return redirect(back(request.POST, otherwise=reverse("people:list", args=[pk])))
